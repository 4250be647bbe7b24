"""Transport times as int64 nanoseconds since 1970-01-01T00:00:00Z; None for what is not such a time.

A line whose time cannot be had is still a line, so nothing here raises.
"""

import re
from decimal import Decimal
from functools import lru_cache

from schemas.instant import SECOND, epoch_ns

# The shape alone: month 13 is a time we do not know, not a line of another transport.
SHAPE = rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)"
_RFC3339 = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)")
_DECIMAL = re.compile(r"[0-9]{1,19}(?:\.[0-9]{1,20})?")

EARLIEST = -(2**63)
LATEST = 2**63 - 1
DAY = 86_400 * SECOND


def from_text(text: bytes) -> int | None:
    """The time of an RFC 3339 date-time: upper case, with a zone, up to nine digits of a second.

    A leap second, 23:59:60 UTC, is the first second of the next day, as POSIX clocks have it. None for
    days that do not exist and for years that int64 nanoseconds cannot hold (before 1677, after 2262).
    """
    match = _RFC3339.fullmatch(text)
    if match is None:
        return None
    second, fraction, zone = match.groups()
    start = _whole_second(second, zone)
    if start is None:
        return None
    return _in_range(start + (int(fraction.ljust(9, b"0")) if fraction else 0))


@lru_cache(maxsize=1024)
def _whole_second(second: bytes, zone: bytes) -> int | None:
    """One entry serves all lines of a second, and sources come in order of time."""
    if not second.endswith(b":60"):
        return epoch_ns((second + zone).decode("ascii"))
    last = epoch_ns((second[:-2] + b"59" + zone).decode("ascii"))
    return last + SECOND if last is not None and (last + SECOND) % DAY == 0 else None


def exact(literal: str) -> Decimal | None:
    """The value of a JSON number with a fraction or an exponent; None beyond what a time could need.

    For `parse_float`: a double would lose the nanoseconds, and 1E+999999999 must not become an integer.
    """
    exponent = literal.lower().partition("e")[2]
    return Decimal(literal) if len(literal) <= 40 and len(exponent.lstrip("+-")) <= 2 else None


def whole(literal: str) -> int | None:
    """The value of a JSON integer, for `parse_int`; None beyond what a time could need."""
    return int(literal) if len(literal) <= 40 else None


def from_number(value: int | Decimal) -> int | None:
    """The time of a count since the epoch, exactly: seconds, or finer units when it is too large for them.

    Below 1e11 it counts seconds (until the year 5138), below 1e14 milliseconds, below 1e17 microseconds,
    else nanoseconds. `value` is an integer or comes from `exact`.
    """
    numerator, denominator = value.as_integer_ratio()
    whole = abs(numerator) // denominator
    unit = SECOND if whole < 10**11 else 1_000_000 if whole < 10**14 else 1_000 if whole < 10**17 else 1
    return _in_range(numerator * unit // denominator)


def from_digits(text: str, unit_ns: int) -> int | None:
    """The time of a plain decimal count of units since the epoch (journald's microseconds)."""
    return _in_range(int(text) * unit_ns) if text.isascii() and text.isdigit() and len(text) <= 19 else None


def from_value(value: object) -> int | None:
    """The time that a JSON value of an envelope says: RFC 3339 text, or a count as number or text."""
    match value:
        case bool():
            return None
        case int() | Decimal():
            return from_number(value)
        case str() if _DECIMAL.fullmatch(value):
            return from_number(Decimal(value))
        case str() if value.isascii():
            return from_text(value.encode("ascii"))
        case _:
            return None


def _in_range(nanoseconds: int) -> int | None:
    return nanoseconds if EARLIEST <= nanoseconds <= LATEST else None
