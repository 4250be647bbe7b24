"""From canary-1 to steady: the legal climb, every skip, and the step that each change reaches."""

from typing import Any

import pytest

from gates.policy.diff import diff
from gates.policy.intent import ControlsChange
from gates.policy.ladder_steps import PERCENT_OF, step_after
from gates.policy.outcome import Outcome
from gates.policy.outcome import ReasonCode as C
from gates.policy.review import review
from gates.policy.values import ControlValues, RuleValues
from schemas.stages import STAGE_OF, Stage, Step
from tests.gates.policy.builders import NOW, become, codes, evidence, intent, judge, live, rule, state, values

LADDER = list(PERCENT_OF.items())
BROADENINGS: dict[Step, RuleValues] = {
    Step.BROADEN_SUBJECT: rule(subject={"Biology", "Physics"}),
    Step.BROADEN_BOARD: rule(board={"AQA", "OCR"}),
    Step.BROADEN_LEVEL: rule(level={"GCSE", "A"}),
    Step.BROADEN_SPEC: rule(spec_version={"v1", "v2"}),
    Step.BROADEN_KIND: rule(kind={"explanatory", "statutory"}),
    Step.BROADEN_SLOT: rule(slot_ids=()),
}
BROADEN_STATIONS = [Step.EXPAND_50, *BROADENINGS]


def test_the_whole_climb() -> None:
    current = live(Step.CANARY_1, 1)
    for step, percent in LADDER[1:-1]:
        current = climb(current, f"percent {percent}", percent=percent)
        assert current.step is step
    together = rule(
        subject={"Biology", "Physics"}, board={"AQA", "OCR"}, level={"GCSE", "A"}, spec_version={"v1", "v2"}
    )
    for dimension in ("subject", "board", "level", "spec_version"):
        wider = become(current, rules=(_with(current.rules[0], together, dimension),))
        current = climb(current, "broaden one allowlist dimension", rules=wider.rules)
        assert STAGE_OF[current.step] is Stage.BROADEN
    current = climb(current, "percent 100", percent=100, broadened=True)
    assert current.step is Step.EXPAND_100
    current = climb(current, "steady", step=Step.STEADY)
    assert judge(current, current).next_step == "none: the rollout is steady"


def _with(own: RuleValues, other: RuleValues, dimension: str) -> RuleValues:
    fields = ("subject", "board", "level", "spec_version")
    return rule(**{name: getattr(other if name == dimension else own, name) for name in fields})


def climb(current: ControlValues, announced: str, *, broadened: bool = False, **change: Any) -> ControlValues:
    after = become(current, **change)
    decision = judge(current, after, broadened=broadened)
    assert decision.outcome is Outcome.ALLOWED, decision.findings
    assert announced in decision.next_step
    return after


@pytest.mark.parametrize("start", range(len(LADDER)))
def test_every_skip_is_refused(start: int) -> None:
    step, stands = LADDER[start]
    current = live(step, stands)
    following = LADDER[start + 1][1] if start + 1 < len(LADDER) else None
    for percent in range(1, 101):
        decision = judge(current, become(current, percent=percent), broadened=True)
        if percent <= stands or percent == following:
            assert decision.outcome is Outcome.ALLOWED, percent
        else:
            assert codes(decision) == [C.STEP_SKIPPED], percent


def test_between_two_steps_the_next_one_up_is_next() -> None:
    for percent in range(1, 100):
        current = become(live(Step.EXPAND_100, 100), percent=percent)
        above = min(bound for bound in PERCENT_OF.values() if bound > percent)
        assert current.step is [step for step, bound in LADDER if bound <= percent][-1], percent
        decision = judge(current, become(current, percent=above), broadened=True)
        assert decision.outcome is Outcome.ALLOWED, percent


@pytest.mark.parametrize("station", Step)
@pytest.mark.parametrize("target", BROADENINGS)
def test_the_scope_widens_in_stage_3_alone(station: Step, target: Step) -> None:
    percent = PERCENT_OF.get(station, 100 if station is Step.STEADY else 50)
    current = live(station, percent)
    after = become(current, rules=(BROADENINGS[target],))
    decision = judge(current, after)
    if station in BROADEN_STATIONS:
        assert decision.outcome is Outcome.ALLOWED
        assert after.step is target
    elif station is Step.BASELINE:
        assert C.ENABLE_ORDER in codes(decision)
    else:
        assert C.SCOPE_FROZEN in codes(decision)


@pytest.mark.parametrize("station", [step for step in BROADEN_STATIONS if step is not Step.EXPAND_50])
def test_percent_is_frozen_in_stage_3(station: Step) -> None:
    current = live(station, 50)
    for percent in range(51, 101):
        found = codes(judge(current, become(current, percent=percent), broadened=True))
        assert found == ([] if percent == 100 else [C.STEP_SKIPPED, C.PERCENT_FROZEN]), percent


