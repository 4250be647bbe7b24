"""Before which moment rows may go. Pure: a function of facts.

Whatever somebody may still need is kept, however short the days are: the earliest need counts. What is not
known is no fact; whoever cannot gather a need does not ask.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from schemas.instant import SECOND

HOUR_NS = 3600 * SECOND
DAY_NS = 24 * HOUR_NS
MARGIN_NS = HOUR_NS
"""A run takes at most an hour, and clocks differ: so much before a need is kept, too."""

_NEVER = -(2**63)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Need:
    """Lines from `since_ns` on, epoch nanoseconds, may still be needed: `why`, in words."""

    why: str
    since_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known at `now_ns`. `newest_ns` is the newest line not after it; null where none has a time."""

    now_ns: int
    days: int
    needs: tuple[Need, ...]
    newest_ns: int | None
    whole_months: bool = False


@dataclass(frozen=True, slots=True)
class Bound:
    """Lines before `before_ns`, the beginning of a UTC day, may go; `why` it is not later, in words."""

    before_ns: int
    why: str


def bound(facts: Facts) -> Bound:
    """The earliest of what the days, the needs and the last day with lines allow."""
    limits = [Need(f"{facts.days} days are kept", facts.now_ns - facts.days * DAY_NS)]
    limits += [Need(one.why, one.since_ns - MARGIN_NS) for one in facts.needs]
    if facts.newest_ns is not None:
        limits.append(Need("the last 24 h with lines are kept", facts.newest_ns - DAY_NS - MARGIN_NS))
    earliest = min(limits, key=lambda one: one.since_ns)
    return Bound(_beginning(earliest.since_ns, whole_months=facts.whole_months), earliest.why)


def month_of(at_ns: int) -> str:
    """The UTC month, `YYYY-MM`, of a moment not before 1970."""
    return f"{_EPOCH + timedelta(microseconds=at_ns // 1_000):%Y-%m}"


def _beginning(at_ns: int, *, whole_months: bool) -> int:
    if at_ns < 0:
        return _NEVER
    if not whole_months:
        return at_ns - at_ns % DAY_NS
    month = (_EPOCH + timedelta(microseconds=at_ns // 1_000)).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )
    return (month - _EPOCH) // timedelta(microseconds=1) * 1_000
