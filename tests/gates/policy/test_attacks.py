"""Ways to get exposure by changes that look like less. Each must fail under enforce."""

from dataclasses import replace
from typing import Any

import pytest

from gates.policy.evidence import Verification
from gates.policy.intent import ControlsChange
from gates.policy.outcome import Outcome, PolicyDecision
from gates.policy.outcome import ReasonCode as C
from gates.policy.review import review
from gates.policy.values import ControlValues, control_values
from schemas.stages import Step
from tests.gates.decision.builders import allowlist as allowlist_document
from tests.gates.decision.builders import controls as document
from tests.gates.decision.builders import rule as rule_document
from tests.gates.policy.builders import (
    HOUR,
    MINUTE,
    NOW,
    REVISION,
    STRANGER,
    baseline,
    become,
    codes,
    evidence,
    intent,
    judge,
    live,
    person,
    rule,
    state,
    values,
)

KILLED = values(kill=True)
UP = become(values(), percent=25)
WIDER = (rule(subject={"Biology", "Physics"}),)


def alone(current: ControlValues, after: ControlValues, **change: Any) -> PolicyDecision:
    """One person with every role, and no request."""
    wanted = ControlsChange(after=after, **change)
    return review(intent(wanted, actor=person(STRANGER)), state(current, request=None), evidence(), NOW)


def test_relabelling_the_step_alone_opens_no_stage() -> None:
    for step in Step:
        if step is not values().step:
            assert alone(values(), become(values(), step=step)).outcome is Outcome.BLOCKED


@pytest.mark.parametrize("step", [Step.CANARY_1, Step.EXPAND_50, Step.EXPAND_100, Step.STEADY])
def test_relabelling_the_baseline_does_not_leave_the_enable_sequence(step: Step) -> None:
    assert alone(baseline(), baseline(step=step)).outcome is Outcome.BLOCKED
    forged = baseline(step=step)
    for change in ({"kill": False}, {"allowlist_enabled": True}, {"percent": 1}):
        assert C.ENABLE_ORDER in codes(judge(forged, become(forged, **change)))
    forged = replace(forged, kill=False)
    assert C.ENABLE_ORDER in codes(judge(forged, become(forged, feature=True)))


def test_a_narrowing_may_not_name_a_higher_step() -> None:
    named = become(values(), percent=5, step=Step.EXPAND_100)
    assert C.STEP_NAME in codes(alone(values(), named))
    kept = become(values(), percent=5, step=values().step)
    assert alone(values(), kept).outcome is Outcome.ALLOWED


@pytest.mark.parametrize("step", [Step.EXPAND_50, Step.BROADEN_KIND, Step.EXPAND_100, Step.STEADY])
def test_a_step_kept_through_a_narrowing_gives_no_rights(step: Step) -> None:
    stale = live(step, 5)
    assert C.SCOPE_FROZEN in codes(judge(stale, become(stale, rules=WIDER)))
    assert codes(judge(stale, become(stale, percent=10))) == []
    assert C.STEP_SKIPPED in codes(judge(stale, become(stale, percent=100), broadened=True))
    if step is not Step.STEADY:
        assert codes(judge(stale, replace(stale, step=Step.STEADY))) == [C.STEADY_CRITERIA]


def test_break_glass_cannot_be_made_to_last() -> None:
    glass = values(break_glass_until_ns=NOW + 30 * MINUTE)
    for until in (None, NOW + 60 * MINUTE):
        longer = replace(glass, break_glass_until_ns=until)
        assert alone(glass, longer).outcome is Outcome.BLOCKED
        owed = state(glass, request=None, release_review_owed=True)
        again = intent(ControlsChange(after=longer, break_glass=True), actor=person(STRANGER))
        assert C.BREAK_GLASS in review(again, owed, evidence(), NOW).reason_codes
    with_a_narrowing = become(glass, percent=5, break_glass_until_ns=None)
    assert alone(glass, with_a_narrowing).outcome is Outcome.BLOCKED


def test_break_glass_made_lasting_by_two_people_needs_verification() -> None:
    glass = values(break_glass_until_ns=NOW + 30 * MINUTE)
    lasting = replace(glass, break_glass_until_ns=None)
    assert judge(glass, lasting).outcome is Outcome.ALLOWED
    unverified = evidence(verification=Verification.NOT_ENOUGH)
    assert codes(judge(glass, lasting, live_evidence=unverified)) == [C.NOT_VERIFIED]


def test_break_glass_does_not_end_the_enable_sequence() -> None:
    ready = baseline(feature=True, allowlist_enabled=True, percent=1)
    released = become(ready, kill=False, break_glass_until_ns=NOW + HOUR)
    assert codes(alone(ready, released, break_glass=True)) == [C.BREAK_GLASS]


@pytest.mark.parametrize(
    "more", [{"percent": 25}, {"rules": WIDER}, {"valid_until_ns": None}, {"zero_means_everyone": True},
             {"step": Step.EXPAND_50}, {"percent": 5}]
)  # fmt: skip
def test_break_glass_carries_nothing_else(more: dict[str, Any]) -> None:
    killed = replace(KILLED, valid_until_ns=NOW + HOUR)
    released = become(killed, kill=False, break_glass_until_ns=NOW + HOUR, **more)
    assert alone(killed, released, break_glass=True).outcome is Outcome.BLOCKED


def test_break_glass_is_no_way_around_a_roll_back() -> None:
    released = ControlsChange(
        after=become(KILLED, kill=False, break_glass_until_ns=NOW + HOUR), break_glass=True
    )
    latched = state(KILLED, request=None, latched="5 of 15 failed")
    found = review(intent(released), latched, evidence(), NOW)
    assert found.reason_codes == (C.ROLLED_BACK,)
    assert "acknowledge" in found.next_step


