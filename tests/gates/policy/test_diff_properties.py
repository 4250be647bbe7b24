"""`diff` against every job of a small universe, decided by the gates themselves."""

from dataclasses import replace
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gates.decision import Admitted, Job, Slot, bucket, compile_controls, decide, effective_at
from gates.policy.diff import Direction, diff, widens
from gates.policy.values import ControlValues, RuleValues, control_values
from schemas.instant import epoch_ns
from tests.gates.policy.strategies import BOARDS, KINDS, SLOTS, SUBJECTS, VALUES, documents


def ids_by_bucket() -> dict[int, str]:
    found: dict[int, str] = {}
    for number in range(5000):
        found.setdefault(bucket(f"job-{number}"), f"job-{number}")
    return found


JOB_IN = ids_by_bucket()
BOUNDS = (0, 1, 2, 3, 5, 9, 10, 25, 29, 30, 49, 50, 59, 60, 98, 99)
RUNS = [
    tuple(Slot(slot, kind) for slot, kind in run)
    for count in (1, 2, 3)
    for run in product(product((*SLOTS, "S3"), KINDS), repeat=count)
    if count < 3 or len({*run}) == 1
]
SCOPES = list(product((*SUBJECTS, "Art"), BOARDS, RUNS))
TIMES = [
    epoch_ns(text) or 0 for text in ("2026-05-01T00:00:00Z", "2026-06-15T00:00:00Z", "2026-08-01T00:00:00Z")
]


def reachable(document: dict[str, Any], now_ns: int) -> tuple[set[int], set[int]]:
    """The buckets admitted for some job, and the scopes admitted in some bucket.

    The gates are independent, so the jobs reachable are exactly the product of the two.
    """
    compiled = effective_at(compile_controls(document, "test"), now_ns)

    def admits(at: int, scope: int) -> bool:
        subject, board, slots = SCOPES[scope]
        job = Job(JOB_IN[at], subject, "GCSE", board, "v1", True, slots)
        return isinstance(decide(compiled, job), Admitted)

    scopes = {scope for scope in range(len(SCOPES)) if admits(BOUNDS[0], scope)}
    return {at for at in BOUNDS if scopes and admits(at, min(scopes))}, scopes


def newly_reachable(before: dict[str, Any], after: dict[str, Any]) -> bool:
    limited = any(document[key] for document in (before, after) for key in ("validUntil", "breakGlassUntil"))
    for now_ns in TIMES if limited else TIMES[:1]:
        (old_buckets, old_scopes), (new_buckets, new_scopes) = (
            reachable(before, now_ns),
            reachable(after, now_ns),
        )
        if new_scopes and not (new_buckets <= old_buckets and new_scopes <= old_scopes):
            return True
    return False


def test_the_universe_has_every_bucket() -> None:
    assert len(JOB_IN) == 100


def no_widening_is_ever_missed(before: dict[str, Any], after: dict[str, Any]) -> None:
    if newly_reachable(before, after):
        assert widens(diff(control_values(before), control_values(after)))


def what_is_closed_both_times_may_still_widen_but_never_the_other_way(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    """A change that widens nothing can never be followed by one switch to reach more than before it."""
    old, new = control_values(before), control_values(after)
    if not widens(diff(old, new)):
        opened = {"kill": False, "feature": True, "breakGlassUntil": None}
        assert not newly_reachable(before | opened, after | opened)


@given(
    before=documents(),
    other=documents(),
    keys=st.sets(
        st.sampled_from(
            ("kill", "feature", "percent", "rolloutZero", "allowlist", "validUntil", "breakGlassUntil")
        ),
        max_size=2,
    ),
)
def test_no_widening_is_missed_nor_hides_among_what_stays(
    before: dict[str, Any], other: dict[str, Any], keys: set[str]
) -> None:
    """Of one example each: to draw it costs more than what is asked of it."""
    no_widening_is_ever_missed(before, other)
    no_widening_is_ever_missed(before, before | {key: other[key] for key in keys})
    what_is_closed_both_times_may_still_widen_but_never_the_other_way(before, other)


@given(controls=VALUES)
def test_nothing_differs_from_itself(controls: ControlValues) -> None:
    assert diff(controls, controls) == ()


@given(controls=VALUES, data=st.data())
def test_the_order_and_the_names_of_rules_do_not_matter(controls: ControlValues, data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(controls.rules))
    renamed = tuple(replace(rule, rule_id=f"new-{rule.rule_id}") for rule in shuffled)
    assert diff(controls, replace(controls, rules=tuple(shuffled))) in (
        (),
        _edited_while_off(controls, shuffled),
    )
    assert not widens(diff(controls, replace(controls, rules=renamed)))


def _edited_while_off(controls: ControlValues, rules: list[RuleValues]) -> object:
    return diff(controls, replace(controls, rules=tuple(rules))) if not controls.allowlist_enabled else ()


@st.composite
def subsets(draw: st.DrawFn, listed: frozenset[str], least: int = 0) -> frozenset[str]:
    kept = (
        draw(st.sets(st.sampled_from(sorted(listed)), min_size=min(least, len(listed)))) if listed else set()
    )
    return frozenset(kept)


@st.composite
def narrower_rules(draw: st.DrawFn, rule: RuleValues) -> RuleValues:
    slots = (
        draw(subsets(rule.slot_ids, least=1))
        if rule.slot_ids
        else draw(st.frozensets(st.sampled_from(SLOTS)))
    )
    return replace(
        rule,
        subject=draw(subsets(rule.subject)),
        level=draw(subsets(rule.level)),
        board=draw(subsets(rule.board)),
        spec_version=draw(subsets(rule.spec_version)),
        kind=draw(subsets(rule.kind)),
        slot_ids=slots,
        max_jobs=draw(st.integers(0, rule.max_jobs)),
    )


@st.composite
def narrowings(draw: st.DrawFn, current: ControlValues) -> ControlValues:
    """`current` with something taken away: minimum percent, fewer and smaller rules, kill or, feature and."""
    percent = draw(st.integers(0, 100))
    bound = percent or (100 if current.zero_means_everyone else 0)
    kept = draw(st.lists(st.sampled_from(current.rules), unique=True)) if current.rules else []
    return replace(
        current,
        kill=current.kill or draw(st.booleans()),
        feature=current.feature and draw(st.booleans()),
        percent=percent if bound <= current.admits_below else current.percent,
        allowlist_enabled=current.allowlist_enabled and draw(st.booleans()),
        rules=tuple(draw(narrower_rules(rule)) for rule in kept),
    )


@given(current=VALUES, data=st.data())
def test_a_pure_narrowing_widens_nothing(current: ControlValues, data: st.DataObject) -> None:
    after = data.draw(narrowings(current))
    assert not widens(diff(current, after))


@given(before=VALUES, after=VALUES)
def test_what_widens_one_way_narrows_the_other(before: ControlValues, after: ControlValues) -> None:
    def moved(one: ControlValues, other: ControlValues, direction: Direction) -> set[str]:
        return {delta.dimension.value for delta in diff(one, other) if delta.direction is direction}

    assert moved(before, after, Direction.WIDENS) == moved(after, before, Direction.NARROWS)


@settings(max_examples=60)
@given(steps=st.lists(documents(), min_size=3, max_size=3))
def test_two_changes_that_widen_nothing_do_not_add_up(steps: list[dict[str, Any]]) -> None:
    first, second, third = (control_values(document) for document in steps)
    if not widens(diff(first, second)) and not widens(diff(second, third)):
        assert not newly_reachable(steps[0], steps[2])
