"""The time axis: from when to when, and in bins of which width. Pure."""

from dataclasses import dataclass

import pandas as pd

SECOND_NS = 10**9
# At most this many bins fit beside each other and still can be pointed at.
MOST_BINS = 96
WIDTHS_SECONDS = (
    1, 2, 5, 10, 15, 30,
    60, 120, 300, 600, 900, 1_800,
    3_600, 7_200, 10_800, 21_600, 43_200,
    86_400, 172_800, 604_800,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Axis:
    """Bins of `width_ns` from `start_ns`; the last one ends at `end_ns`. All in ns since the epoch."""

    start_ns: int
    end_ns: int
    width_ns: int

    @property
    def bins(self) -> int:
        """How many bins there are; at least one."""
        return max(1, -(-(self.end_ns - self.start_ns) // self.width_ns))

    @property
    def starts(self) -> pd.Series:
        """Where each bin begins, as UTC times."""
        return self.times(pd.Series(range(self.bins)) * self.width_ns + self.start_ns)

    @staticmethod
    def times(epoch_ns: pd.Series) -> pd.Series:
        """Nanoseconds since the epoch as UTC times, to the millisecond that a chart can show."""
        return pd.to_datetime(epoch_ns, unit="ns", utc=True).dt.as_unit("ms")


def axis(first_ns: int, last_ns: int) -> Axis:
    """An axis over `[first_ns, last_ns]` whose bins begin at round times."""
    span = max(last_ns - first_ns, SECOND_NS)
    widths = [seconds * SECOND_NS for seconds in WIDTHS_SECONDS]
    width = next((w for w in widths if span / w <= MOST_BINS - 1), None)
    if width is None:
        weeks = -(-span // ((MOST_BINS - 1) * widths[-1]))
        width = weeks * widths[-1]
    start = first_ns - first_ns % width
    return Axis(start, last_ns - last_ns % width + width, width)


def width_in_words(width_ns: int) -> str:
    """`30 s`, `15 min`, `6 h`, `1 d`."""
    seconds = width_ns // SECOND_NS
    for unit, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds % unit == 0:
            return f"{seconds // unit} {name}"
    return f"{seconds} s"
