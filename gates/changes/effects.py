"""Put approved changes in force. A widening is recorded before it takes effect.

    recorded durably (revision, audit)   →   published over exactly what was in force   →   request closed

Killed between the first and the second, the widening never takes effect: the next start undoes it.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from gates.changes.answers import Answer
from gates.changes.content import CONTROLS, Terms, digest_of
from gates.changes.desk import Desk, Judged
from gates.changes.documents import Document, patched, released
from gates.changes.gathering import newest_revision
from gates.changes.reconciling import reconcile
from gates.changes.recording import OWED_FOR_NS, row_of
from gates.changes.requests import close_if_void, judged_request, known, looked, outdated
from gates.controls.instant import timestamp
from gates.controls.publish import InForce, Published
from gates.errors import GateError, PublishConflict, RequestConflict, StoreError
from gates.policy.intent import Actor, ControlsChange, DrillChange, DrillRun, Moment
from gates.policy.next_step import next_legal_step
from gates.policy.outcome import PolicyDecision
from gates.policy.values import control_values
from gates.store.port import Transaction
from gates.store.review_rows import ReviewMoment
from gates.store.rows import OwedKind, RequestRow, RequestState, RevisionKind
from schemas.instant import SECOND

BREAK_GLASS_FOR_NS = 3600 * SECOND


def judged_for_apply(
    desk: Desk, tx: Transaction, actor: Actor, number: int, seen_digest: str | None = None
) -> tuple[RequestRow, Judged]:
    """The request and its review; on record when blocked. Raises `UnknownEntry`, or `RequestConflict` when
    its content is no longer that of `seen_digest`.
    """
    row = known(tx, number)
    if seen_digest not in (None, row.content_digest):
        raise RequestConflict(f"request {number} was edited meanwhile; look at it again, then apply")
    judged = judged_request(desk, tx, actor, Moment.APPLY, row)
    if not judged.decision.allow:
        desk.record(tx, judged, "apply", target=row.kind, request=number)
        close_if_void(tx, row, judged)
    return row, judged


def apply_controls(desk: Desk, actor: Actor, number: int, seen_digest: str | None = None) -> Answer:
    """Put the change of request `number` in force. The caller holds the turn.

    Raises `RequestConflict`, `PublishConflict`, `PublishFailed` or a `StoreError`; then what was in
    force still is, or something narrower.
    """
    reconcile(desk)
    seen = desk.publisher.in_force()
    with desk.store.begin() as tx:
        row, judged = judged_for_apply(desk, tx, actor, number, seen_digest)
        mode = judged.state.mode
        if not judged.decision.allow:
            words = f"refused; request {number} was not applied"
            return Answer(decision=judged.decision, mode=mode, words=words, request=number)
        over = outdated(desk, tx, row, judged)
        if over is None:
            before = newest_revision(tx).after
            _require_in_force(seen, before)
            after = patched(
                before, row.content["patch"], revision=before["revision"] + 1, at_ns=judged.now_ns
            )
            new = row_of(
                after,
                before,
                RevisionKind.WIDENING,
                actor_id=actor.actor_id,
                intent_id=judged.intent.intent_id,
                at_ns=judged.now_ns,
                request=number,
            )
            tx.revisions.append(new)
            looked(tx, judged, ReviewMoment.APPLY, row.kind, number)
            desk.record(tx, judged, "apply", target=CONTROLS, before=before, after=after, request=number)
    if over is not None:
        raise RequestConflict(over)
    published = _published(desk, after, seen)
    late = _close(desk, actor, number, after["revision"]) or published.unrecorded
    words = f"revision {after['revision']} is in force: {_summary(judged)}"
    return Answer(
        decision=_onwards(judged, after),
        mode=mode,
        words=words,
        request=number,
        revision=after["revision"],
        late=late,
    )


def bring_back(desk: Desk, actor: Actor, number: int, run: DrillRun) -> Answer:
    """Bring back exactly what the drill `number` took away. The caller holds the turn.

    Raises what `apply_controls` raises; then the kill stays on.
    """
    reconcile(desk)
    seen = desk.publisher.in_force()
    with desk.store.begin() as tx:
        row = known(tx, number)
        drill = DrillChange(restores=control_values(row.content["restores"]), run=run)
        judged = judged_request(desk, tx, actor, Moment.APPLY, row, drill)
        mode, before = judged.state.mode, newest_revision(tx).after
        if not judged.decision.allow:
            desk.record(tx, judged, "drill restore", target=CONTROLS, request=number)
            return Answer(decision=judged.decision, mode=mode, words="refused", request=number)
        _require_in_force(seen, before)
        content = row.content["restores"]
        after = {**content, "revision": before["revision"] + 1, "effectiveAt": timestamp(judged.now_ns)}
        tx.revisions.append(
            row_of(
                after,
                before,
                RevisionKind.WIDENING,
                actor_id=actor.actor_id,
                intent_id=judged.intent.intent_id,
                at_ns=judged.now_ns,
                request=number,
            )
        )
        looked(tx, judged, ReviewMoment.APPLY, row.kind, number)
        desk.record(tx, judged, "drill restore", target=CONTROLS, before=before, after=after, request=number)
    published = _published(desk, after, seen)
    late = _close(desk, actor, number, after["revision"]) or published.unrecorded
    words = f"revision {after['revision']} is in force, with the controls of revision {run.base_revision}"
    revision: int = after["revision"]
    decision = _onwards(judged, after)
    return Answer(decision=decision, mode=mode, words=words, request=number, revision=revision, late=late)


def glass_broken(before: Document, at_ns: int) -> tuple[Document, ControlsChange, Document]:
    """The controls with the kill alone let go for 60 minutes, the change that this is, and its content."""
    after = released(
        before, until_ns=at_ns + BREAK_GLASS_FOR_NS, revision=before["revision"] + 1, at_ns=at_ns
    )
    change = ControlsChange(after=control_values(after), break_glass=True)
    return after, change, {"breakGlass": digest_of(after)}


def break_glass(desk: Desk, actor: Actor, terms: Terms) -> Answer:
    """Release the kill alone, for 60 minutes; a review is owed. The caller holds the turn."""
    reconcile(desk)
    seen = desk.publisher.in_force()
    with desk.store.begin() as tx:
        before = newest_revision(tx).after
        after, change, content = glass_broken(before, desk.clock())
        judged = desk.judge(
            tx,
            actor,
            Moment.APPLY,
            change,
            row=None,
            base_revision=before["revision"],
            terms=terms,
            content=content,
        )
        if not judged.decision.allow:
            desk.record(tx, judged, "break glass", target=CONTROLS)
            return Answer(
                decision=judged.decision, mode=judged.state.mode, words="refused; nothing was released"
            )
        _require_in_force(seen, before)
        tx.revisions.append(
            row_of(
                after,
                before,
                RevisionKind.WIDENING,
                actor_id=actor.actor_id,
                intent_id=judged.intent.intent_id,
                at_ns=judged.now_ns,
            )
        )
        tx.owed.add(
            OwedKind.RELEASE_REVIEW,
            revision=after["revision"],
            operator_id=actor.actor_id,
            since_ns=judged.now_ns,
            due_ns=judged.now_ns + OWED_FOR_NS,
        )
        desk.record(tx, judged, "break glass", target=CONTROLS, before=before, after=after)
    published = _published(desk, after, seen)
    return Answer(
        decision=_onwards(judged, after),
        mode=judged.state.mode,
        words=f"released until {after['breakGlassUntil']}, then the kill is on again; a review is owed",
        revision=after["revision"],
        late=published.unrecorded,
    )


def _onwards(judged: Judged, after: Mapping[str, Any]) -> PolicyDecision:
    """The decision, with the step that is next once `after` is in force."""
    values = control_values(after)
    has_broadened = judged.state.broadened or values.step.startswith("broaden-")
    reached = replace(judged.state, revision=after["revision"], current=values, broadened=has_broadened)
    return replace(judged.decision, next_step=next_legal_step(reached))


def _published(desk: Desk, after: Mapping[str, Any], seen: InForce) -> Published:
    try:
        return desk.publisher.publish(after, over=seen)
    except GateError:
        with suppress(GateError):  # the failure to publish is what has to be said
            reconcile(desk)
        raise


def _close(desk: Desk, actor: Actor, number: int, revision: int) -> str | None:
    try:
        with desk.store.begin() as tx:
            tx.requests.set_state(number, RequestState.APPLIED, by=actor.actor_id, at_ns=desk.clock())
            desk.note(
                tx,
                actor.actor_id,
                "in force",
                target=CONTROLS,
                after={"revision": revision},
                request=number,
            )
    except StoreError as error:
        return f"{error}; the next start notes that it is in force"
    return None


def _require_in_force(seen: InForce, document: Mapping[str, Any]) -> None:
    if seen.document != document:
        raise PublishConflict(
            "the control file is not the newest revision; `slotgate doctor` tells how, nothing was done"
        )


def _summary(judged: Judged) -> str:
    return "; ".join(delta.words for delta in judged.decision.deltas) or "nothing moved"