def test_broadening_not_needed_opens_the_way_to_100_alone() -> None:
    for step, percent in LADDER[:-2]:
        current = live(step, percent)
        after = ControlsChange(after=become(current, percent=100), broadening_not_needed="one subject only")
        found = review(intent(after), state(current), evidence(), NOW).reason_codes
        assert found == (C.STEP_SKIPPED,)


@pytest.mark.parametrize("station", [step for step in Step if step is not Step.STEADY])
@pytest.mark.parametrize("percent", [1, 5, 10, 25, 50, 99, 100])
def test_steady_comes_after_expand_100_alone(station: Step, percent: int) -> None:
    found = codes(judge(live(station, percent), live(Step.STEADY, percent)))
    assert found == ([] if station is Step.EXPAND_100 and percent == 100 else [C.STEADY_CRITERIA])


AT_50 = live(Step.EXPAND_50, 50)
REACHED: list[tuple[str, ControlValues, dict[str, Any], Step]] = [
    ("a kill keeps the step", AT_50, {"kill": True}, Step.EXPAND_50),
    ("a release goes back to it", live(Step.EXPAND_50, 50, kill=True), {"kill": False}, Step.EXPAND_50),
    ("also to a broadening", live(Step.BROADEN_KIND, 50, kill=True), {"kill": False}, Step.BROADEN_KIND),
    ("also to steady", live(Step.STEADY, 100, kill=True), {"kill": False}, Step.STEADY),
    ("the first release", live(Step.BASELINE, 1, kill=True), {"kill": False}, Step.CANARY_1),
    ("a lower percent", AT_50, {"percent": 10}, Step.EXPAND_10),
    ("a percent between", AT_50, {"percent": 24}, Step.EXPAND_10),
    ("a lower percent while killed", live(Step.EXPAND_50, 50, kill=True), {"percent": 7}, Step.CANARY_5),
    ("nobody", AT_50, {"percent": 0}, Step.BASELINE),
    ("everyone by 0", live(Step.EXPAND_100, 100, zero_means_everyone=True), {"percent": 0}, Step.EXPAND_100),
    ("feature off", AT_50, {"feature": False}, Step.BASELINE),
    ("allowlist off", AT_50, {"allowlist_enabled": False}, Step.BASELINE),
    ("no rule left", AT_50, {"rules": ()}, Step.BASELINE),
    ("fewer rules", live(Step.BROADEN_KIND, 50, rules=(rule(), rule("r2", board={"OCR"}))),
     {"rules": (rule(),)}, Step.BROADEN_KIND),
    ("less than steady", live(Step.STEADY, 100), {"percent": 99}, Step.EXPAND_50),
    ("less than broadened", live(Step.BROADEN_KIND, 50), {"percent": 25}, Step.EXPAND_25),
    ("a scope widened out of turn", values(), {"rules": (rule(board={"AQA", "OCR"}),)}, Step.EXPAND_10),
    ("a name above its percent", live(Step.EXPAND_50, 10), {"kill": True}, Step.EXPAND_10),
    ("a name off the ladder", live(Step.OFF_LADDER, 7), {"kill": True}, Step.CANARY_5),
    ("nothing", AT_50, {}, Step.EXPAND_50),
]  # fmt: skip


@pytest.mark.parametrize(("current", "change", "step"), [c[1:] for c in REACHED], ids=[c[0] for c in REACHED])
def test_the_step_that_a_change_reaches(current: ControlValues, change: dict[str, Any], step: Step) -> None:
    after = become(current, step=current.step, **change)
    assert step_after(current, after, diff(current, after)) is step


NEXT: list[tuple[ControlValues, dict[str, Any], str]] = [
    (live(Step.STEADY, 100), {}, "none: the rollout is steady"),
    (live(Step.STEADY, 5), {}, "percent 10"),
    (live(Step.EXPAND_100, 100), {}, "steady, once the beta criteria are met and signed off"),
    (live(Step.EXPAND_25, 25), {}, "percent 50"),
    (live(Step.EXPAND_50, 60), {}, "percent 100"),
    (AT_50, {},
     "broaden one allowlist dimension, or percent 100 with the statement that no broadening is needed"),
    (AT_50, {"broadened": True}, "broaden one allowlist dimension, or percent 100"),
    (live(Step.EXPAND_25, 25, kill=True), {},
     "verify the telemetry, then release the kill: back to expand-25"),
    (live(Step.EXPAND_25, 25, break_glass_until_ns=NOW), {},
     "verify the telemetry, then release the kill: back to expand-25"),
    (AT_50, {"latched": "5 of 15 failed"}, "find the cause of the ROLL BACK, then acknowledge it"),
    (AT_50, {"latched": "5 of 15 failed", "latched_revision": 7},
     "narrow or kill, find the cause of the ROLL BACK, then acknowledge it"),
]  # fmt: skip


@pytest.mark.parametrize(("current", "facts", "words"), NEXT, ids=[words for _, _, words in NEXT])
def test_the_next_legal_step(current: ControlValues, facts: dict[str, Any], words: str) -> None:
    assert judge(current, current, **facts).next_step == words
