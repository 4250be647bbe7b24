"""RFC 3339 date-times to integer nanoseconds since the Unix epoch, by arithmetic alone.

`datetime` stops at microseconds and brings a clock along; the pure core must have neither.
"""

import re

_RFC3339 = re.compile(
    r"(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)"
    r"(?:\.(\d{1,9}))?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))",
    re.ASCII,
)
_MONTH_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
SECOND = 1_000_000_000


def epoch_ns(text: str) -> int | None:
    """Nanoseconds since 1970-01-01T00:00:00Z of an RFC 3339 date-time, or None if it is not one."""
    match = _RFC3339.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    if day > _MONTH_LENGTHS[month - 1] + (month == 2 and _is_leap(year)):
        return None
    seconds = _days_from_epoch(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second
    fraction, sign, zone_hour, zone_minute = match.groups()[6:]
    if sign is not None:
        offset = int(zone_hour) * 3_600 + int(zone_minute) * 60
        seconds -= offset if sign == "+" else -offset
    return seconds * SECOND + (int(fraction.ljust(9, "0")) if fraction else 0)


def is_date_time(text: str) -> bool:
    """Whether a text has the form of RFC 3339; its day may be one that no calendar has."""
    return _RFC3339.fullmatch(text) is not None


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _days_from_epoch(year: int, month: int, day: int) -> int:
    """Days of the proleptic Gregorian calendar, counted in eras of 400 years that begin in March."""
    year -= month <= 2
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    return era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719_468
