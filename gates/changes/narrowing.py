"""Less exposure: at once, by one person, whatever else is broken. The effect first, the record after.

What is narrowed is what is in force, under the publisher's lock, so a narrowing never conflicts and
undoes nothing. Where the control file cannot be written it is taken away, which is narrower still.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gates.changes.answers import Answer
from gates.changes.content import digest_of
from gates.changes.desk import Desk, described
from gates.changes.documents import Document, Patch, content_of, narrowed
from gates.changes.gathering import gather
from gates.changes.recording import Deed, record
from gates.errors import GateError, PublishFailed
from gates.policy.evidence import no_evidence
from gates.policy.intent import Actor, ControlsChange, Intent, Mode, Moment
from gates.policy.next_step import next_legal_step
from gates.policy.outcome import Outcome, PolicyDecision
from gates.policy.review import review
from gates.policy.state import State
from gates.policy.values import ControlValues, control_values
from gates.store.rows import RevisionKind


def narrow(desk: Desk, actor: Actor, patch: Patch, reason: str) -> Answer:
    """Take away from the controls in force what `patch` takes away.

    Raises `InvalidChange`, and `PublishFailed` when neither writing nor removing the file worked.
    """
    decisions: list[PolicyDecision] = []
    seen: list[Document] = []

    def successor(document: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        if document is None:
            return None  # nothing valid is in force: everything is denied already
        at_ns = desk.clock()
        wanted = narrowed(document, patch, revision=document["revision"] + 1, at_ns=at_ns)
        decision = _reviewed(desk, actor, document, wanted, patch, reason, at_ns)
        decisions.append(decision)
        seen.append(document)
        unchanged = content_of(wanted) == content_of(document) and not _over_a_drill(desk, patch)
        return None if unchanged or decision.outcome is Outcome.BLOCKED else wanted

    words, unrecorded = _published(desk, successor)
    after = desk.publisher.in_force().document
    if not decisions:
        decisions.append(_nothing_in_force(desk))
    decision, before = decisions[-1], seen[-1] if seen else None
    if decision.outcome is Outcome.BLOCKED:
        words, after = "refused; nothing was changed", None
    elif before is not None and after == before:
        words = "the controls already stand so; nothing was changed"
    deed = Deed(
        action="narrow",
        actor_id=actor.actor_id,
        roles=tuple(sorted(actor.roles)),
        reason=reason or None,
        at_ns=desk.clock(),
        kind=RevisionKind.NARROWING,
        before=before,
        after=after,
        outcome=decision.outcome.value,
        codes=tuple(code.value for code in decision.reason_codes),
        described=described(decision),
    )
    late = record(desk.store, desk.publisher, desk.late, deed, desk.ids())
    changed = after is not None and after != before
    if changed and after is not None and late is None:
        decision = replace(decision, next_step=_next_step(desk, after, decision.next_step))
    return Answer(
        decision=decision,
        mode=None,
        words=words,
        revision=after["revision"] if changed and after is not None else None,
        late=late or unrecorded,
    )


def asked_for(wanted: Document, patch: Patch) -> ControlValues:
    """The values of `wanted`, which `patch` leads to, as they are judged."""
    after = control_values(wanted)
    if patch.get("percent") == 0 and after.zero_means_everyone:
        return replace(after, percent=0)  # asked for in words, though it would widen
    return after


def _over_a_drill(desk: Desk, patch: Patch) -> bool:
    """Whether somebody stops what a drill has stopped: then they do, and it cannot bring it back."""
    return patch.get("kill") is True and os.path.lexists(desk.home.drilling)


def _published(desk: Desk, successor: Any) -> tuple[str, str | None]:
    try:
        published = desk.publisher.narrow(successor)
    except PublishFailed as failure:
        try:
            removal = desk.publisher.remove()
        except PublishFailed as error:
            raise PublishFailed(f"NOT narrowed, what was in force still is: {error}") from failure
        return (
            f"STOPPED instead: the control file was taken away, everything is STUB ({failure})",
            removal.unrecorded,
        )
    return f"narrowed; revision {published.revision} is in force", published.unrecorded


def _reviewed(
    desk: Desk, actor: Actor, document: Document, wanted: Document, patch: Patch, reason: str, at_ns: int
) -> PolicyDecision:
    """Judge by the narrowing rules, which look at no mode, no evidence and no store."""
    after = asked_for(wanted, patch)
    state = State(
        revision=document["revision"],
        current=control_values(document),
        mode=Mode.ENFORCE,
        broadened=False,
        latched=None,
        release_review_owed=False,
        request=None,
        decision_record_pattern="",
    )
    intent = Intent(
        intent_id=desk.ids(),
        at_ns=at_ns,
        actor=actor,
        moment=Moment.APPLY,
        change=ControlsChange(after=after),
        base_revision=state.revision,
        reason=reason,
        decision_record="",
        content_digest=digest_of({"patch": dict(patch)}),
    )
    return review(intent, state, no_evidence(state.revision, at_ns), at_ns)


def _next_step(desk: Desk, after: Document, unknown: str) -> str:
    """What may be proposed after it; `unknown` where the store cannot be read."""
    try:
        with desk.store.read() as tx:
            state = gather(tx, None)
    except GateError:
        return unknown
    return next_legal_step(replace(state, revision=after["revision"], current=control_values(after)))


def _nothing_in_force(desk: Desk) -> PolicyDecision:
    del desk
    return PolicyDecision(
        outcome=Outcome.ALLOWED,
        findings=(),
        deltas=(),
        next_step="no valid control file is there and everything is denied; see `slotgate doctor`",
    )
