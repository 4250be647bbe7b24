"""RFC 3339 times at the beginning of lines, many at once, to epoch nanoseconds."""

import numpy as np

from ingest.fast.ragged import Block, Mask, Places, left_number

_MINUS, _Z = b"-Z"
_DAY, _HOUR, _MINUTE, _SECOND_NS = 86_400, 3_600, 60, 1_000_000_000
_MONTH_LENGTHS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def leading_times(block: Block, starts: Places, lengths: Places) -> tuple[Places, Mask]:
    """Epoch nanoseconds of the times of `lengths` bytes at `starts`, and whether they exist.

    All have the right shape; 30 February has it too, and does not exist.
    """
    first, second = block.words[starts], block.words[starts + 8]
    # Lines come in order of time: most share the minute with the line before.
    is_other = np.ones(len(starts), dtype=np.bool_)
    is_other[1:] = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    seconds, exists = _minutes(block, starts[is_other])
    run = np.cumsum(is_other) - 1
    time_ns = seconds[run]
    time_ns += _two(block, starts + 17)
    last = starts + lengths - 1
    is_utc = block.bytes[last] == _Z
    zone_at = np.where(is_utc, last, last - 5)
    if not is_utc.all():
        hours, minutes = _two(block, zone_at + 1), _two(block, zone_at + 4)
        offset = hours * _HOUR + minutes * _MINUTE
        time_ns -= np.where(is_utc, 0, np.where(block.bytes[zone_at] == _MINUS, -offset, offset))
    time_ns *= _SECOND_NS
    digits = np.maximum(zone_at - starts - 20, 0)
    fraction = left_number(block.words[starts + 20], np.minimum(digits, 8)).astype(np.int64) * 10
    ninth = np.where(digits == 9, block.bytes[starts + 28].astype(np.int64) - ord("0"), 0)
    time_ns += fraction + ninth
    return time_ns, exists[run]


def _minutes(block: Block, starts: Places) -> tuple[Places, Mask]:
    """Seconds from the epoch to the minutes at `starts`, and whether their days exist."""
    year = _two(block, starts) * 100 + _two(block, starts + 2)
    month, day = _two(block, starts + 5), _two(block, starts + 8)
    is_leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    exists: Mask = day <= _MONTH_LENGTHS[month] + ((month == 2) & is_leap)
    seconds = _days(year, month, day) * _DAY
    seconds += _two(block, starts + 11) * _HOUR + _two(block, starts + 14) * _MINUTE
    return seconds, exists


def _two(block: Block, starts: Places) -> Places:
    """Two digits as a number; anything where `starts` is beyond the block."""
    places = np.minimum(starts, len(block.bytes) - 2)
    tens, ones = block.bytes[places].astype(np.int64), block.bytes[places + 1].astype(np.int64)
    number: Places = tens * 10 + ones - 11 * ord("0")
    return number


def _days(year: Places, month: Places, day: Places) -> Places:
    """Days since 1970-01-01, by eras of 400 years that begin in March (as in `schemas.instant`)."""
    year = year - (month <= 2)
    era, year_of_era = np.divmod(year, 400)
    day_of_year = (153 * (month + np.where(month > 2, -3, 9)) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    days: Places = era * 146_097 + day_of_era - 719_468
    return days
