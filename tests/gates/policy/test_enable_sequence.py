"""From the baseline to canary-1: the one legal path, and everything else refused."""

from dataclasses import replace
from itertools import permutations, product
from typing import Any

import pytest

from gates.policy.diff import diff, widens
from gates.policy.intent import Mode, Moment
from gates.policy.outcome import Outcome
from gates.policy.outcome import ReasonCode as C
from gates.policy.sequence import EnableStep, next_enable_step
from gates.policy.values import ControlValues, RuleValues
from schemas.stages import Step
from tests.gates.policy.builders import at_its_step, baseline, become, codes, judge, live, rule, values

WIDE = (rule(subject={"Biology", "Physics"}),)
SEQUENCE: list[tuple[EnableStep, dict[str, Any]]] = [
    (EnableStep.KILL_ON, {"kill": True}),
    (EnableStep.FEATURE_ON, {"feature": True}),
    (EnableStep.ALLOWLIST_ON, {"allowlist_enabled": True}),
    (EnableStep.FIRST_PERCENT, {"percent": 1}),
    (EnableStep.KILL_OFF, {"kill": False}),
]
FROM_THE_START = baseline(kill=False)


def stations() -> list[ControlValues]:
    """Where the sequence stands before each of its steps, and after the last."""
    found = [FROM_THE_START]
    for _, change in SEQUENCE:
        found.append(become(found[-1], **change))
    return found


STATIONS = stations()


@pytest.mark.parametrize("index", range(len(SEQUENCE)))
@pytest.mark.parametrize("moment", Moment)
def test_the_legal_path(index: int, moment: Moment) -> None:
    step, _ = SEQUENCE[index]
    assert next_enable_step(STATIONS[index]) is step
    assert judge(STATIONS[index], STATIONS[index + 1], moment).outcome is Outcome.ALLOWED
    assert step.value in judge(STATIONS[index], STATIONS[index], moment).next_step


def test_the_sequence_ends_at_canary_1_and_only_there() -> None:
    assert [controls.step for controls in STATIONS] == [Step.BASELINE] * 5 + [Step.CANARY_1]
    assert judge(STATIONS[-1], STATIONS[-1]).next_step == "percent 5"


@pytest.mark.parametrize("index", range(len(SEQUENCE)))
def test_no_step_may_be_left_out_or_taken_early(index: int) -> None:
    current = STATIONS[index]
    for _, change in SEQUENCE[index + 1 :]:
        after = become(current, **change)
        if widens(diff(current, after)):
            decision = judge(current, after)
            assert decision.outcome is Outcome.BLOCKED
            assert C.ENABLE_ORDER in codes(decision)


@pytest.mark.parametrize("index", range(len(SEQUENCE)))
def test_no_two_steps_may_be_combined(index: int) -> None:
    current = STATIONS[index]
    for later in range(index + 2, len(STATIONS)):
        decision = judge(current, at_its_step(current, replace(STATIONS[later], kill=STATIONS[later].kill)))
        assert decision.outcome is Outcome.BLOCKED
        assert {C.ONE_DIMENSION, C.ENABLE_ORDER} & set(codes(decision))


@pytest.mark.parametrize("order", list(permutations(range(1, 5))), ids=str)
def test_no_other_order(order: tuple[int, ...]) -> None:
    current, done = STATIONS[1], 0
    for index in order:
        after = become(current, **SEQUENCE[index][1])
        decision = judge(current, after)
        if index == done + 1:
            assert decision.outcome is Outcome.ALLOWED
            current, done = after, index
        else:
            assert decision.outcome is Outcome.BLOCKED
            assert C.ENABLE_ORDER in codes(decision)
    assert (current.step is Step.CANARY_1) is (order == (1, 2, 3, 4))


@pytest.mark.parametrize("percent", [2, 5, 10, 50, 100])
def test_the_first_percent_is_1(percent: int) -> None:
    current = STATIONS[3]
    assert codes(judge(current, become(current, percent=percent))) == [C.ENABLE_ORDER]


SCOPE_EDITS = [WIDE, (rule(slot_ids=()),), (rule(max_jobs=2),)]


@pytest.mark.parametrize("index", [3, 4])
@pytest.mark.parametrize("rules", SCOPE_EDITS)
def test_the_scope_stays_the_smallest(index: int, rules: tuple[RuleValues, ...]) -> None:
    assert codes(judge(STATIONS[index], become(STATIONS[index], rules=rules))) == [C.ENABLE_ORDER]


@pytest.mark.parametrize("index", range(5))
@pytest.mark.parametrize("change", [{"zero_means_everyone": True}, {"valid_until_ns": None}])
def test_nothing_else_widens_on_the_way(index: int, change: dict[str, Any]) -> None:
    current = replace(STATIONS[index], valid_until_ns=1)
    assert C.ENABLE_ORDER in codes(judge(current, become(current, **change)))


