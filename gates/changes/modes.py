"""The enforcement mode: explicit, kept in the home, and agreed with the environment.

More enforcement takes one admin, and to `enforce` the acceptance checks; less takes two people.
"""

from collections.abc import Mapping

from gates.changes.acceptance import Acceptance, acceptance
from gates.changes.answers import Answer
from gates.changes.content import MODE, Terms, mode_content
from gates.changes.desk import Desk
from gates.changes.gathering import MODE as SETTING
from gates.changes.gathering import newest_revision, stored_mode
from gates.changes.requests import opened
from gates.errors import ModeUnknown
from gates.policy.intent import Actor, Mode, ModeChange, Moment
from gates.policy.outcome import Outcome
from gates.policy.review import gives_more
from gates.store.port import Transaction
from gates.store.rows import RequestRow

VARIABLE = "ENFORCEMENT_MODE"
BEFORE = "mode_before"


def require_agreement(tx: Transaction, environ: Mapping[str, str]) -> Mode:
    """The mode of the home, which the environment may repeat and must not contradict.

    Raises `ModeUnknown`.
    """
    mode, said = stored_mode(tx), environ.get(VARIABLE)
    if said is not None and said != mode.value:
        raise ModeUnknown(
            f"{VARIABLE} is `{said}` and the mode of this home is `{mode.value}`; unset the variable, or "
            "change the mode with `slotgate mode set`"
        )
    return mode


def change_mode(desk: Desk, actor: Actor, mode: Mode, terms: Terms) -> Answer:
    """More enforcement takes effect at once; for less a request is opened."""
    with desk.store.begin() as tx:
        checks = acceptance(desk, tx) if mode is Mode.ENFORCE else Acceptance(())
        change = ModeChange(mode=mode, checks_passed=checks.passed)
        content = mode_content(mode, terms)
        judged = desk.judge(
            tx,
            actor,
            Moment.PROPOSE,
            change,
            row=None,
            base_revision=newest_revision(tx).revision,
            terms=terms,
            content=content,
        )
        if gives_more(change, judged.state, ()):
            return opened(desk, tx, judged, MODE, content, terms)
        before = judged.state.mode
        blocked = judged.decision.outcome is Outcome.BLOCKED
        desk.record(
            tx,
            judged,
            "mode",
            target=mode.value,
            before=before.value,
            after={"mode": mode.value, "checks": checks.as_record()},
        )
        if blocked:
            return Answer(decision=judged.decision, mode=before, words=f"refused; the mode is `{before}`")
        set_mode(tx, mode)
        return Answer(decision=judged.decision, mode=mode, words=f"the mode is `{mode}` now, was `{before}`")


def set_mode(tx: Transaction, mode: Mode) -> None:
    """Write the mode down, and the one before it, to which `mode rollback` returns."""
    before = stored_mode(tx)
    tx.settings.set(BEFORE, before.value)
    tx.settings.set(SETTING, mode.value)


def rollback_target(tx: Transaction) -> Mode:
    """The mode before this one; `shadow` where none is known."""
    before = tx.settings.get(BEFORE)
    return Mode(before) if before in set(Mode) else Mode.SHADOW


def open_rollback(tx: Transaction, mode: Mode) -> RequestRow | None:
    """The open request that goes to `mode`, if there is one."""
    wanted = (row for row in tx.requests.open() if row.kind == MODE and row.content["mode"] == mode.value)
    return next(wanted, None)
