"""What `review` promises for every intent, state, evidence and clock, however odd."""

from dataclasses import fields, replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gates.policy.diff import widens
from gates.policy.evidence import ReviewEvidence, no_evidence
from gates.policy.intent import Actor, Change, ControlsChange, Intent, Mode, ModeChange, Moment, Role
from gates.policy.outcome import Outcome, PolicyDecision, ReasonCode
from gates.policy.review import review
from gates.policy.rules.safety import NARROWING_ROLES
from gates.policy.state import State
from gates.policy.values import ControlValues
from gates.verdict.words import VerdictWord
from schemas.stages import Step
from tests.gates.policy.builders import (
    HOUR,
    NOW,
    approval,
    at_its_step,
    become,
    evidence,
    person,
    request,
    state,
    values,
)
from tests.gates.policy.builders import intent as intent_of
from tests.gates.policy.strategies import (
    APPROVALS,
    DIGESTS,
    EVIDENCE,
    MOMENTS,
    NEAR_NOW,
    OPERATOR_CHANGES,
    PEOPLE,
    REQUESTS,
    REVISIONS,
    ROLES,
    VALUES,
    states,
)
from tests.gates.policy.test_diff_properties import narrowings

CONTROLS_CHANGES = st.builds(
    ControlsChange,
    after=VALUES,
    broadening_not_needed=st.sampled_from((None, "", "one subject")),
    break_glass=st.booleans(),
)
MODE_CHANGES = st.builds(ModeChange, mode=st.sampled_from(Mode), checks_passed=st.booleans())


def intents(changes: st.SearchStrategy[Change] | None = None) -> st.SearchStrategy[Intent]:
    return st.builds(
        Intent,
        intent_id=st.just("i1"),
        at_ns=NEAR_NOW,
        actor=st.builds(Actor, actor_id=PEOPLE, roles=ROLES),
        moment=MOMENTS,
        change=st.one_of(CONTROLS_CHANGES, MODE_CHANGES, OPERATOR_CHANGES) if changes is None else changes,
        base_revision=REVISIONS,
        reason=st.sampled_from(("", " ", "the window is clean")),
        decision_record=st.sampled_from(("", "ADR-12", "x" * 50)),
        content_digest=DIGESTS,
    )


@st.composite
def near(draw: st.DrawFn, current: ControlValues) -> ControlValues:
    """`current` with a few values of another: most differences are small ones."""
    other = draw(VALUES)
    names = draw(st.sets(st.sampled_from(ControlValues.__match_args__), max_size=2))
    after = replace(current, **{name: getattr(other, name) for name in names})
    return at_its_step(current, after) if draw(st.booleans()) else after


def it_always_answers_and_always_the_same(
    intent: Intent, state: State, evidence: ReviewEvidence, now_ns: int
) -> None:
    decision = review(intent, state, evidence, now_ns)
    assert isinstance(decision, PolicyDecision)
    assert decision == review(intent, state, evidence, now_ns)
    assert decision.next_step
    assert len(set(decision.reason_codes)) == len(decision.reason_codes)


def shadow_finds_what_enforce_finds_and_blocks_only_what_every_mode_blocks(
    intent: Intent, state: State, evidence: ReviewEvidence, now_ns: int
) -> None:
    if isinstance(intent.change, ModeChange):
        return  # the mode is then what changes: the same intent is another one
    shadow = review(intent, replace(state, mode=Mode.SHADOW), evidence, now_ns)
    enforce = review(intent, replace(state, mode=Mode.ENFORCE), evidence, now_ns)
    off = review(intent, replace(state, mode=Mode.OFF), evidence, now_ns)
    assert shadow.findings == enforce.findings
    assert (shadow.outcome is Outcome.ALLOWED) is (enforce.outcome is Outcome.ALLOWED)
    assert (shadow.outcome is Outcome.BLOCKED) is (off.outcome is Outcome.BLOCKED)
    assert enforce.outcome in (Outcome.ALLOWED, Outcome.BLOCKED)
    assert set(off.findings) <= set(enforce.findings)
    assert Outcome.WOULD_BLOCK is not off.outcome
    assert Outcome.UNCHECKED is not shadow.outcome


def a_narrowing_is_always_allowed(
    intent: Intent, state: State, evidence: ReviewEvidence, now_ns: int, data: st.DataObject
) -> None:
    after = data.draw(narrowings(state.current))
    if data.draw(st.booleans()):
        after = at_its_step(state.current, after)
    someone = person(
        intent.actor.actor_id, intent.actor.roles | {data.draw(st.sampled_from(sorted(NARROWING_ROLES)))}
    )
    decision = review(
        replace(intent, actor=someone, change=ControlsChange(after=after)), state, evidence, now_ns
    )
    match decision.reason_codes:
        case (ReasonCode.ZERO_OPENS_GATE,):
            assert after.percent == 0
            assert after.zero_means_everyone
        case (ReasonCode.NO_CHANGE,):
            assert decision.deltas == ()
            assert intent.moment is Moment.PROPOSE
        case codes:
            assert codes == ()
            assert decision.outcome is Outcome.ALLOWED


def the_kill_is_never_refused(
    intent: Intent, state: State, evidence: ReviewEvidence, now_ns: int, role: Role
) -> None:
    for after in (
        replace(state.current, kill=True),
        at_its_step(state.current, replace(state.current, kill=True)),
    ):
        kill = replace(intent, actor=person("os|root", {role}), change=ControlsChange(after=after))
        decision = review(kill, state, evidence, now_ns)
        stands = intent.moment is Moment.PROPOSE and decision.deltas == ()
        assert decision.reason_codes == ((ReasonCode.NO_CHANGE,) if stands else ())