ASTRAY: list[tuple[str, ControlValues, EnableStep]] = [
    ("percent left from before", baseline(percent=50), EnableStep.RESET),
    ("an allowlist left on", baseline(allowlist_enabled=True), EnableStep.RESET),
    ("percent left, feature on", baseline(feature=True, percent=50), EnableStep.RESET),
    ("percent too far", baseline(feature=True, allowlist_enabled=True, percent=50), EnableStep.RESET),
    ("the scope too wide", baseline(feature=True, allowlist_enabled=True, rules=WIDE), EnableStep.RESET),
    ("the scope too wide at 1 %", baseline(feature=True, allowlist_enabled=True, rules=WIDE, percent=1),
     EnableStep.RESET),
    ("no scope", baseline(feature=True, allowlist_enabled=True, rules=(), percent=1), EnableStep.RESET),
    ("rolled back to 0 %", live(Step.BASELINE, 0, rules=WIDE), EnableStep.KILL_ON),
    ("rolled back to 0 % and killed", live(Step.BASELINE, 0, rules=WIDE, kill=True), EnableStep.RESET),
    ("closed under another name", live(Step.EXPAND_50, 50, feature=False), EnableStep.KILL_ON),
    ("without scope under another name", live(Step.EXPAND_50, 50, rules=(), kill=True), EnableStep.RESET),
]  # fmt: skip


@pytest.mark.parametrize(("current", "step"), [c[1:] for c in ASTRAY], ids=[c[0] for c in ASTRAY])
def test_who_stands_beside_the_path_goes_back_first(current: ControlValues, step: EnableStep) -> None:
    assert step.value in judge(current, current).next_step
    widenings: list[dict[str, Any]] = [
        {"kill": False}, {"feature": True}, {"allowlist_enabled": True}, {"percent": 100}, {"rules": WIDE}
    ]  # fmt: skip
    for change in widenings:
        after = become(current, **change)
        if widens(diff(current, after)):
            assert C.ENABLE_ORDER in codes(judge(current, after))


def test_where_0_means_everyone_the_way_back_to_0_is_open_and_signed() -> None:
    astray = baseline(feature=True, allowlist_enabled=True, percent=50, zero_means_everyone=True)
    back = become(astray, percent=0)
    assert widens(diff(astray, back))
    assert judge(astray, back).outcome is Outcome.ALLOWED
    assert codes(judge(astray, become(astray, percent=60))) == [C.ENABLE_ORDER]
    assert C.APPROVAL_MISSING in codes(judge(astray, back, request=None))


@pytest.mark.parametrize("percent", [2, 5, 50, 100])
def test_where_0_means_everyone_no_other_percent_leads_to_the_release(percent: int) -> None:
    """From 0 any percent is a narrowing there, so one person may set it: it must lead nowhere."""
    current = baseline(feature=True, allowlist_enabled=True, zero_means_everyone=True)
    after = become(current, percent=percent)
    assert not widens(diff(current, after))
    released = become(after, kill=False)
    assert codes(judge(after, released)) == [C.ENABLE_ORDER]


ZERO = list(product([False, True], repeat=5))


@pytest.mark.parametrize(("kill", "feature", "allowlist", "everyone", "was_zero"), ZERO)
@pytest.mark.parametrize("mode", Mode)
def test_zero_opens_no_gate(
    kill: bool, feature: bool, allowlist: bool, everyone: bool, was_zero: bool, mode: Mode
) -> None:
    after = values(
        kill=kill, feature=feature, allowlist_enabled=allowlist, zero_means_everyone=everyone, percent=0
    )
    opened = everyone and feature and not kill
    current = replace(after, percent=0 if was_zero else 10)
    decision = judge(current, at_its_step(current, after), mode=mode)
    assert (C.ZERO_OPENS_GATE in codes(decision)) is (opened and not was_zero)
    if opened and not was_zero:
        assert decision.outcome is Outcome.BLOCKED


@pytest.mark.parametrize(
    ("before", "change"),
    [({"kill": True}, {"kill": False}), ({"feature": False}, {"feature": True}),
     ({"zero_means_everyone": False}, {"zero_means_everyone": True})],
)  # fmt: skip
@pytest.mark.parametrize("mode", Mode)
def test_zero_opens_no_gate_from_another_side(
    before: dict[str, Any], change: dict[str, Any], mode: Mode
) -> None:
    current = values(**({"percent": 0, "zero_means_everyone": True} | before))
    decision = judge(current, become(current, **change), mode=mode)
    assert C.ZERO_OPENS_GATE in codes(decision)
    assert decision.outcome is Outcome.BLOCKED


def test_what_0_has_opened_may_narrow_but_not_widen() -> None:
    current = live(Step.EXPAND_100, 0, zero_means_everyone=True, rules=WIDE)
    assert judge(current, become(current, rules=(rule(),)), request=None).outcome is Outcome.ALLOWED
    assert judge(current, become(current, kill=True), request=None).outcome is Outcome.ALLOWED
    wider = become(current, rules=(rule(subject={"Biology", "Physics", "Art"}),))
    assert C.ZERO_OPENS_GATE in codes(judge(current, wider))
