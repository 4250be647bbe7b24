"""Reviews over the telemetry that this process owns. Blocking."""

from dashboard.api.control.house import House
from dashboard.beta.of_home import HomeBeta
from dashboard.review.provider import Reviewed, TelemetryEvidence, unreadable
from gates.policy.evidence import ReviewEvidence
from gates.verdict.question import Question


def reviewed(house: House, question: Question) -> tuple[Reviewed | None, ReviewEvidence]:
    """The whole review, null where the telemetry cannot be read; and what the change service keeps of it."""
    with house.store() as store:
        provider = TelemetryEvidence(house.telemetry, HomeBeta(house.home, store).permits_steady)
        try:
            found = provider.reviewed(question)
        except Exception as error:  # noqa: BLE001  whatever it was, it is no evidence, and it is said
            return None, unreadable(question, error)
    return found, found.kept
