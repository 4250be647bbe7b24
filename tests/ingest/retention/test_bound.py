"""Before which moment lines may go: a table of facts, and what holds whatever the facts are."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import NeedUnknown
from ingest.history.controls import Interval
from ingest.instants import rfc3339
from ingest.retention.bound import DAY_NS, HOUR_NS, Facts, Need, bound, month_of
from ingest.retention.clock import LEAP_NS, LONGEST_WAIT_NS, Seen, believed
from ingest.retention.needs import Wanted, needs_of
from schemas.instant import SECOND
from schemas.stages import Step

NOW = 1_795_227_600 * SECOND  # 2026-11-21T02:20:00Z
PLAIN = Facts(now_ns=NOW, days=30, needs=(), newest_ns=NOW)
CASES = {
    "the days": (PLAIN, "2026-10-22", "30 days are kept"),
    "a longer stay": (
        replace(PLAIN, needs=(Need("the stay at steady goes on", NOW - 40 * DAY_NS),)),
        "2026-10-12",
        "the stay at steady goes on",
    ),
    "a shorter stay": (replace(PLAIN, needs=(Need("a", NOW - DAY_NS),)), "2026-10-22", "30 days are kept"),
    "the earliest of many": (
        replace(PLAIN, needs=(Need("a", NOW - 50 * DAY_NS), Need("b", NOW - 60 * DAY_NS))),
        "2026-09-22",
        "b",
    ),
    "an hour before a need": (
        replace(PLAIN, needs=(Need("a", NOW - 40 * DAY_NS - 140 * 60 * SECOND),)),
        "2026-10-11",
        "a",
    ),
    "a record that came to an end": (
        replace(PLAIN, newest_ns=NOW - 90 * DAY_NS),
        "2026-08-22",
        "the last 24 h with lines are kept",
    ),
    "no line with a time": (replace(PLAIN, newest_ns=None), "2026-10-22", "30 days are kept"),
    "whole months": (replace(PLAIN, whole_months=True), "2026-10-01", "30 days are kept"),
    "a year": (replace(PLAIN, days=365), "2025-11-21", "365 days are kept"),
}  # fmt: skip


@pytest.mark.parametrize(("facts", "day", "why"), CASES.values(), ids=CASES)
def test_before_which_day(facts: Facts, day: str, why: str) -> None:
    found = bound(facts)
    assert (rfc3339(found.before_ns), found.why) == (f"{day}T00:00:00Z", why)


moments = st.integers(-(2**62), 2**62)
facts = st.builds(
    Facts,
    now_ns=st.integers(0, 2**62),
    days=st.integers(7, 36_500),
    needs=st.lists(st.builds(Need, st.just("needed"), moments), max_size=4).map(tuple),
    newest_ns=st.none() | moments,
    whole_months=st.booleans(),
)


@given(facts)
def test_nothing_that_is_needed_goes(found: Facts) -> None:
    before_ns = bound(found).before_ns
    assert before_ns <= found.now_ns - found.days * DAY_NS or before_ns == -(2**63)
    assert all(before_ns <= one.since_ns - HOUR_NS or before_ns == -(2**63) for one in found.needs)
    assert found.newest_ns is None or before_ns <= max(found.newest_ns - DAY_NS, -(2**63))
    assert before_ns % DAY_NS == 0 or before_ns == -(2**63)


@given(facts, st.builds(Need, st.just("one more"), moments), st.integers(0, 400))
def test_one_more_need_and_more_days_only_keep_more(found: Facts, need: Need, days: int) -> None:
    before_ns = bound(found).before_ns
    assert bound(replace(found, needs=(*found.needs, need))).before_ns <= before_ns
    assert bound(replace(found, days=found.days + days)).before_ns <= before_ns
    assert bound(replace(found, whole_months=True)).before_ns <= before_ns


@given(facts)
def test_whole_months_end_with_a_month(found: Facts) -> None:
    before_ns = bound(replace(found, whole_months=True)).before_ns
    assert before_ns < 0 or before_ns == 0 or month_of(before_ns) != month_of(before_ns - 1_000)


CLOCKS = {
    "an hour later": (Seen(NOW), HOUR_NS, None),
    "a night later": (Seen(NOW), LEAP_NS, None),
    "set back": (Seen(NOW), -50 * DAY_NS, None),
    "the first pass": (Seen(), 0, DAY_NS),
    "the first pass, a day ago": (Seen(None, NOW - DAY_NS), 0, None),
    "two days ahead": (Seen(NOW), 2 * DAY_NS, 4 * DAY_NS),
    "years ahead": (Seen(NOW), 700 * DAY_NS, 707 * DAY_NS),
    "years ahead, for six days": (Seen(NOW, NOW + 700 * DAY_NS), 706 * DAY_NS, 707 * DAY_NS),
    "years ahead, for a week": (Seen(NOW, NOW + 700 * DAY_NS), 707 * DAY_NS, None),
    "ahead, and right again": (Seen(NOW, NOW + 700 * DAY_NS), HOUR_NS, None),
}  # fmt: skip


@pytest.mark.parametrize(("seen", "later", "waits"), CLOCKS.values(), ids=CLOCKS)
def test_whether_the_clock_is_believed(seen: Seen, later: int, waits: int | None) -> None:
    found = believed(seen, NOW + later)
    assert found.waits_until_ns == (None if waits is None else NOW + waits)
    if waits is None:
        assert found.seen == Seen(NOW + later)
    else:
        assert found.seen.trusted_ns == seen.trusted_ns


@given(
    st.builds(Seen, st.none() | st.integers(0, 2**60), st.none() | st.integers(0, 2**60)),
    st.integers(0, 2**60),
)
def test_a_wait_ends_with_time_alone(seen: Seen, now_ns: int) -> None:
    found = believed(seen, now_ns)
    if found.waits_until_ns is not None:
        assert now_ns < found.waits_until_ns <= now_ns + LONGEST_WAIT_NS
        assert believed(found.seen, found.waits_until_ns).waits_until_ns is None


def interval(days: int, revision: int, step: Step, *, kill: bool = False, removed: bool = False) -> Interval:
    """In force from so many days before now on."""
    return Interval(
        from_ns=NOW - days * DAY_NS,
        to_ns=None,
        revision=revision,
        stage=0,
        step=Step.BASELINE if removed else step,
        kill=kill or removed,
        feature=True,
        percent=10,
        allowlist=True,
        zero_admits="nobody",
        removed=removed,
    )


CANARY, EXPAND = Step.CANARY_1, Step.EXPAND_10
HISTORIES = {
    "none": ((), {}),
    "one stay": ((interval(50, 1, CANARY), interval(20, 2, EXPAND)), {"stay": 20}),
    "through a kill": (
        (interval(50, 1, CANARY), interval(20, 2, EXPAND), interval(9, 3, EXPAND, kill=True)),
        {"stay": 20, "kill": 10},
    ),
    "through a removal": (
        (interval(50, 1, CANARY), interval(20, 2, EXPAND), interval(9, 2, EXPAND, removed=True),
         interval(8, 2, EXPAND)),
        {"stay": 20, "kill": 10},
    ),
    "a revision that came back": (
        (interval(50, 2, EXPAND), interval(30, 1, CANARY), interval(9, 2, EXPAND)),
        {"stay": 50},
    ),
    "a kill of long ago": (
        (interval(90, 1, CANARY, kill=True), interval(80, 2, CANARY), interval(5, 3, EXPAND)),
        {"stay": 5, "kill": 91},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("intervals", "days"), HISTORIES.values(), ids=HISTORIES)
def test_what_the_history_needs(intervals: tuple[Interval, ...], days: dict[str, int]) -> None:
    found = needs_of(intervals, (), NOW)
    words = {"stay": "the stay at", "kill": "the newest kill"}
    assert {
        name: (NOW - one.since_ns) // DAY_NS
        for one in found
        for name, begins in words.items()
        if one.why.startswith(begins)
    } == days


def test_a_revision_that_is_looked_at_is_needed_from_its_beginning() -> None:
    intervals = (interval(50, 1, CANARY), interval(20, 2, EXPAND))
    wanted = (Wanted("request 4 is open", 1, NOW - 3 * DAY_NS),)
    found = [
        (NOW - one.since_ns) // DAY_NS for one in needs_of(intervals, wanted, NOW) if "request" in one.why
    ]
    assert found == [3, 50]


def test_what_the_history_does_not_know_is_everything() -> None:
    with pytest.raises(NeedUnknown, match="nothing is deleted"):
        needs_of((interval(5, 1, CANARY),), (Wanted("revision 2 is in force", 2, None),), NOW)
