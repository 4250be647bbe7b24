"""At every start, and before every change: make the control file the newest revision, or deny.

Holds the turn, so it never meets a change half done by somebody alive. What it meets is what a
crash, a full disk, a lost race or a foreign hand left; `convergence` says what to do about each.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, assert_never

from gates.changes.convergence import Adopt, Renew, Same, Step, Stop, Undo, next_step
from gates.changes.desk import Desk
from gates.changes.gathering import took_effect
from gates.changes.late import LateRecord, Merged
from gates.changes.recording import note_debt, row_of
from gates.controls.history import History
from gates.controls.publish import InForce
from gates.errors import PublishConflict, PublishFailed
from gates.policy.rules.signatures import EXPIRES_AFTER_NS
from gates.store.port import Transaction
from gates.store.rows import RequestState, RevisionKind, RevisionRow

_SYSTEM = "system|reconcile"
_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was not as it should be, and what was done: for doctor, the log and the audit."""

    code: str
    words: str


def reconcile(desk: Desk) -> tuple[Finding, ...]:
    """Converge; what was found on the way. The caller holds the turn.

    Raises a `StoreError`, and `PublishFailed` when the file can neither be corrected nor removed.
    """
    announced = _announced(desk)
    with suppress(PublishFailed):
        desk.publisher.reconcile()
    findings: list[Finding] = []
    for _ in range(_ROUNDS):
        try:
            finding = _one(desk, announced)
        except PublishConflict:
            continue  # somebody narrowed meanwhile: look again
        if finding is None:
            return tuple(findings)
        findings.append(finding)
    raise PublishFailed("the control file keeps changing; end whoever writes it, then run `slotgate doctor`")


def inspect(desk: Desk) -> Step | None:
    """What `reconcile` would do first, without doing it; null before the first revision."""
    with desk.store.read() as tx:
        newest = tx.revisions.newest()
        found = desk.publisher.in_force().document
        if newest is None:
            return None
        return next_step(newest, _known(tx, newest), found, _announced(desk), desk.clock())


def _one(desk: Desk, announced: tuple[Mapping[str, Any], ...]) -> Finding | None:
    with desk.store.begin() as tx:
        merged = desk.late.merge(tx, desk.clock())
        newest = tx.revisions.newest()
        if newest is None:
            return None
        seen = desk.publisher.in_force()
        spooled = tuple(late.document for late in merged.records if late.document is not None)
        step = next_step(newest, _known(tx, newest), seen.document, (*announced, *spooled), desk.clock())
        match step:
            case Same():
                _settle_requests(desk, tx, newest)
                _expire_requests(desk, tx)
                _note_debts(tx, merged)
                return _set_aside(merged)
            case Undo():
                finding = _recorded(desk, tx, step.document, newest, _SYSTEM, "undone")
            case Adopt():
                by = _who(merged, seen)
                finding = _recorded(desk, tx, step.document, newest, by, "adopted")
            case Renew():
                finding = Finding("CONTROLS_RENEWED", step.why)
            case Stop():
                finding = Finding(step.code, f"{step.why}; everything is stopped")
            case _:
                assert_never(step)
        _note_debts(tx, merged)
    if not isinstance(step, Stop):
        desk.publisher.publish(step.document, over=seen)
        return finding
    _stop(desk, step, seen)
    with desk.store.begin() as tx:
        current = tx.revisions.newest()
        if current is not None and current.revision < step.document["revision"]:
            _recorded(desk, tx, step.document, current, _SYSTEM, step.code, step.why)
    return finding


def _known(tx: Transaction, newest: RevisionRow) -> Mapping[str, Any]:
    if newest.before is not None and not took_effect(tx, newest):
        return newest.before
    return newest.after


def _stop(desk: Desk, step: Stop, seen: InForce) -> None:
    try:
        desk.publisher.publish(step.document, over=seen)
    except PublishConflict:
        raise
    except PublishFailed:
        desk.publisher.remove()
        raise


def _recorded(
    desk: Desk,
    tx: Transaction,
    document: Mapping[str, Any],
    newest: RevisionRow,
    actor_id: str,
    code: str,
    why: str = "",
) -> Finding:
    at_ns = desk.clock()
    row = row_of(
        document, newest.after, RevisionKind.LATE, actor_id=actor_id, intent_id=desk.ids(), at_ns=at_ns
    )
    tx.revisions.append(row)
    words = (
        why
        or {
            "undone": f"revision {newest.revision} was recorded and never took effect; it was undone",
            "adopted": "a narrowing took effect before it could be recorded; it was recorded late",
        }[code]
    )
    desk.note(
        tx,
        actor_id,
        f"reconcile {code}",
        target="controls",
        after={"revision": document["revision"], "words": words},
        happened_ns=at_ns,
    )
    return Finding(code.upper(), words)


def _settle_requests(desk: Desk, tx: Transaction, newest: RevisionRow) -> None:
    """Close the requests that were recorded: in force, or never.

    What is newest now was in force, and so was what a later change replaced; a late revision says
    nothing of what it replaced.
    """
    waiting = {row.number for row in tx.requests.open()}
    if not waiting:
        return
    rows = list(tx.revisions.all())
    replaced = [row.before for row in rows if row.kind is not RevisionKind.LATE]
    for row in rows:
        number = row.request_number
        if number not in waiting or number is None:
            continue
        in_force = row.revision == newest.revision or row.after in replaced
        state = RequestState.APPLIED if in_force else RequestState.VOIDED
        because = None if in_force else "its revision was recorded and never took effect"
        tx.requests.set_state(number, state, by=row.actor_id, at_ns=desk.clock(), because=because)
        desk.note(
            tx,
            row.actor_id,
            "in force" if in_force else "never in force",
            target="controls",
            after={"revision": row.revision},
            request=number,
            happened_ns=row.effective_at_ns,
        )


def _expire_requests(desk: Desk, tx: Transaction) -> None:
    now_ns = desk.clock()
    for row in tx.requests.open():
        if now_ns - row.created_at_ns >= EXPIRES_AFTER_NS:
            because = "the request is older than 24 h"
            tx.requests.set_state(row.number, RequestState.EXPIRED, by=_SYSTEM, at_ns=now_ns, because=because)
            desk.note(tx, _SYSTEM, "expire", target=row.kind, reason=because, request=row.number)


def _set_aside(merged: Merged) -> Finding | None:
    if not merged.set_aside:
        return None
    lines = "1 line" if merged.set_aside == 1 else f"{merged.set_aside} lines"
    return Finding("LATE_SET_ASIDE", f"{lines} among the late records could not be recorded; set aside")


def _note_debts(tx: Transaction, merged: Merged) -> None:
    for late in merged.new:
        entry = late.entry
        note_debt(tx, entry.action, entry.reason, entry.actor, entry.time_ns)


def _who(merged: Merged, seen: InForce) -> str:
    found = (late for late in reversed(merged.records) if late.document == seen.document)
    late: LateRecord | None = next(found, None)
    return "unknown|unrecorded" if late is None else late.entry.actor


def _announced(desk: Desk) -> tuple[Mapping[str, Any], ...]:
    """What the last publisher of ours said it would publish."""
    try:
        line = History(desk.home.history).announced()
    except OSError:
        return ()
    return () if line is None or line["controls"] is None else (line["controls"],)
