"""When a revision was in force, from the home's own control history.

A revision can be in force more than once: a control file that was taken away is put back, or the
same file is published again. All of that is one window. While the file was away nothing of the
revision was in force: such time is `removed`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb

from gates.verdict.evidence import ControlsInForce
from ingest.history.controls import HOME, Interval
from ingest.store.histories import read_history_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The window of `revision`. Null `controls` and `from_ns`: it never took effect.

    `controls` are the newest; their `effective_ns` is when they took effect without interruption
    since, `from_ns` when the revision first did. `ended_ns` bounds the decisions that count (null: a
    window that goes on), `until_ns` the time that is looked at. `running_ns` is how long the revision
    was in force, `removed` the intervals without the file. `number_reused`: the number stands for
    different controls at different times.
    """

    revision: int
    controls: ControlsInForce | None
    from_ns: int | None
    until_ns: int
    ended_ns: int | None
    running_ns: int
    removed: tuple[int, ...]
    admits_below: int
    newer_revision: int | None
    scope_before: Interval | None
    number_reused: bool = False


def home_intervals(cursor: duckdb.DuckDBPyConnection) -> tuple[Interval, ...]:
    """The home's history; `interval_no` of a row is the place in it."""
    history = read_history_of(cursor, HOME)
    return history.intervals if history else ()


def window_of(intervals: Sequence[Interval], revision: int, now_ns: int, ended_ns: int | None) -> Window:
    """The window of `revision` as of `now_ns`, or up to `ended_ns`."""
    until_ns = now_ns if ended_ns is None else ended_ns
    numbers = [
        number
        for number, one in enumerate(intervals)
        if one.revision == revision and (ended_ns is None or one.from_ns < ended_ns)
    ]
    if not numbers:
        newest = intervals[-1].revision if intervals else revision
        newer = newest if newest > revision else None
        return Window(
            revision=revision,
            controls=None,
            from_ns=None,
            until_ns=until_ns,
            ended_ns=ended_ns,
            running_ns=0,
            removed=(),
            admits_below=0,
            newer_revision=newer,
            scope_before=None,
        )
    newest_one = intervals[numbers[-1]]
    running = sum(
        max(0, min(one.to_ns if one.to_ns is not None else until_ns, until_ns) - one.from_ns)
        for one in (intervals[number] for number in numbers)
        if not one.removed
    )
    return Window(
        revision=revision,
        controls=ControlsInForce(
            kill=newest_one.kill or denies_by(newest_one, until_ns),
            feature=newest_one.feature,
            allowlist=newest_one.allowlist,
            percent=newest_one.percent,
            removed=newest_one.removed,
            effective_ns=_uninterrupted_from(intervals, numbers[-1]),
        ),
        from_ns=intervals[numbers[0]].from_ns,
        until_ns=until_ns,
        ended_ns=ended_ns,
        running_ns=running,
        removed=tuple(number for number in numbers if intervals[number].removed),
        admits_below=admits_below(newest_one),
        newer_revision=intervals[-1].revision if intervals[-1].revision != revision else None,
        scope_before=_scope_before(intervals, numbers[0]),
        number_reused=_differ(intervals[number] for number in numbers),
    )


def says(interval: Interval) -> tuple[object, ...]:
    """What an interval puts in force, without when."""
    return (
        interval.revision,
        interval.kill,
        interval.feature,
        interval.allowlist,
        interval.percent,
        interval.zero_admits,
        interval.removed,
    )


def denies_by(interval: Interval, moment_ns: int) -> bool:
    """Whether a limited leave to admit had ended, and the controls deny like a kill since."""
    return interval.denies_from_ns is not None and interval.denies_from_ns <= moment_ns


def admits_below(interval: Interval) -> int:
    """The bucket from which on jobs are excluded, whatever the gates before say."""
    return 100 if interval.percent == 0 and interval.zero_admits == "everyone" else interval.percent


def _uninterrupted_from(intervals: Sequence[Interval], number: int) -> int:
    """Since when the controls of an interval are in force without a change: dwell counts from here."""
    while number > 0 and says(intervals[number - 1]) == says(intervals[number]):
        number -= 1
    return intervals[number].from_ns


def _differ(intervals: Iterable[Interval]) -> bool:
    """Whether one revision put different controls in force, as after an old store was restored."""
    return len({(*says(one), one.allowlist_digest, one.step) for one in intervals if not one.removed}) > 1


def _scope_before(intervals: Sequence[Interval], number: int) -> Interval | None:
    """The last interval at another step before that of interval `number`: whose scope was reviewed.

    Neither a kill nor a change within the step moves what counts as new.
    """
    step = next((one.step for one in intervals[number:] if not one.removed), intervals[number].step)
    for one in reversed(intervals[:number]):
        if one.step != step and not one.removed and not one.kill:
            return one
    return None
