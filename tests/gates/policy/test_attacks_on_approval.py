"""Ways to get an approval that nobody gave. Each must fail under enforce."""

from typing import Any

import pytest

from gates.policy.evidence import Verification
from gates.policy.intent import ControlsChange, Mode, ModeChange, Moment, OperatorChange, Role
from gates.policy.outcome import Outcome
from gates.policy.outcome import ReasonCode as C
from gates.policy.review import review
from gates.policy.state import Addition
from gates.verdict.words import VerdictWord
from tests.gates.policy.builders import (
    APPROVER,
    EDITOR,
    HOUR,
    NOW,
    REQUESTER,
    STRANGER,
    approval,
    baseline,
    become,
    codes,
    evidence,
    intent,
    judge,
    person,
    request,
    rule,
    state,
    values,
)

KILLED = values(kill=True)
UP = become(values(), percent=25)
WIDER = (rule(subject={"Biology", "Physics"}),)


def at(now_ns: int, **facts: Any) -> list[C]:
    """The codes of an approved change applied when the clock shows `now_ns`."""
    return list(review(intent(ControlsChange(after=UP)), state(**facts), evidence(), now_ns).reason_codes)


def added(operator_id: str, added_by: str, added_at_ns: int) -> Addition:
    return Addition(operator_id=operator_id, added_by=added_by, added_at_ns=added_at_ns)


def test_an_approval_carries_no_other_content() -> None:
    other = intent(ControlsChange(after=UP), content_digest="content-2")
    assert codes(review(other, state(), evidence(), NOW)) == [C.REQUEST_CLOSED]
    edited = request(content_digest="content-2")
    assert codes(review(other, state(request=edited), evidence(), NOW)) == [C.APPROVAL_MISSING]


def test_an_approval_carries_no_other_evidence() -> None:
    anew = request(signed=evidence(digest="evidence-2"))
    assert at(NOW, request=anew) == [C.APPROVAL_MISSING]


def test_blind_approval_of_what_only_later_looks_good() -> None:
    blind = request(signed=evidence(verdict=VerdictWord.NOT_ENOUGH_DATA))
    assert at(NOW, request=blind) == [C.NOT_EXPAND]
    step = become(baseline(), feature=True)
    unverified = request(signed=evidence(verification=Verification.NOT_ENOUGH))
    assert codes(judge(baseline(), step, request=unverified)) == [C.NOT_VERIFIED]


@pytest.mark.parametrize("hours", [-30, -3, -2, 24, 48])
def test_the_clock_set_back_or_forward_revives_nothing(hours: int) -> None:
    assert set(at(NOW + hours * HOUR)) >= {C.REQUEST_EXPIRED, C.EVIDENCE_STALE}


def test_the_clock_set_back_does_not_stretch_break_glass() -> None:
    for now_ns in (NOW - HOUR, NOW - 1):
        change = ControlsChange(
            after=become(KILLED, kill=False, break_glass_until_ns=NOW + HOUR), break_glass=True
        )
        found = review(intent(change), state(KILLED, request=None), evidence(), now_ns)
        assert found.reason_codes == (C.BREAK_GLASS,)


def test_an_edit_hides_no_author() -> None:
    handed_over = request(
        editors=frozenset({REQUESTER, EDITOR}),
        last_editor=EDITOR,
        approvals=(approval(approver_id=REQUESTER),),
    )
    assert at(NOW, request=handed_over) == [C.APPROVAL_MISSING]
    unlisted = request(editors=frozenset(), approvals=(approval(approver_id=REQUESTER),))
    assert at(NOW, request=unlisted) == [C.APPROVAL_MISSING]


@pytest.mark.parametrize("hours", [0, 23])
def test_neither_side_approves_with_a_puppet(hours: int) -> None:
    when = NOW - hours * HOUR
    puppet_signs = request(approvals=(approval(added_by=REQUESTER, added_at_ns=when),))
    puppet_asks = request(additions=(added(REQUESTER, APPROVER, when),))
    puppet_edits = request(editors=frozenset({REQUESTER, EDITOR}), additions=(added(EDITOR, APPROVER, when),))
    for facts in (puppet_signs, puppet_asks, puppet_edits):
        assert at(NOW, request=facts) == [C.APPROVER_ADDED]


def test_old_acquaintance_and_strangers_may_approve() -> None:
    for addition in (
        added(REQUESTER, APPROVER, NOW - 24 * HOUR),
        added(REQUESTER, STRANGER, NOW),
        added(STRANGER, APPROVER, NOW),
    ):
        assert at(NOW, request=request(additions=(addition,))) == []
    second = approval(approver_id=STRANGER)
    puppet = approval(added_by=REQUESTER, added_at_ns=NOW)
    assert at(NOW, request=request(approvals=(puppet, second))) == []


def test_the_clock_set_back_does_not_make_a_puppet_old() -> None:
    puppet = request(approvals=(approval(added_by=REQUESTER, added_at_ns=NOW),))
    assert C.APPROVER_ADDED in at(NOW - 48 * HOUR, request=puppet)


def test_a_disabled_approver_counts_no_more() -> None:
    assert at(NOW, request=request(approvals=(approval(may_approve=False),))) == [C.APPROVAL_MISSING]


@pytest.mark.parametrize("mode", [Mode.SHADOW, Mode.OFF])
def test_enforcement_is_not_lowered_alone(mode: Mode) -> None:
    lower = intent(ModeChange(mode=mode, checks_passed=True), actor=person(STRANGER))
    for facts in (None, request(approvals=()), request(approvals=(approval(approver_id=REQUESTER),))):
        assert review(lower, state(request=facts), evidence(), NOW).outcome is Outcome.BLOCKED


def test_nobody_grants_power_alone() -> None:
    grant = OperatorChange(operator_id=STRANGER, roles=frozenset({Role.APPROVER}), grants=True)
    found = review(intent(grant, actor=person(STRANGER)), state(request=None), evidence(), NOW)
    assert found.outcome is Outcome.BLOCKED
    found = review(intent(grant, Moment.APPROVE, actor=person(REQUESTER)), state(), evidence(), NOW)
    assert found.reason_codes == (C.OWN_APPROVAL,)
