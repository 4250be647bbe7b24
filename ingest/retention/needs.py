"""What the history of the home still needs, from which moment on. Pure.

Whoever reads rows of a revision reads all since it first took effect; of a kill also the calls that were in
flight, up to a day before it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ingest.errors import NeedUnknown
from ingest.evidence.kills import newest_kill
from ingest.history.controls import Interval
from ingest.retention.bound import DAY_NS, Need


@dataclass(frozen=True, slots=True)
class Wanted:
    """`why` all rows of `revision` are needed (null: of none), and all from `since_ns` on (null: no more)."""

    why: str
    revision: int | None
    since_ns: int | None


def needs_of(intervals: Sequence[Interval], wanted: Iterable[Wanted], now_ns: int) -> tuple[Need, ...]:
    """What the current stay, the newest kill and `wanted` need.

    Raises `NeedUnknown` where a wanted revision is not in the history.
    """
    return (
        *_of_stay(intervals),
        *_of_kill(intervals, now_ns),
        *(need for one in wanted for need in _of_wanted(intervals, one)),
    )


def _of_stay(intervals: Sequence[Interval]) -> Iterator[Need]:
    """Its whole window, through kills; what was in force before, too, where it came back."""
    there = [one for one in intervals if not one.removed]
    if not there:
        return
    first = len(there) - 1
    while first > 0 and there[first - 1].step == there[-1].step:
        first -= 1
    revisions = {one.revision for one in there[first:]}
    since_ns = min(one.from_ns for one in intervals if one.revision in revisions)
    yield Need(f"the stay at {there[-1].step} goes on", since_ns)


def _of_kill(intervals: Sequence[Interval], now_ns: int) -> Iterator[Need]:
    """The newest one says whether the next would work, also long after it was released."""
    kill = newest_kill(intervals, now_ns)
    if kill is not None:
        why = f"the newest kill (revision {kill.revision}) is confirmed by its lines"
        yield Need(why, kill.engaged_ns - DAY_NS)


def _of_wanted(intervals: Sequence[Interval], wanted: Wanted) -> Iterator[Need]:
    if wanted.since_ns is not None:
        yield Need(wanted.why, wanted.since_ns)
    if wanted.revision is None:
        return
    begins = [one.from_ns for one in intervals if one.revision == wanted.revision]
    if not begins:
        raise NeedUnknown(
            f"{wanted.why}, and the history of the home does not say since when revision {wanted.revision} "
            "is in force; nothing is deleted until `slotgate doctor` finds nothing to do"
        )
    yield Need(wanted.why, min(begins))
