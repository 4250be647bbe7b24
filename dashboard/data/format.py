"""Numbers and times as people read them. Pure, and told everything: no clock, no zone of its own."""

from datetime import UTC, datetime, tzinfo

MISSING = "–"
MILLI = 1_000.0
MINUTE = 60
HOUR = 3_600
DAY = 86_400


def count(value: int) -> str:
    """Thousands apart: 12,345."""
    return f"{value:,}"


def share(part: int, whole: int) -> str:
    """A share in per cent with one decimal; never rounded to a bare 0 % or 100 % that is not one."""
    if whole == 0:
        return MISSING
    percent = 100 * part / whole
    if 0 < percent < 0.1:
        return "<0.1 %"
    if 99.9 < percent < 100:
        return ">99.9 %"
    return f"{percent:.1f} %"


def latency(milliseconds: float | None) -> str:
    """`187 ms`, `1.84 s`, `12.3 s`: three figures, the unit that fits."""
    if milliseconds is None or milliseconds != milliseconds:
        return MISSING
    if milliseconds < MILLI - 0.5:
        return f"{milliseconds:.0f} ms" if milliseconds >= 10 else f"{milliseconds:.3g} ms"
    seconds = milliseconds / MILLI
    return f"{seconds:.2f} s" if seconds < 9.995 else f"{seconds:.1f} s"


def duration(seconds: float) -> str:
    """A length of time in its two largest units: `14 s`, `3 min`, `2 h 05 min`, `5 d 4 h`."""
    whole = max(0, int(seconds))
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        minutes, rest = divmod(whole, MINUTE)
        return f"{minutes} min {rest:02d} s" if minutes < 10 and rest else f"{minutes} min"
    if whole < DAY:
        return f"{whole // HOUR} h {whole % HOUR // MINUTE:02d} min"
    return f"{whole // DAY} d {whole % DAY // HOUR} h"


def ago(seconds: float) -> str:
    """`14 s ago`; a time ahead of the clock is said as such."""
    if seconds < -1:
        return f"{duration(-seconds)} ahead of this clock"
    return f"{duration(seconds)} ago"


def instant(epoch_ns: int, zone: tzinfo) -> str:
    """A moment in the reader's zone, to the second."""
    return _at(epoch_ns).astimezone(zone).strftime("%a %d %b %H:%M:%S")


def zone_name(epoch_ns: int, zone: tzinfo) -> str:
    """What the reader's zone is called at that moment: `GMT`, `EST`, `UTC+05:30`."""
    return _at(epoch_ns).astimezone(zone).tzname() or ""


def utc(epoch_ns: int) -> str:
    """The same moment, unambiguous."""
    return _at(epoch_ns).strftime("%Y-%m-%d %H:%M:%S UTC")


def lines_kept_since(gone_before_ns: int) -> str:
    """Where single lines begin, on pages that show them: older ones were deleted by retention."""
    return f"lines are kept since {_at(gone_before_ns):%Y-%m-%d}; older ones were deleted"


def _at(epoch_ns: int) -> datetime:
    return datetime.fromtimestamp(epoch_ns / 1e9, tz=UTC)
