"""What waits for a receiver: pure, as properties and as a table."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dashboard.notify.backlog import (
    LONGEST_PAUSE_S,
    MOST_ATTEMPTS,
    MOST_FAILED,
    MOST_WAITING,
    SECOND,
    Backlog,
    begun_anew,
    delivered,
    disabled,
    due,
    noticed,
    pause,
    postponed,
)
from dashboard.notify.events import Event
from tests.dashboard.notify.chains import event

ACTIONS = ("kill", "apply", "narrow", "latch roll back", "acknowledge", "kill failed", "comment")
RELEASE = {"before": {"kill": True}, "after": {"kill": False}}


def events(*actions: str, first: int = 1) -> tuple[Event, ...]:
    return tuple(
        event(action.removesuffix(" open"), number, **(RELEASE if action.endswith(" open") else {}))
        for number, action in enumerate(actions, first)
    )


def of(*actions: str) -> Backlog:
    return noticed(Backlog(after=0, cursor=0), events(*actions), len(actions), "leaf", 0)


def order(backlog: Backlog) -> list[int]:
    """In which order it is delivered where everything is taken."""
    found = []
    while (one := due(backlog, 0)) is not None:
        found.append(one.seq)
        backlog = delivered(backlog, one.seq, 0)
    return found


def test_the_kill_goes_first() -> None:
    assert order(of("comment", "narrow", "kill")) == [3, 1, 2]


def test_what_belongs_together_keeps_its_order() -> None:
    """The end of a kill before its beginning would leave it standing at PagerDuty."""
    assert order(of("kill", "apply open", "comment", "kill")) == [1, 2, 4, 3]


def test_a_new_kill_does_not_wait_out_the_pause_of_the_release_before_it() -> None:
    backlog = postponed(of("apply open"), 1, 0, "500", 0.5)
    assert due(backlog, 0) is None
    backlog = noticed(backlog, events("kill", first=2), 2, "leaf", 0)
    first = due(backlog, 0)
    assert first is not None
    assert first.seq == 1
    assert order(delivered(backlog, 1, 0)) == [2]


def test_a_failing_event_does_not_hold_back_others() -> None:
    backlog = postponed(of("comment", "narrow"), 1, 0, "500", 0.5)
    assert order(backlog) == [2]


def test_a_clock_that_was_set_back_waits_for_no_longer_than_the_longest_pause() -> None:
    now = 10**18
    backlog = postponed(of("narrow"), 1, now, "500", 0.5)
    assert due(backlog, now) is None
    assert due(backlog, now - round(2 * LONGEST_PAUSE_S) * SECOND) is not None


def test_given_up_after_about_a_day() -> None:
    backlog, waited = of("narrow"), 0.0
    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert backlog.failures == 0
        waited += pause(attempt, 0.5)
        backlog = postponed(backlog, 1, 0, "answered 500", 0.5)
    assert (backlog.waiting, backlog.failures, backlog.failed[0].seq) == ((), 1, 1)
    assert "answered 500" in backlog.failed[0].why
    assert 15 * 3600 < waited < 30 * 3600


def test_retry_after_is_kept_within_bounds() -> None:
    [one] = postponed(of("narrow"), 1, 0, "429", 0.0, at_least_s=60.0).waiting
    assert one.next_ns == 60 * SECOND
    [one] = postponed(of("narrow"), 1, 0, "429", 0.0, at_least_s=1e9).waiting
    assert one.next_ns == LONGEST_PAUSE_S * SECOND


def test_a_receiver_that_is_gone_keeps_what_waited_on_record() -> None:
    backlog = disabled(of("kill"), "answered 410")
    assert due(backlog, 0) is None
    assert len(backlog.waiting) == 1


def test_what_waits_is_bounded_and_a_kill_is_given_up_last() -> None:
    backlog = noticed(Backlog(after=0, cursor=0), events("kill", *["comment"] * MOST_WAITING), 9, "l", 0)
    assert len(backlog.waiting) == MOST_WAITING
    assert (backlog.failures, backlog.failed[0].seq) == (1, 2)
    assert due(backlog, 0) == backlog.waiting[0]
    assert backlog.waiting[0].urgent


def test_another_chain() -> None:
    backlog = begun_anew(of("kill", "narrow"), 40, "other", 0)
    assert (backlog.cursor, backlog.leaf, backlog.waiting, backlog.failures) == (40, "other", (), 2)


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_pauses_are_bounded(attempts: int, chance: float) -> None:
    assert 1 <= pause(attempts, chance) <= LONGEST_PAUSE_S


@given(
    st.lists(st.sampled_from(ACTIONS), max_size=12),
    st.lists(st.tuples(st.sampled_from(["told", "later", "nothing"]), st.integers(0, 2000)), max_size=60),
)
def test_nothing_is_lost_and_nothing_told_twice(actions: list[str], steps: list[tuple[str, int]]) -> None:
    """Whatever is answered and whatever the clock does: each event waits, was told, or was given up."""
    backlog, told, now = of(*actions), set[int](), 0
    for what, seconds in steps:
        now += (seconds - 1000) * SECOND
        one = due(backlog, now)
        if one is None or what == "nothing":
            continue
        assert one.seq not in told
        if what == "told":
            told.add(one.seq)
            backlog = delivered(backlog, one.seq, now)
        else:
            backlog = postponed(backlog, one.seq, now, "500", 0.5)
    waiting = {one.seq for one in backlog.waiting}
    failed = {one.seq for one in backlog.failed}
    assert told | waiting | failed == set(range(1, len(actions) + 1))
    assert len(told) + len(waiting) + len(failed) == len(actions)
    assert backlog.delivered == len(told)


def test_the_list_of_what_failed_is_bounded() -> None:
    backlog = of(*["comment"] * (MOST_FAILED + 5))
    for one in backlog.waiting:
        tired = tuple(replace(each, attempts=MOST_ATTEMPTS) for each in backlog.waiting)
        backlog = postponed(replace(backlog, waiting=tired), one.seq, 0, "500", 0.0)
    assert (len(backlog.failed), backlog.failures) == (MOST_FAILED, MOST_FAILED + 5)
    assert backlog.failed[-1].seq == MOST_FAILED + 5
