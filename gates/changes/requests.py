"""Change requests: propose, edit, approve, reject. Nothing here touches the controls."""

from collections.abc import Mapping
from typing import Any

from gates.changes.answers import Answer
from gates.changes.as_things_stand import as_things_stand
from gates.changes.content import (
    CONTROLS,
    DRILL,
    REVIEWED,
    Terms,
    change_of,
    content_now,
    controls_content,
    frozen,
    terms_of,
)
from gates.changes.desk import Desk, Judged
from gates.changes.documents import Patch, narrowed
from gates.changes.gathering import newest_revision
from gates.changes.narrowing import asked_for, narrow
from gates.changes.remembering import keep
from gates.errors import InvalidChange, NotSignedIn, RequestConflict, UnknownEntry
from gates.policy.intent import Actor, Change, ControlsChange, Moment, Role
from gates.policy.outcome import Outcome, ReasonCode
from gates.policy.review import gives_more
from gates.policy.rules.case import made_over, moved_to
from gates.store.port import Transaction
from gates.store.review_rows import ReviewMoment
from gates.store.rows import ApprovalRow, NewRequest, RequestEdit, RequestRow, RequestState

_REJECTING = frozenset({Role.APPROVER, Role.ENGINEERING_OWNER, Role.ONCALL})
_VOIDING = {ReasonCode.BASE_REVISION, ReasonCode.EVIDENCE_STALE, ReasonCode.EVIDENCE_WORSE}


def propose(desk: Desk, actor: Actor, patch: Patch, terms: Terms, base_revision: int | None = None) -> Answer:
    """Ask for a change of the controls; one that only narrows takes effect at once."""
    with desk.store.begin() as tx:
        newest = newest_revision(tx)
        base = newest.revision if base_revision is None else base_revision
        content = controls_content(newest.after, patch, terms)
        change = change_of(CONTROLS, content, newest.after)
        judged = desk.judge(
            tx, actor, Moment.PROPOSE, change, row=None, base_revision=base, terms=terms, content=content
        )
        if gives_more(change, judged.state, judged.decision.deltas):
            return opened(desk, tx, judged, CONTROLS, content, terms)
    return propose_narrowing(desk, actor, patch, terms)


def propose_narrowing(desk: Desk, actor: Actor, patch: Patch, terms: Terms) -> Answer:
    """Take away at once what `patch` takes away from the newest revision; refused where that is nothing."""
    with desk.store.begin() as tx:
        newest = newest_revision(tx)
        wanted = narrowed(newest.after, patch, revision=newest.revision + 1, at_ns=desk.clock())
        judged = desk.judge(
            tx,
            actor,
            Moment.PROPOSE,
            ControlsChange(after=asked_for(wanted, patch)),
            row=None,
            base_revision=newest.revision,
            terms=terms,
            content=controls_content(newest.after, patch, terms),
        )
        if not judged.decision.allow:
            desk.record(tx, judged, "propose", target=CONTROLS)
            mode = judged.state.mode
            return Answer(decision=judged.decision, mode=mode, words="refused; nothing was changed")
    return narrow(desk, actor, patch, terms.reason)


def opened(
    desk: Desk, tx: Transaction, judged: Judged, kind: str, content: Mapping[str, Any], terms: Terms
) -> Answer:
    """Open a request for what was judged, if it may be; on record either way."""
    mode = judged.state.mode
    if not judged.decision.allow:
        desk.record(tx, judged, "propose", target=kind)
        return Answer(decision=judged.decision, mode=mode, words="refused; nothing was requested")
    digest, data = frozen(judged.evidence)
    tx.evidence.freeze(digest, data)
    number = tx.requests.create(
        NewRequest(
            kind=kind,
            content=content,
            content_digest=judged.intent.content_digest,
            base_revision=judged.intent.base_revision,
            requester=judged.intent.actor.actor_id,
            reason=terms.reason,
            decision_record=terms.decision_record,
            exception=terms.exception,
            evidence_digest=digest,
            evidence_frozen_at_ns=judged.now_ns,
            created_at_ns=judged.now_ns,
        )
    )
    looked(tx, judged, ReviewMoment.PROPOSE, kind, number)
    desk.record(tx, judged, "propose", target=kind, request=number)
    words = f"request {number} waits for an approver: `slotgate approve {number}`"
    return Answer(decision=judged.decision, mode=mode, words=words, request=number)


