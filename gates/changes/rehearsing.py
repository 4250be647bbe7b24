"""What the boundary would answer to a change, asked without making it: nothing is recorded, nothing latches.

A page asks this to show what cannot be done with its reason. The answer binds nobody: whoever then does
it is judged anew, and that is on record.
"""

from dataclasses import dataclass, replace

from gates.changes.as_things_stand import as_things_stand
from gates.changes.content import (
    CONTROLS,
    Terms,
    change_of,
    content_now,
    controls_content,
    terms_of,
)
from gates.changes.desk import Desk, Judged
from gates.changes.documents import Patch, narrowed
from gates.changes.effects import glass_broken
from gates.changes.gathering import newest_revision
from gates.changes.narrowing import asked_for
from gates.changes.requests import known
from gates.policy.evidence import ReviewEvidence, no_evidence
from gates.policy.intent import Acknowledgement, Actor, ControlsChange, Mode, Moment
from gates.policy.outcome import Finding, Outcome, PolicyDecision, ReasonCode
from gates.policy.review import gives_more, review
from gates.policy.rules.case import made_over, moved_to
from gates.policy.state import RequestFacts
from gates.store.port import Transaction

_OF_WHO_SIGNS = {ReasonCode.ROLE, ReasonCode.OWN_APPROVAL, ReasonCode.APPROVAL_MISSING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """`decision` is what would be answered now; `at_once`: one person suffices and it takes effect at once.

    `to_sign` is what would keep others from signing it as the telemetry stands; empty where `at_once`.
    """

    decision: PolicyDecision
    mode: Mode
    at_once: bool
    to_sign: tuple[Finding, ...] = ()


class Rehearsing:
    """The part of the change service that is asked before anything is done."""

    _desk: Desk

    def would_propose(
        self,
        actor: Actor,
        patch: Patch,
        terms: Terms,
        base_revision: int | None = None,
        evidence: ReviewEvidence | None = None,
    ) -> Rehearsal:
        """What `propose` would answer. `evidence` is what was seen lately; null looks at the telemetry.

        Raises `InvalidChange`, `UnknownEntry` and `ModeUnknown` as `propose` does.
        """
        desk = self._desk
        with desk.store.read() as tx:
            newest = newest_revision(tx)
            base = newest.revision if base_revision is None else base_revision
            content = controls_content(newest.after, patch, terms)
            change = change_of(CONTROLS, content, newest.after)
            judged = desk.look(
                tx,
                actor,
                Moment.PROPOSE,
                change,
                row=None,
                base_revision=base,
                terms=terms,
                content=content,
                evidence=evidence,
            )
            mode = judged.state.mode
            if gives_more(change, judged.state, judged.decision.deltas):
                later = _to_sign(judged, terms)
                return Rehearsal(decision=judged.decision, mode=mode, at_once=False, to_sign=later)
            wanted = narrowed(newest.after, patch, revision=newest.revision + 1, at_ns=desk.clock())
            taking = ControlsChange(after=asked_for(wanted, patch))
            intent = replace(judged.intent, change=taking, base_revision=newest.revision)
            decision = review(intent, judged.state, judged.evidence, judged.now_ns)
            return Rehearsal(decision=decision, mode=mode, at_once=True)

    def would_approve(self, actor: Actor, number: int, evidence: ReviewEvidence | None = None) -> Rehearsal:
        """What `approve` would answer for a request of any kind. Raises `UnknownEntry`."""
        return self._would(actor, Moment.APPROVE, number, evidence)

    def would_apply(self, actor: Actor, number: int, evidence: ReviewEvidence | None = None) -> Rehearsal:
        """What `apply` would answer for a request of any kind. Raises `UnknownEntry`."""
        return self._would(actor, Moment.APPLY, number, evidence)

    def would_acknowledge(
        self, actor: Actor, reason: str, evidence: ReviewEvidence | None = None
    ) -> Rehearsal:
        """What `acknowledge` would answer. `evidence` must be that of a question without the latch."""
        desk, terms = self._desk, Terms(reason=reason)
        with desk.store.read() as tx:
            judged = desk.look(
                tx,
                actor,
                Moment.APPLY,
                Acknowledgement(),
                row=None,
                base_revision=newest_revision(tx).revision,
                terms=terms,
                content={"acknowledge": True, "reason": reason},
                evidence=evidence,
            )
            return Rehearsal(decision=judged.decision, mode=judged.state.mode, at_once=True)

    def would_break_glass(self, actor: Actor, terms: Terms) -> Rehearsal:
        """What `break_glass` would answer; it rests on no evidence."""
        desk = self._desk
        with desk.store.read() as tx:
            before, at_ns = newest_revision(tx).after, desk.clock()
            _, change, content = glass_broken(before, at_ns)
            judged = desk.look(
                tx,
                actor,
                Moment.APPLY,
                change,
                row=None,
                base_revision=before["revision"],
                terms=terms,
                content=content,
                evidence=no_evidence(before["revision"], at_ns),
            )
            return Rehearsal(decision=judged.decision, mode=judged.state.mode, at_once=True)

    def _would(self, actor: Actor, moment: Moment, number: int, evidence: ReviewEvidence | None) -> Rehearsal:
        with self._desk.store.read() as tx:
            judged = _of_request(self._desk, tx, actor, moment, number, evidence)
            return Rehearsal(decision=_void_or_not(judged), mode=judged.state.mode, at_once=False)


def _of_request(
    desk: Desk, tx: Transaction, actor: Actor, moment: Moment, number: int, evidence: ReviewEvidence | None
) -> Judged:
    row, base = known(tx, number), newest_revision(tx).after
    content = content_now(row, base)
    return desk.look(
        tx,
        actor,
        moment,
        as_things_stand(tx, row.kind, content, base, desk.clock()),
        row=row,
        base_revision=row.base_revision,
        terms=terms_of(row),
        content=content,
        evidence=evidence,
    )


def _void_or_not(judged: Judged) -> PolicyDecision:
    """A request over controls that moved on is void in every mode, also where it widens nothing any more."""
    intent, decision = judged.intent, judged.decision
    moved = intent.base_revision != made_over(intent.change, judged.state)
    if not moved or ReasonCode.BASE_REVISION in decision.reason_codes:
        return decision
    words = f"it is void because {moved_to(intent.change, judged.state)}; propose the change anew"
    finding = Finding(ReasonCode.BASE_REVISION, words, "CONTRACTS 8")
    return replace(decision, outcome=Outcome.BLOCKED, findings=(finding, *decision.findings))


def _to_sign(judged: Judged, terms: Terms) -> tuple[Finding, ...]:
    """What an approver would be told who signs this at once, beside what its author is told already."""
    intent, evidence = judged.intent, judged.evidence
    author = intent.actor.actor_id
    request = RequestFacts(
        content_digest=intent.content_digest,
        base_revision=intent.base_revision,
        editors=frozenset({author}),
        last_editor=author,
        additions=(),
        created_at_ns=judged.now_ns,
        signed=replace(evidence, frozen_at_ns=judged.now_ns),
        exception=terms.exception,
        approvals=(),
        void_reason=None,
        rejected=False,
    )
    signing = replace(intent, moment=Moment.APPROVE)
    decision = review(signing, replace(judged.state, request=request), evidence, judged.now_ns)
    said = {*judged.decision.reason_codes, *_OF_WHO_SIGNS}
    return tuple(finding for finding in decision.findings if finding.code not in said)
