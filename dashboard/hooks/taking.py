"""What becomes of a statement: a passed build signs, a failed one takes the signature back.

The same delivery has its effect once. The store remembers those that signed or withdrew something,
for ever; this process those that found nothing to withdraw, for as long as they are fresh.
"""

from contextlib import suppress
from dataclasses import dataclass, field

from dashboard.hooks.statement import FRESH_NS, CiStatement
from gates.changes.saying import Saying
from gates.errors import UnknownEntry
from gates.policy.intent import Actor, Role
from gates.store.review_rows import StatementRow

# Whoever knows the secret may say what any operator on call may say, and only about what a build shows.
BUILD = Actor("ci|webhook", frozenset({Role.ONCALL}))


@dataclass(slots=True)
class Deliveries:
    """What was taken lately: when, by delivery."""

    _taken: dict[str, int] = field(default_factory=dict)

    def knows(self, delivery: str, now_ns: int) -> bool:
        """Whether it was taken by this process while it could still be fresh."""
        self._taken = {name: at_ns for name, at_ns in self._taken.items() if now_ns - at_ns <= 2 * FRESH_NS}
        return delivery in self._taken

    def note(self, delivery: str, now_ns: int) -> None:
        """It was taken."""
        self._taken[delivery] = now_ns


def take(service: Saying, rows: tuple[StatementRow, ...], stated: CiStatement) -> str:
    """Carry it out; what was done, in words. Raises a `GateError`.

    `rows` are all statements of the home. A success older than the newest withdrawal of its item signs
    nothing: what failed since has to pass anew.
    """
    mine = [row for row in rows if row.item == stated.item]
    if any(stated.mark in f"{row.text} {row.withdrawn_because or ''}" for row in rows):
        return "taken before; nothing was changed"
    if not stated.passed:
        with suppress(UnknownEntry):
            withdrawn = service.withdraw_statement(
                BUILD, stated.item, f"{stated.text} {stated.link} {stated.mark}"
            )
            return f"{withdrawn} withdrawn: `{stated.item}` is open again"
        return f"nothing stood: `{stated.item}` is open"
    if any(row.withdrawn_at_ns is not None and row.withdrawn_at_ns >= stated.at_ns for row in mine):
        return f"older than the withdrawal of `{stated.item}`; nothing was changed"
    number = service.sign_statement(BUILD, stated.item, stated.link, f"{stated.text} {stated.mark}")
    return f"statement {number}: `{stated.item}` is signed"