def looked(tx: Transaction, judged: Judged, moment: ReviewMoment, kind: str, number: int) -> None:
    """Keep what was looked at, where a change rests on it: operators and modes rest on no telemetry."""
    if kind in REVIEWED:
        actor_id, at_ns = judged.intent.actor.actor_id, judged.now_ns
        keep(tx, moment, actor_id, judged.evidence, at_ns=at_ns, request=number)


def edit(desk: Desk, actor: Actor, number: int, patch: Patch, terms: Terms, seen_digest: str) -> Answer:
    """Replace the content of an open request: evidence is frozen anew, and earlier approvals bind no more."""
    with desk.store.begin() as tx:
        row = known(tx, number)
        newest = newest_revision(tx)
        content = controls_content(newest.after, patch, terms)
        judged = desk.judge(
            tx,
            actor,
            Moment.PROPOSE,
            change_of(CONTROLS, content, newest.after),
            row=row,
            base_revision=newest.revision,
            terms=terms,
            content=content,
        )
        if row.kind != CONTROLS:
            raise InvalidChange(f"request {number} is of kind `{row.kind}`; reject it and propose anew")
        desk.record(tx, judged, "edit", target=row.kind, request=number)
        mode = judged.state.mode
        if not judged.decision.allow:
            return Answer(decision=judged.decision, mode=mode, words="refused; not edited", request=number)
        digest, data = frozen(judged.evidence)
        tx.evidence.freeze(digest, data)
        looked(tx, judged, ReviewMoment.EDIT, row.kind, number)
        changed = RequestEdit(
            content=content,
            content_digest=judged.intent.content_digest,
            base_revision=newest.revision,
            reason=terms.reason,
            decision_record=terms.decision_record,
            exception=terms.exception,
            evidence_digest=digest,
            evidence_frozen_at_ns=judged.now_ns,
        )
        tx.requests.edit(number, changed, seen_digest=seen_digest, by=actor.actor_id, at_ns=judged.now_ns)
        return Answer(
            decision=judged.decision,
            mode=mode,
            words=f"request {number} was edited and is in review again",
            request=number,
        )


def approve(desk: Desk, actor: Actor, number: int, seen_digest: str | None = None) -> Answer:
    """Sign a request as it stands, or exactly the content of `seen_digest`. Raises `RequestConflict`."""
    with desk.store.begin() as tx:
        row = known(tx, number)
        judged = judged_request(desk, tx, actor, Moment.APPROVE, row)
        over = outdated(desk, tx, row, judged)
        if over is None:
            return _signed(desk, tx, row, judged, seen_digest)
    raise RequestConflict(over)


def _signed(desk: Desk, tx: Transaction, row: RequestRow, judged: Judged, seen_digest: str | None) -> Answer:
    number, actor = row.number, judged.intent.actor
    desk.record(tx, judged, "approve", target=row.kind, request=number)
    mode = judged.state.mode
    if not judged.decision.allow:
        close_if_void(tx, row, judged)
        words = f"refused; request {number} was not approved"
        return Answer(decision=judged.decision, mode=mode, words=words, request=number)
    if seen_digest not in (None, row.content_digest):
        raise RequestConflict(f"request {number} was edited meanwhile; look at it again, then approve")
    signature = ApprovalRow(
        request_number=number,
        approver_id=actor.actor_id,
        content_digest=row.content_digest,
        base_revision=row.base_revision,
        evidence_digest=row.evidence_digest,
        at_ns=judged.now_ns,
    )
    tx.approvals.add(signature)
    looked(tx, judged, ReviewMoment.APPROVE, row.kind, number)
    if row.state is RequestState.IN_REVIEW:
        tx.requests.set_state(number, RequestState.APPROVED, by=actor.actor_id, at_ns=judged.now_ns)
    run = f"`slotgate drill kill {number}` runs it"
    words = run if row.kind == DRILL else f"`slotgate apply {number}` puts it in force"
    words = f"request {number} is approved; {words}"
    return Answer(decision=judged.decision, mode=mode, words=words, request=number)


