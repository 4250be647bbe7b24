"""What the budget guard does by itself: it warns once a day, and stops. It never opens anything.

The stop is a kill like any other: effect first, record after, and only a reviewed release ends it. A
release while the day's budget is still used up is stopped again; who asks for one is told.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from gates.changes.answers import Answer
from gates.changes.automatic import Narrowed, stop_by_itself
from gates.changes.budgeting import propose_spending
from gates.changes.content import Terms
from gates.changes.desk import Desk
from gates.changes.spending import Held, Spending, SpendingDocument, held, spending_in_force
from gates.controls.instant import timestamp
from gates.policy.intent import Actor
from gates.store.port import Transaction

SYSTEM = "system|budget"
SAID = "budget_said"
"""Setting: what was said on which day, under which version of the budget."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    day: str
    version: int
    names: tuple[str, ...]
    used_up: str | None


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

    def propose_spending(
        self, actor: Actor, name: SpendingDocument, document: Mapping[str, object], terms: Terms
    ) -> Answer:
        """Ask for another; one that takes nothing off the guard is in force at once. `InvalidChange`."""
        return propose_spending(self._desk, actor, name, document, terms)

    def note_budget(self, day: str, version: int, warnings: Mapping[str, str], used_up: str | None) -> None:
        """Record what is new of `warnings`, names that stay with words, each once a `day` and `version`.

        `used_up` says why everything must stop today, null while it need not. Raises a `StoreError`.
        """
        with self._desk.store.read() as tx:
            before = _said(tx, day, version)
        names = tuple(dict.fromkeys((*before.names, *warnings)))
        if (names, used_up is None) == (before.names, before.used_up is None):
            return
        with self._desk.store.begin() as tx:
            before = _said(tx, day, version)
            for name, words in warnings.items():
                if name not in before.names:
                    after = {"day": day, "limit": name}
                    self._desk.note(tx, SYSTEM, "budget warning", target="budget", after=after, reason=words)
            kept = {"day": day, "version": version, "names": list(names), "usedUp": used_up}
            tx.settings.set(SAID, json.dumps(kept, separators=(",", ":")))

    def stop_for_budget(self, reason: str) -> Narrowed:
        """Stop everything. Never raises: what cannot be recorded now is recorded late."""
        return stop_by_itself(self._desk, SYSTEM, f"budget: {reason}")

    def budget_used_up(self) -> str | None:
        """Why a release today would be stopped again, in words; null where it would not.

        A budget that was changed since is not used up until the guard saw it so.
        """
        today = timestamp(self._desk.clock())[:10]
        with self._desk.store.read() as tx:
            said = _said(tx, today, spending_in_force(tx).version)
        if said.used_up is None:
            return None
        return f"{said.used_up}; the guard stops again until the limit is raised or the day (UTC) is over"


def _said(tx: Transaction, day: str, version: int) -> _Said:
    """What was said on that day under that version; nothing, where it was another."""
    nothing = _Said(day=day, version=version, names=(), used_up=None)
    try:
        kept = json.loads(tx.settings.get(SAID) or "null")
        if kept is None or (kept["day"], kept["version"]) != (day, version):
            return nothing
        return _Said(day=day, version=version, names=tuple(kept["names"]), used_up=kept["usedUp"])
    except (ValueError, KeyError, TypeError):
        return nothing  # said twice is better than not at all
