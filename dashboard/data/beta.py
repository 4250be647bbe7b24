"""What the page of the beta criteria says about items and lists beside their state. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from gates.beta.checklist import Checklist, Result, State
from gates.beta.items import STEADY_LISTS, BetaList, Item
from gates.store.review_rows import StatementRow

CI_JOBS = {
    "pre-clean-main": "the job that builds main from a clean checkout and finds nothing changed afterwards",
    "flight-ci-green": "the last job of a build of main, when all others passed",
    "flight-telemetry-validation": "the job that validates the telemetry of the tests against the contract",
    "flight-kill-check": "the job that runs the conformance files: under the kill nothing reaches the model",
    "flight-stubbed-server": "the job that runs the enabled path against a stubbed server, without a network",
    "ready-contracts": "the job that compares the four exported schemas with the locked ones",
}
"""Which job of a build feeds an item, by what it does: its name is the build's own."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of a list counts now."""

    belongs: BetaList
    met: int
    signed: int
    of: int


def progress(found: Checklist) -> tuple[Progress, ...]:
    """For every list, in their order."""
    return tuple(
        Progress(
            belongs,
            sum(one.state is State.MET for one in found.of(belongs)),
            sum(one.state is State.SIGNED for one in found.of(belongs)),
            len(found.of(belongs)),
        )
        for belongs in BetaList
    )


def against_steady(found: Checklist) -> tuple[Result, ...]:
    """What stands between the home and `steady`."""
    return tuple(one for one in found.results if one.item.belongs in STEADY_LISTS and not one.is_met)


def what_would_meet(result: Result) -> str:
    """What has to happen, in a sentence; empty where it is met."""
    item = result.item
    if result.is_met:
        return ""
    if not item.is_signed:
        ends = result.state is State.CONTRADICTED
        return (
            "the cause ends, and lines of a new revision show it" if ends else "evidence: it cannot be signed"
        )
    if result.state is State.CONTRADICTED:
        return "no signature counts while fresh data speak against it: the cause must end first"
    if item.ci:
        return f"a build states it through `POST /hooks/ci`: {CI_JOBS[item.item_id]}; or a person signs it"
    return f"a person signs it, with a link to what shows it; a signature stands {item.valid_days} days"


def how_shown(item: Item) -> str:
    """What can show an item, in a few words."""
    if not item.is_signed:
        return "computed from evidence"
    parts = ["by a build or a person" if item.ci else "by a person"]
    if item.probe is not None:
        parts.append("contradicted by fresh data")
    return f"signed {', '.join(parts)}"


def standing(rows: Sequence[StatementRow], item_id: str) -> tuple[int, ...]:
    """The numbers of the statements about an item that nobody withdrew: what an author saw before acting."""
    return tuple(row.statement_id for row in rows if row.item == item_id and row.withdrawn_at_ns is None)
