"""What must hold before `enforce`: what is allowed passes, what is not is blocked with stable codes.

The boundary is asked about a fixed table of made-up changes, not about the home's own: the answers
must not depend on what happens to be proposed. The home's own standing is checked besides.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from gates.changes.desk import Desk
from gates.changes.documents import first_document
from gates.changes.gathering import newest_revision
from gates.policy.evidence import ReviewEvidence, Verification, no_evidence
from gates.policy.intent import Actor, ControlsChange, Intent, Mode, Moment, Role
from gates.policy.outcome import Outcome, ReasonCode
from gates.policy.review import review
from gates.policy.state import Approval, RequestFacts, State
from gates.policy.values import control_values
from gates.store.port import Transaction

_NOW = 1_800_000_000 * 10**9
_ALICE, _BOB = "acceptance|alice", "acceptance|bob"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what it is, whether it passed, and what was seen."""

    name: str
    passed: bool
    seen: str


@dataclass(frozen=True, slots=True)
class Acceptance:
    """All checks."""

    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether every one of at least one passed."""
        return bool(self.checks) and all(check.passed for check in self.checks)

    def as_record(self) -> list[dict[str, Any]]:
        """For the record and for scripts."""
        return [{"name": check.name, "passed": check.passed, "seen": check.seen} for check in self.checks]


def acceptance(desk: Desk, tx: Transaction) -> Acceptance:
    """Run every check against the boundary and this home."""
    return Acceptance((*_boundary(), _people(tx), _standing(desk, tx)))


def _boundary() -> Iterator[Check]:
    intent, state, evidence = _sample()
    allowed = review(intent, state, evidence, _NOW)
    yield Check("an allowed change passes", allowed.outcome is Outcome.ALLOWED, allowed.outcome.value)
    request = state.request
    if request is None:
        raise AssertionError("the sample belongs to a request")
    unsigned = replace(state, request=replace(request, approvals=()))
    own = replace(state, request=replace(request, editors=frozenset({_ALICE, _BOB})))
    skipping = replace(control_values({**_killed(), "percent": 5}), step=state.current.step)
    powerless = replace(intent, actor=Actor(_ALICE, frozenset({Role.VIEWER})))
    cases: tuple[tuple[str, Intent, State, ReviewEvidence, ReasonCode], ...] = (
        ("without approval", intent, unsigned, evidence, ReasonCode.APPROVAL_MISSING),
        ("approved by its author", intent, own, evidence, ReasonCode.APPROVAL_MISSING),
        ("without the role", powerless, state, evidence, ReasonCode.ROLE),
        ("over an old revision", replace(intent, base_revision=0), state, evidence, ReasonCode.BASE_REVISION),
        ("without evidence", intent, state, no_evidence(1, _NOW), ReasonCode.NOT_VERIFIED),
        (
            "out of order",
            replace(intent, change=ControlsChange(after=skipping)),
            state,
            evidence,
            ReasonCode.ENABLE_ORDER,
        ),
        ("without a decision record", replace(intent, decision_record=""), state, evidence,
         ReasonCode.DECISION_RECORD),
    )  # fmt: skip
    for name, case, under, with_evidence, code in cases:
        first = review(case, under, with_evidence, _NOW)
        again = review(case, under, with_evidence, _NOW)
        blocked = first.outcome is Outcome.BLOCKED and code in first.reason_codes
        codes = ", ".join(first.reason_codes) or "no reason"
        yield Check(
            f"a change {name} is blocked, always alike",
            blocked and first == again,
            f"{first.outcome.value}: {codes}",
        )


def _people(tx: Transaction) -> Check:
    people = [person for person in tx.operators.all() if person.disabled_at_ns is None]
    owners = {person.operator_id for person in people if Role.ENGINEERING_OWNER in person.roles}
    approvers = {person.operator_id for person in people if Role.APPROVER in person.roles}
    pairs = any(owner != approver for owner in owners for approver in approvers)
    seen = f"{len(owners)} who may apply, {len(approvers)} who may approve"
    return Check("two people can carry a change: one applies, another approves", pairs, seen)


def _standing(desk: Desk, tx: Transaction) -> Check:
    same = desk.publisher.in_force().document == newest_revision(tx).after
    seen = "it is" if same else "it is not; run `slotgate doctor`"
    return Check("the control file is the newest revision", same, seen)


def _killed() -> dict[str, Any]:
    return first_document("acceptance", _NOW)


def _sample() -> tuple[Intent, State, ReviewEvidence]:
    """Step 2 of the enable sequence, proposed by one, signed by another, verified."""
    evidence = replace(no_evidence(1, _NOW), verification=Verification.PASSED)
    signature = Approval(
        approver_id=_BOB,
        content_digest="content",
        base_revision=1,
        evidence_digest=evidence.digest,
        may_approve=True,
        added_by=None,
        added_at_ns=0,
    )
    request = RequestFacts(
        content_digest="content",
        base_revision=1,
        editors=frozenset({_ALICE}),
        last_editor=_ALICE,
        additions=(),
        created_at_ns=_NOW,
        signed=evidence,
        exception=None,
        approvals=(signature,),
        void_reason=None,
        rejected=False,
    )
    state = State(
        revision=1,
        current=control_values(_killed()),
        mode=Mode.ENFORCE,
        broadened=False,
        latched=None,
        release_review_owed=False,
        request=request,
        decision_record_pattern="ADR-1",
    )
    intent = Intent(
        intent_id="acceptance",
        at_ns=_NOW,
        actor=Actor(_ALICE, frozenset({Role.ENGINEERING_OWNER})),
        moment=Moment.APPLY,
        change=ControlsChange(after=control_values({**_killed(), "feature": True})),
        base_revision=1,
        reason="acceptance check",
        decision_record="ADR-1",
        content_digest="content",
    )
    return intent, state, evidence


@dataclass(frozen=True, slots=True)
class Tally:
    """What one mode said: of `judged` attempts `stopped` would have been, or were, blocked, by reason."""

    judged: int
    stopped: int
    by_reason: tuple[tuple[str, int], ...]
