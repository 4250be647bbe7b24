"""Moments as they stand in documents: RFC 3339, UTC, nanoseconds; inside, epoch nanoseconds."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], int]
"""The time now, as nanoseconds since the epoch. `time.time_ns` is one."""

_SECOND = 1_000_000_000


def timestamp(epoch_ns: int) -> str:
    """`epoch_ns` as RFC 3339 in UTC with nine digits, so that texts sort as the moments do."""
    seconds, rest = divmod(epoch_ns, _SECOND)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"
