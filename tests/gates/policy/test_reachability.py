"""Under enforce, every way through the boundary is walked: what can be reached, by whom, in which order.

A small world is searched completely: all controls over few percents, three rule sets, both
meanings of 0 and every step name, joined by all the changes that `review` allows.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import product

import pytest

from gates.policy.diff import Dimension, Direction, diff, widens
from gates.policy.intent import ControlsChange, Moment, Role
from gates.policy.ladder_steps import step_after
from gates.policy.outcome import Outcome
from gates.policy.review import review
from gates.policy.sequence import is_smallest_scope
from gates.policy.state import State
from gates.policy.values import ControlValues, RuleValues
from schemas.stages import Step
from tests.gates.policy.builders import (
    NOW,
    REQUESTER,
    baseline,
    evidence,
    intent,
    person,
    request,
    rule,
    state,
)

pytestmark = pytest.mark.timeout(600)  # a whole world is walked, also on a busy machine

SMALLEST = (rule(),)
RULE_SETS: tuple[tuple[RuleValues, ...], ...] = ((), SMALLEST, (rule(subject={"Biology", "Physics"}),))
PERCENTS = (0, 1, 5, 50, 100)
OTHER_NAME = Step.EXPAND_50  # the one that would open most
LIMITS = (None, NOW + 60)


def is_live(controls: ControlValues) -> bool:
    return not controls.kill and not controls.admits_nobody


@cache
def targets(current: ControlValues) -> tuple[tuple[ControlValues, bool], ...]:
    """Every set of controls of the small world, under the right name, the old name and any other.

    Each with whether it widens, which no name changes.
    """
    return tuple(_targets(current))


def _targets(current: ControlValues) -> Iterator[tuple[ControlValues, bool]]:
    everyone = current.zero_means_everyone
    for kill, feature, allowlist, percent, rules, limit in product(
        (False, True), (False, True), (False, True), PERCENTS, RULE_SETS, LIMITS
    ):
        if kill and limit is not None:
            continue
        after = ControlValues(
            kill=kill,
            feature=feature,
            percent=percent,
            zero_means_everyone=everyone,
            step=current.step,
            allowlist_enabled=allowlist,
            rules=rules,
            valid_until_ns=None,
            break_glass_until_ns=limit,
        )
        deltas = diff(current, after)
        right, is_wider = step_after(current, after, deltas), widens(deltas)
        for name in {right} if is_wider else {right, current.step, OTHER_NAME}:
            yield replace(after, step=name), is_wider


BEST = evidence()


def signed(current: ControlValues) -> State:
    """With the best approval there is."""
    return state(current, request=request())


def unsigned(current: ControlValues) -> State:
    return state(current, request=None)


def allowed(facts: State, after: ControlValues, *, glass: bool = False) -> bool:
    """Whether the best evidence carries the change through."""
    change = ControlsChange(after=after, broadening_not_needed="one subject", break_glass=glass)
    return review(intent(change, Moment.APPLY), facts, BEST, NOW).outcome is Outcome.ALLOWED


@cache
def neighbours(current: ControlValues) -> tuple[ControlValues, ...]:
    facts = signed(current)
    return tuple(after for after, _ in targets(current) if allowed(facts, after))


def world(start: ControlValues) -> set[ControlValues]:
    seen, ahead = {start}, deque([start])
    while ahead:
        for after in neighbours(ahead.popleft()):
            if after not in seen:
                seen.add(after)
                ahead.append(after)
    return seen


STARTS = [baseline(rules=()), baseline(rules=(), zero_means_everyone=True)]


def done(steps: int, before: ControlValues, after: ControlValues) -> int:
    """How many steps of the sequence stand in order after this change: an observer that trusts no name.

    It counts feature, allowlist, percent and release, each taken alone with the kill on and what
    came before still standing, and starts anew when one of them falls.
    """
    if is_live(before) and not after.admits_nobody:
        return 4  # a rollout that lives on, or is killed and may come back
    stands = [
        after.feature,
        after.allowlist_enabled and bool(after.rules),
        after.percent != 0,
    ]
    if steps == 4 and all(stands):
        return 4
    took = [after.feature and not before.feature, after.allowlist_enabled and not before.allowlist_enabled]
    took += [after.percent == 1 and before.percent != 1, before.kill and not after.kill]
    kept = min(steps, next((index for index, stand in enumerate(stands) if not stand), 3))
    if sum(took) != 1:
        return kept
    index = took.index(True)
    clean = after.kill or index == 3
    if index == 1:
        clean = clean and is_smallest_scope(after)
    return index + 1 if kept == index and clean else kept


@pytest.mark.parametrize("start", STARTS, ids=["0 is nobody", "0 is everyone"])
def test_the_model_is_reachable_only_by_the_enable_sequence_in_order(start: ControlValues) -> None:
    seen, ahead = {(start, 0)}, deque([(start, 0)])
    lives = 0
    while ahead:
        current, steps = ahead.popleft()
        for after in neighbours(current):
            now_done = done(steps, current, after)
            if is_live(after) and not is_live(current):
                lives += 1
                assert now_done == 4, (steps, current, after)
            if (after, now_done) not in seen:
                seen.add((after, now_done))
                ahead.append((after, now_done))
    assert lives
    assert len(seen) > 100


@pytest.mark.parametrize("start", STARTS, ids=["0 is nobody", "0 is everyone"])
def test_every_climb_is_one_step_of_the_ladder(start: ControlValues) -> None:
    for current in world(start):
        for after in neighbours(current):
            if not is_live(current) or not is_live(after):
                continue
            widened = {d.dimension for d in diff(current, after) if d.direction is Direction.WIDENS}
            assert len(widened) <= 1
            if Dimension.PERCENT in widened:
                ladder = (1, 5, 10, 25, 50, 100)
                assert after.percent == next(bound for bound in ladder if bound > current.percent)
            if widened & {Dimension.SUBJECT}:
                assert current.percent == 50


@pytest.mark.parametrize("start", STARTS, ids=["0 is nobody", "0 is everyone"])
def test_no_one_widens_alone_but_by_break_glass(start: ControlValues) -> None:
    for current in world(start):
        facts = unsigned(current)
        for after, is_wider in targets(current):
            if not is_wider:
                continue
            assert not allowed(facts, after)
            if allowed(facts, after, glass=True):
                assert after.break_glass_until_ns == NOW + 60
                assert released(after) == released(current)


def released(controls: ControlValues) -> ControlValues:
    return replace(controls, kill=False, break_glass_until_ns=None, step=Step.BASELINE)


@pytest.mark.parametrize("start", STARTS, ids=["0 is nobody", "0 is everyone"])
def test_from_everywhere_the_kill_is_one_person_away(start: ControlValues) -> None:
    oncall = person(REQUESTER, {Role.ONCALL})
    for current in world(start):
        killed = ControlsChange(after=replace(current, kill=True))
        found = review(intent(killed, actor=oncall), unsigned(current), BEST, NOW)
        assert found.outcome is Outcome.ALLOWED


@pytest.mark.parametrize("start", STARTS, ids=["0 is nobody", "0 is everyone"])
def test_no_place_is_a_dead_end(start: ControlValues) -> None:
    """From everywhere the sequence can be walked again to a live canary."""
    reached = world(start)
    backwards: dict[ControlValues, set[ControlValues]] = {controls: set() for controls in reached}
    for current in reached:
        for after in neighbours(current):
            backwards[after].add(current)
    canaries = {controls for controls in reached if is_live(controls) and controls.step is Step.CANARY_1}
    home, ahead = set(canaries), deque(canaries)
    while ahead:
        for before in backwards[ahead.popleft()] - home:
            home.add(before)
            ahead.append(before)
    assert home == reached