def reject(desk: Desk, actor: Actor, number: int, reason: str) -> None:
    """Close a request for good; its requester may as well. A rejection changes nothing and needs no review.

    Raises `InvalidChange` without a reason, `NotSignedIn` without a role, `RequestConflict`.
    """
    if not reason.strip():
        raise InvalidChange("say why with --reason")
    with desk.store.begin() as tx:
        row = known(tx, number)
        allowed = bool(actor.roles & _REJECTING) or actor.actor_id in row.editors
        if allowed:
            at_ns = desk.clock()
            tx.requests.set_state(
                number, RequestState.REJECTED, by=actor.actor_id, at_ns=at_ns, because=reason
            )
        action = "reject" if allowed else "reject refused"
        desk.note(tx, actor.actor_id, action, target=row.kind, reason=reason, request=number)
    if not allowed:
        raise NotSignedIn(f"`{actor.actor_id}` may not reject this: it takes the role approver")


def known(tx: Transaction, number: int) -> RequestRow:
    """The request of that number. Raises `UnknownEntry`."""
    row = tx.requests.get(number)
    if row is None:
        raise UnknownEntry(f"there is no request {number}; `slotgate controls show` lists the open ones")
    return row


def judged_request(
    desk: Desk, tx: Transaction, actor: Actor, moment: Moment, row: RequestRow, change: Change | None = None
) -> Judged:
    """Review a stored request as the home stands now."""
    base = newest_revision(tx).after
    content = content_now(row, base)
    return desk.judge(
        tx,
        actor,
        moment,
        change or as_things_stand(tx, row.kind, content, base, desk.clock()),
        row=row,
        base_revision=row.base_revision,
        terms=terms_of(row),
        content=content,
    )


def outdated(desk: Desk, tx: Transaction, row: RequestRow, judged: Judged) -> str | None:
    """Why a request can no longer be signed or applied although no rule blocks it, in words, or null.

    Over controls that moved on a change may widen nothing any more; it is void all the same.
    """
    if not judged.decision.allow:
        return None
    by, at_ns = judged.intent.actor.actor_id, judged.now_ns
    if row.closed_at_ns is not None:
        desk.record(
            tx, judged, f"{judged.intent.moment} a closed request", target=row.kind, request=row.number
        )
        return f"request {row.number} is {row.state.value}; propose the change anew"
    change, state = judged.intent.change, judged.state
    if row.base_revision != made_over(change, state):
        because = moved_to(change, state)
        tx.requests.set_state(row.number, RequestState.VOIDED, by=by, at_ns=at_ns, because=because)
        action = f"{judged.intent.moment} a void request"
        desk.record(tx, judged, action, target=row.kind, request=row.number)
        return f"request {row.number} is void because {because}; propose the change anew"
    return None


def close_if_void(tx: Transaction, row: RequestRow, judged: Judged) -> None:
    """End a blocked request that nothing can bring back (DESIGN section 14.4).

    Only what time or events decided ends it, not what is wrong with who asked, nor a clock set back.
    """
    if judged.decision.outcome is not Outcome.BLOCKED or row.closed_at_ns is not None:
        return
    findings = {finding.code: finding.words for finding in judged.decision.findings}
    by, at_ns = judged.intent.actor.actor_id, judged.now_ns
    if at_ns < max(row.created_at_ns, row.evidence_frozen_at_ns):
        return
    if ReasonCode.REQUEST_EXPIRED in findings:
        because = findings[ReasonCode.REQUEST_EXPIRED]
        tx.requests.set_state(row.number, RequestState.EXPIRED, by=by, at_ns=at_ns, because=because)
        return
    because = next((words for code, words in findings.items() if code in _VOIDING), "")
    worse_only_when_signed = judged.intent.moment is Moment.APPROVE and not (
        findings.keys() & (_VOIDING - {ReasonCode.EVIDENCE_WORSE})
    )
    if because and not worse_only_when_signed:
        tx.requests.set_state(row.number, RequestState.VOIDED, by=by, at_ns=at_ns, because=because)
