"""The evidence of a home, put together only when somebody asks: kill and run must stay small."""

from typing import TYPE_CHECKING

from dashboard.review.blind import blind
from gates.home import Home
from gates.policy.evidence import ReviewEvidence
from gates.store.port import StorePort
from gates.verdict.question import Question

if TYPE_CHECKING:
    from dashboard.review.provider import TelemetryEvidence

_ELSEWHERE = "review where telemetry is ingested, or install slotgate[dashboard]"


class HomeEvidence:
    """Asks the running server, else the telemetry file of `home`.

    With its `store` the beta criteria are looked at too; without, they are not met.
    """

    def __init__(self, home: Home, store: StorePort | None = None) -> None:
        self._home = home
        self._store = store

    def evidence(self, question: Question) -> ReviewEvidence:
        """See the port of the change service. Never raises."""
        try:
            provider = self.provider()
        except ModuleNotFoundError as error:
            return blind(question, f"this host has no {said_of(error)}: {_ELSEWHERE}")
        return provider.evidence(question)

    def provider(self) -> "TelemetryEvidence":
        """Raises `ModuleNotFoundError` on a host that has only what an executor needs."""
        from dashboard.review.provider import TelemetryEvidence
        from dashboard.telemetry.at_home import HomeTelemetry

        telemetry = HomeTelemetry(self._home)
        if self._store is None:
            return TelemetryEvidence(telemetry)
        from dashboard.beta.of_home import HomeBeta

        return TelemetryEvidence(telemetry, HomeBeta(self._home, self._store).permits_steady)


def said_of(error: ModuleNotFoundError) -> str:
    """The missing package by its own name."""
    name = str(error.name).partition(".")[0]
    return {"duckdb": "DuckDB", "scipy": "SciPy"}.get(name, name)
