"""What the budget guard does by itself: it warns once a day, and stops. It never opens anything.

The stop is a kill like any other: effect first, record after, and only a reviewed release ends it. A
release while the day's budget is still used up is stopped again; who asks for one is told.
"""

from collections.abc import Mapping

from gates.changes.automatic import Narrowed, stop_by_itself
from gates.changes.budget_said import Said, keep, said, stopped_again
from gates.changes.desk import Desk
from gates.changes.spending import Held, Spending, SpendingDocument, held, spending_in_force

SYSTEM = "system|budget"


class Guarding:
    """The part of the change service that keeps the budget."""

    _desk: Desk

    def spending(self) -> Spending:
        """The budget and the price table in force."""
        with self._desk.store.read() as tx:
            return spending_in_force(tx)

    def spending_document(self, name: SpendingDocument) -> Held | None:
        """One of them as it was put in force. Raises `ValueError`, `KeyError` or `TypeError`."""
        with self._desk.store.read() as tx:
            return held(tx, name)

    def note_budget(self, day: str, version: int, warnings: Mapping[str, str], used_up: str | None) -> None:
        """Record what is new of `warnings`, names that stay with words, each once a `day` and `version`.

        `used_up` says why everything must stop today, null while it need not. Raises a `StoreError`.
        """
        with self._desk.store.read() as tx:
            before = said(tx, day, version)
        if before.names == _with(before, warnings) and (before.used_up is None) == (used_up is None):
            return
        with self._desk.store.begin() as tx:
            before = said(tx, day, version)
            for name, words in warnings.items():
                if name not in before.names:
                    after = {"day": day, "limit": name}
                    self._desk.note(tx, SYSTEM, "budget warning", target="budget", after=after, reason=words)
            keep(tx, Said(day=day, version=version, names=_with(before, warnings), used_up=used_up))

    def stop_for_budget(self, reason: str) -> Narrowed:
        """Stop everything. Never raises: what cannot be recorded now is recorded late."""
        return stop_by_itself(self._desk, SYSTEM, f"budget: {reason}")

    def budget_used_up(self) -> str | None:
        """Why a release now would be stopped again, in words; null where it would not."""
        with self._desk.store.read() as tx:
            return stopped_again(tx, self._desk.clock())


def _with(before: Said, warnings: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*before.names, *warnings)))
