"""Automatic narrowing: what a ROLL BACK does by itself where an admin asked for it. Off by default.

    off            a person acts
    kill           a live ROLL BACK stops everything
    last-approved  a live ROLL BACK returns to the newest controls that people expanded from on EXPAND;
                   where that takes nothing away, it stops everything
    critical-kill  critical gate-audit findings stop everything; any other ROLL BACK is left to a person

It only ever narrows, through the same boundary as a person. One admin sets it, with a reason, either
way: it opens nothing, and one that misfires at night must be ended by whoever is awake.
"""

from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from gates.changes.desk import Desk
from gates.changes.documents import Document
from gates.changes.gathering import newest_revision
from gates.changes.killing import deed_of
from gates.changes.latching import sentence_of
from gates.changes.narrowing import narrow
from gates.changes.recording import record
from gates.errors import GateError, InvalidChange, NotSignedIn
from gates.kill import stop
from gates.policy.evidence import ReviewEvidence
from gates.policy.intent import Actor, Role
from gates.store.port import Transaction

SETTING = "auto_narrow"
SYSTEM = "system|verdict"


class AutoNarrow(StrEnum):
    """What happens by itself."""

    OFF = "off"
    KILL = "kill"
    LAST_APPROVED = "last-approved"
    CRITICAL_KILL = "critical-kill"


class Deed(StrEnum):
    """What is to be done now."""

    NOTHING = "nothing"
    KILL = "kill"
    NARROW = "narrow"


def deed(setting: AutoNarrow, *, rolls_back: bool, critical: bool) -> Deed:
    """`rolls_back`: the live verdict of the revision in force says so now; `critical`: for that reason."""
    if not rolls_back:
        return Deed.NOTHING
    match setting:
        case AutoNarrow.OFF:
            return Deed.NOTHING
        case AutoNarrow.KILL:
            return Deed.KILL
        case AutoNarrow.LAST_APPROVED:
            return Deed.NARROW
        case AutoNarrow.CRITICAL_KILL:
            return Deed.KILL if critical else Deed.NOTHING
        case _:
            assert_never(setting)


def auto_narrow(tx: Transaction) -> AutoNarrow:
    """The setting. What cannot be understood was meant to protect: it kills."""
    text = tx.settings.get(SETTING) or AutoNarrow.OFF.value
    return AutoNarrow(text) if text in set(AutoNarrow) else AutoNarrow.KILL


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """What was done by itself, in words; `stands`: it took effect. `late` says why it is not recorded yet."""

    words: str
    stands: bool
    late: str | None


class Automatic:
    """The part of the change service that narrows by itself."""

    _desk: Desk

    def auto_narrow(self) -> AutoNarrow:
        """The setting."""
        with self._desk.store.read() as tx:
            return auto_narrow(tx)

    def set_auto_narrow(self, actor: Actor, wanted: AutoNarrow, reason: str) -> AutoNarrow:
        """Set it; what it was. Raises `NotSignedIn` for who is no admin, `InvalidChange` without a reason."""
        if not reason.strip():
            raise InvalidChange("say why with --reason")
        desk, allowed = self._desk, Role.ADMIN in actor.roles
        with desk.store.begin() as tx:
            before = auto_narrow(tx)
            if allowed:
                tx.settings.set(SETTING, wanted.value)
            action = "auto-narrow" if allowed else "auto-narrow refused"
            after = {"from": before.value, "to": wanted.value}
            desk.note(tx, actor.actor_id, action, target="setting", after=after, reason=reason)
        if not allowed:
            raise NotSignedIn(f"`{actor.actor_id}` may not set this: it takes the role admin")
        return before

    def narrow_automatically(
        self, evidence: ReviewEvidence, *, rolls_back: bool, critical: bool
    ) -> Narrowed | None:
        """Narrow, where the setting asks for it; null where nothing was to do.

        `rolls_back` and `critical` are of the live verdict, as in `deed`. Evidence of a revision that
        is in force no more narrows nothing. Raises a `StoreError` where the setting cannot be read.
        """
        with self._desk.store.read() as tx:
            if newest_revision(tx).revision != evidence.revision:
                return None
            wanted = deed(auto_narrow(tx), rolls_back=rolls_back, critical=critical)
            approved = last_approved(tx) if wanted is Deed.NARROW else None
        reason = f"automatic: {sentence_of(evidence)}"
        if wanted is Deed.NOTHING:
            return None
        if approved is not None:
            answer = self._narrow_to(approved, reason)
            if answer is not None:
                return answer
        return stop_by_itself(self._desk, SYSTEM, reason)

    def _narrow_to(self, approved: Document, reason: str) -> Narrowed | None:
        """Null where that takes nothing away."""
        with suppress(GateError):  # whatever kept it from narrowing, the kill is left
            answer = narrow(self._desk, Actor(SYSTEM, frozenset({Role.ONCALL})), patch_to(approved), reason)
            if answer.revision is not None:
                words = f"NARROWED to the last approved controls, revision {answer.revision}; {reason}"
                return Narrowed(words=words, stands=True, late=answer.late)
        return None


def stop_by_itself(desk: Desk, by: str, reason: str) -> Narrowed:
    """Stop everything on behalf of the part of the system called `by`. Never raises."""
    stopped = stop(desk.home, desk.clock)
    late = record(desk.store, desk.publisher, desk.late, deed_of(stopped, by=by, reason=reason), desk.ids())
    words = f"STOPPED, {stopped.read_back}; {reason}"
    if not stopped.killed:
        words = f"STOP FAILED, run `slotgate kill`: {stopped.read_back}; {reason}"
    return Narrowed(words=words, stands=stopped.killed, late=late)


def last_approved(tx: Transaction) -> Document | None:
    """The newest controls that people expanded from on a verdict of EXPAND; null where there are none."""
    number = tx.reviews.expanded_before(newest_revision(tx).revision)
    request = None if number is None else tx.requests.get(number)
    revision = None if request is None else tx.revisions.get(request.base_revision)
    return None if revision is None else revision.after


def patch_to(approved: Document) -> dict[str, object]:
    """What narrows to `approved` at most: the lesser percent, the common scope, what is off there."""
    patch: dict[str, object] = {"percent": approved["percent"], "allowlist": approved["allowlist"]}
    if not approved["feature"]:
        patch["feature"] = False
    return patch | ({"kill": True} if approved["kill"] else {})
