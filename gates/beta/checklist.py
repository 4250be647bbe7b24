"""The state of every item, from facts and statements, with its reason. An item is met, or it says why not."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from gates.beta.facts import BetaFacts, Statement
from gates.beta.home_probes import DAY_NS, days_ago
from gates.beta.items import BY_ID, ITEMS, STEADY_LISTS, BetaList, Item
from gates.beta.observed import Observed, Shown
from gates.beta.probes import observe
from gates.verdict.words import VerdictWord


class State(StrEnum):
    """Only the first two count. What expired, or is contradicted by fresh data, is open again."""

    MET = "MET"
    SIGNED = "SIGNED"
    OPEN = "OPEN"
    EXPIRED = "EXPIRED"
    CONTRADICTED = "CONTRADICTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """An item with its state. `statement` is the newest that stands or ran out, null where nobody signed.

    `expires_ns` is when the statement ends. `causes` is the verdict that fresh data against the item cause.
    """

    item: Item
    state: State
    reason: str
    statement: Statement | None
    expires_ns: int | None
    causes: VerdictWord | None

    @property
    def is_met(self) -> bool:
        """Whether it counts."""
        return self.state in (State.MET, State.SIGNED)

    @property
    def is_hard_stop(self) -> bool:
        """An item of the list after every change that fails on fresh data: the plans require rollback."""
        return self.item.belongs is BetaList.AFTER_CHANGE and self.state is State.CONTRADICTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """All items, in the order of the lists."""

    results: tuple[Result, ...]

    def of(self, belongs: BetaList) -> tuple[Result, ...]:
        """The items of one list."""
        return tuple(result for result in self.results if result.item.belongs is belongs)

    @property
    def hard_stops(self) -> tuple[Result, ...]:
        """What requires rollback."""
        return tuple(result for result in self.results if result.is_hard_stop)

    @property
    def permits_steady(self) -> bool:
        """Whether the beta criteria are met and signed: every list but the exit to GA."""
        return all(result.is_met for result in self.results if result.item.belongs in STEADY_LISTS)


def checklist(facts: BetaFacts, statements: Iterable[Statement]) -> Checklist:
    """Judge every item. Statements are those not withdrawn, in any order."""
    newest: dict[str, Statement] = {}
    for statement in sorted(statements, key=lambda one: one.at_ns):
        if statement.at_ns <= facts.now_ns:  # one of the future says nothing yet
            newest[statement.item_id] = statement
    return Checklist(results=tuple(_result(item, facts, newest.get(item.item_id)) for item in ITEMS))


def ends_ns(item: Item, at_ns: int, wanted_ns: int | None) -> int:
    """When a statement of `at_ns` about a signed item ends: as wanted, at the latest at the item's bound."""
    bound_ns = at_ns + (item.valid_days or 0) * DAY_NS
    return bound_ns if wanted_ns is None else min(bound_ns, wanted_ns)


def known(item_id: str) -> Item | None:
    """The item of that id, or None."""
    return BY_ID.get(item_id)


def _result(item: Item, facts: BetaFacts, statement: Statement | None) -> Result:
    observed = None if item.probe is None else observe(item.probe, facts)
    if not item.is_signed and observed is not None:
        return Result(
            item=item,
            state=_computed(observed.shown),
            reason=observed.words,
            statement=None,
            expires_ns=None,
            causes=observed.causes,
        )
    state, reason, expires_ns = _signed(item, facts.now_ns, statement, observed)
    causes = observed.causes if state is State.CONTRADICTED and observed is not None else None
    return Result(
        item=item, state=state, reason=reason, statement=statement, expires_ns=expires_ns, causes=causes
    )


def _computed(shown: Shown) -> State:
    match shown:
        case Shown.HOLDS:
            return State.MET
        case Shown.FAILS:
            return State.CONTRADICTED
        case Shown.SILENT:
            return State.OPEN
        case Shown.RAN_OUT:
            return State.EXPIRED
        case _:
            assert_never(shown)


def _signed(
    item: Item, now_ns: int, statement: Statement | None, observed: Observed | None
) -> tuple[State, str, int | None]:
    if observed is not None and observed.shown is Shown.FAILS:
        return State.CONTRADICTED, f"fresh data speak against it: {observed.words}", None
    how = f"`slotgate beta sign {item.item_id} --link … --text …`"
    if statement is None:
        return State.OPEN, f"nobody has signed it: {how}", None
    end_ns = ends_ns(item, statement.at_ns, statement.expires_ns)
    signed = f"signed by {statement.author} {days_ago(now_ns - statement.at_ns)}"
    if now_ns >= end_ns:
        return State.EXPIRED, f"{signed}, and ran out {days_ago(now_ns - end_ns)}: {how}", end_ns
    return State.SIGNED, signed, end_ns