def test_the_release_of_a_kill_takes_nothing_along() -> None:
    for more in ({"percent": 25}, {"rules": WIDER}, {"percent": 5}, {"step": Step.STEADY}):
        assert judge(KILLED, become(KILLED, kill=False, **more)).outcome is Outcome.BLOCKED


def test_what_was_changed_while_killed_does_not_ride_on_the_release() -> None:
    for more in ({"percent": 25}, {"rules": WIDER}, {"zero_means_everyone": True}):
        assert C.ENABLE_ORDER in codes(judge(KILLED, become(KILLED, **more)))


def test_a_rule_put_to_sleep_and_woken_wider() -> None:
    def of(*rules: dict[str, Any]) -> ControlValues:
        return control_values(document(allowlist=allowlist_document(*rules)))

    before = of(rule_document())
    asleep = rule_document("r2", slotIds=[], appliesTo={"subject": ["Physics"]}, enabled=False)
    assert alone(before, of(rule_document(), asleep)).outcome is Outcome.ALLOWED
    assert alone(of(rule_document(), asleep), of(rule_document(), asleep | {"enabled": True})).outcome is (
        Outcome.BLOCKED
    )


def test_rules_edited_while_the_allowlist_is_off_do_not_come_back_wide() -> None:
    off = become(values(), allowlist_enabled=False)
    edited = become(off, rules=WIDER)
    assert alone(off, edited).outcome is Outcome.ALLOWED
    assert judge(edited, become(edited, allowlist_enabled=True)).outcome is Outcome.BLOCKED
    again = replace(edited, kill=True, percent=0)
    assert codes(judge(again, become(again, allowlist_enabled=True))) == [C.SMALLEST_SCOPE]


def test_switching_off_and_on_is_no_way_around_the_sequence() -> None:
    at_100 = live(Step.EXPAND_100, 100, rules=WIDER)
    for off, on in (
        ({"feature": False}, {"feature": True}),
        ({"allowlist_enabled": False}, {"allowlist_enabled": True}),
        ({"percent": 0}, {"percent": 1}),
        ({"rules": ()}, {"rules": WIDER}),
    ):
        lowered = become(at_100, **off)
        assert alone(at_100, lowered).outcome is Outcome.ALLOWED
        assert C.ENABLE_ORDER in codes(judge(lowered, become(lowered, **on)))
        killed = become(lowered, kill=True)
        if off != {"feature": False}:
            assert C.ENABLE_ORDER in codes(judge(killed, become(killed, **on)))


def test_a_rollback_to_0_comes_back_through_the_smallest_scope() -> None:
    wide = live(Step.BASELINE, 0, rules=WIDER, kill=True)
    assert codes(judge(wide, become(wide, percent=1))) == [C.ENABLE_ORDER]
    small = become(wide, rules=(rule(),))
    assert alone(wide, small).outcome is Outcome.ALLOWED
    assert judge(small, become(small, percent=1)).outcome is Outcome.ALLOWED


def test_a_swap_of_rules_is_a_widening() -> None:
    at_50 = live(Step.EXPAND_50, 50)
    swapped = become(at_50, rules=(rule(subject={"Physics"}),))
    assert alone(at_50, swapped).outcome is Outcome.BLOCKED
    assert judge(at_50, swapped).outcome is Outcome.ALLOWED
    assert C.SCOPE_FROZEN in codes(judge(values(), become(values(), rules=(rule(subject={"Physics"}),))))


def test_two_half_changes_approved_at_once_do_not_add_up() -> None:
    first = become(values(), percent=25)
    assert judge(values(), first).outcome is Outcome.ALLOWED
    second = become(first, percent=50)
    replayed = review(
        intent(ControlsChange(after=second)), state(first, revision=REVISION + 1), evidence(), NOW
    )
    assert {C.BASE_REVISION, C.REQUEST_CLOSED, C.EVIDENCE_STALE} <= set(replayed.reason_codes)


def test_broadening_not_needed_is_no_master_key() -> None:
    for step, percent in ((Step.CANARY_1, 1), (Step.EXPAND_25, 25), (Step.BASELINE, 0)):
        current = live(step, percent)
        assert (
            alone(current, become(current, percent=100), broadening_not_needed="x").outcome is Outcome.BLOCKED
        )
        change = ControlsChange(after=become(current, percent=100), broadening_not_needed="x")
        found = review(intent(change), state(current), evidence(), NOW)
        assert set(found.reason_codes) & {C.STEP_SKIPPED, C.ENABLE_ORDER}
    at_50 = live(Step.EXPAND_50, 50)
    assert alone(at_50, become(at_50, percent=100), broadening_not_needed="x").outcome is Outcome.BLOCKED


def test_broadening_happens_at_50_percent_or_below_nothing() -> None:
    stepped_down = become(live(Step.EXPAND_100, 100), percent=99)
    assert codes(judge(stepped_down, become(stepped_down, rules=WIDER))) == [C.SCOPE_FROZEN]


def test_validity_is_not_prolonged_alone() -> None:
    ageing = values(valid_until_ns=NOW)
    for until in (NOW + 1, None):
        assert alone(ageing, replace(ageing, valid_until_ns=until)).outcome is Outcome.BLOCKED


def test_the_promise_that_0_means_everyone_is_a_widening_before_it_is_kept() -> None:
    assert alone(values(), replace(values(), zero_means_everyone=True)).outcome is Outcome.BLOCKED