@given(
    intent=intents(),
    state=states(),
    evidence=EVIDENCE,
    now_ns=NEAR_NOW,
    role=st.sampled_from(sorted(NARROWING_ROLES)),
    data=st.data(),
)
def test_what_holds_of_every_review(
    intent: Intent, state: State, evidence: ReviewEvidence, now_ns: int, role: Role, data: st.DataObject
) -> None:
    """Of one example each: to draw it costs more than what is asked of it."""
    it_always_answers_and_always_the_same(intent, state, evidence, now_ns)
    shadow_finds_what_enforce_finds_and_blocks_only_what_every_mode_blocks(intent, state, evidence, now_ns)
    the_kill_is_never_refused(intent, state, evidence, now_ns, role)
    a_narrowing_is_always_allowed(intent, state, evidence, now_ns, data)


@st.composite
def nearly(draw: st.DrawFn, perfect: Any, other: st.SearchStrategy[Any], most: int = 2) -> Any:
    """A value that everything speaks for, with at most `most` fields of any other."""
    names = draw(st.sets(st.sampled_from(_fields(perfect)), max_size=most))
    drawn = draw(other)
    return replace(perfect, **{name: getattr(drawn, name) for name in names})


def _fields(value: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(value))


@given(data=st.data(), glass=st.booleans(), alone=PEOPLE)
def test_no_one_widens_alone_under_enforce(data: st.DataObject, glass: bool, alone: str) -> None:
    """Whoever asks, edits, signs and applies alone gets nothing but the limited release of a kill."""
    current = data.draw(nearly(values(kill=True), VALUES))
    after = data.draw(near(current))
    asked = data.draw(nearly(request(), REQUESTS))
    own = replace(
        asked,
        editors=asked.editors | {alone},
        last_editor=data.draw(PEOPLE),
        approvals=tuple(replace(approval, approver_id=alone) for approval in asked.approvals),
    )
    facts = state(current, request=data.draw(st.sampled_from((own, None))), broadened=True)
    change = ControlsChange(after=after, break_glass=glass, broadening_not_needed="one subject")
    applied = intent_of(change, actor=person(alone), base_revision=facts.revision)
    now_ns = data.draw(st.one_of(st.just(NOW), NEAR_NOW))
    decision = review(applied, facts, data.draw(nearly(evidence(), EVIDENCE)), now_ns)
    if widens(decision.deltas) and decision.outcome is Outcome.ALLOWED:
        assert glass
        assert closed(after) == closed(current)
        assert after.break_glass_until_ns is not None
        assert now_ns < after.break_glass_until_ns <= now_ns + HOUR


def closed(controls: ControlValues) -> ControlValues:
    return replace(controls, kill=True, break_glass_until_ns=None, step=Step.BASELINE)


@given(data=st.data())
def test_what_is_allowed_to_widen_was_signed_by_somebody_else_for_exactly_this(data: st.DataObject) -> None:
    asked = data.draw(nearly(request(), REQUESTS, most=1))
    if data.draw(st.booleans()):
        asked = replace(asked, approvals=(data.draw(nearly(approval(), APPROVALS)),))
    found = data.draw(nearly(evidence(), EVIDENCE))
    applied = intent_of(ControlsChange(after=become(values(), percent=25)))
    decision = review(applied, state(values(), request=asked), found, NOW)
    if widens(decision.deltas) and decision.outcome is Outcome.ALLOWED:
        assert any(
            signature.may_approve
            and signature.approver_id not in asked.editors | {asked.last_editor}
            and signature.content_digest == asked.content_digest == applied.content_digest
            and signature.base_revision == asked.base_revision == applied.base_revision
            and signature.evidence_digest == asked.signed.digest
            for signature in asked.approvals
        )
        assert found.verdict is not VerdictWord.ROLL_BACK
        assert asked.signed.verdict is not VerdictWord.ROLL_BACK
        assert found.revision == asked.signed.revision == applied.base_revision
        assert found.findings <= asked.signed.findings


def without_evidence_nothing_widens_but_by_exception(intent: Intent, state: State, now_ns: int) -> None:
    change = intent.change
    assert isinstance(change, ControlsChange)
    applied, facts = replace(intent, moment=Moment.APPLY), replace(state, mode=Mode.ENFORCE)
    decision = review(applied, facts, no_evidence(state.revision, now_ns), now_ns)
    if decision.outcome is Outcome.ALLOWED and widens(decision.deltas) and not change.break_glass:
        assert state.request is not None
        assert (state.request.exception or "").strip()


def off_says_unchecked_and_never_allowed_to_what_widens(
    intent: Intent, state: State, evidence: ReviewEvidence, now_ns: int
) -> None:
    decision = review(intent, replace(state, mode=Mode.OFF), evidence, now_ns)
    if widens(decision.deltas):
        assert decision.outcome in (Outcome.UNCHECKED, Outcome.BLOCKED)


@given(intent=intents(CONTROLS_CHANGES), state=states(), evidence=EVIDENCE, now_ns=NEAR_NOW)
def test_what_holds_of_every_change_of_controls(
    intent: Intent, state: State, evidence: ReviewEvidence, now_ns: int
) -> None:
    """Of one example each, too."""
    without_evidence_nothing_widens_but_by_exception(intent, state, now_ns)
    off_says_unchecked_and_never_allowed_to_what_widens(intent, state, evidence, now_ns)
