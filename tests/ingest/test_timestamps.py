from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.timestamps import EARLIEST, LATEST, exact, from_digits, from_text, from_value, whole

SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.000000001Z", 1),
        ("1969-12-31T23:59:59.999999999Z", -1),
        ("1970-01-01T00:00:00.1Z", SECOND // 10),
        ("1970-01-01T01:30:00+01:30", 0),
        ("1969-12-31T19:00:00-05:00", 0),
        ("1970-01-01T00:00:00-00:00", 0),
        ("2026-11-21T02:22:54.084715Z", 1795227774084715000),
        ("2024-02-29T00:00:00Z", 1709164800 * SECOND),
        # a leap second is the first second of the next day, wherever its clock stands
        ("2016-12-31T23:59:60Z", 1483228800 * SECOND),
        ("2017-01-01T00:59:60.5+01:00", 1483228800 * SECOND + SECOND // 2),
        ("2016-12-31T22:59:60Z", None),
        ("2016-12-31T23:58:60Z", None),
        # the bounds of int64
        ("2262-04-11T23:47:16.854775807Z", LATEST),
        ("2262-04-11T23:47:16.854775808Z", None),
        ("1677-09-21T00:12:43.145224192Z", EARLIEST),
        ("1677-09-21T00:12:43.145224191Z", None),
        ("9999-12-31T23:59:59Z", None),
        ("0000-01-01T00:00:00Z", None),
        # not times
        ("2023-02-29T00:00:00Z", None),
        ("2026-13-01T00:00:00Z", None),
        ("2026-01-01T24:00:00Z", None),
        ("2026-01-01T00:00:61Z", None),
        ("2026-01-01T00:00:00+24:00", None),
        ("2026-01-01T00:00:00+01:60", None),
        ("2026-01-01T00:00:00", None),
        ("2026-01-01T00:00:00.Z", None),
        ("2026-01-01T00:00:00.1234567890Z", None),
        ("2026-01-01t00:00:00z", None),
        ("2026-01-01 00:00:00Z", None),
        ("٢٠٢٦-01-01T00:00:00Z", None),
        ("2026-01-01T00:00:00Z\n", None),
        ("", None),
    ],
)
def test_times_as_text(text: str, expected: int | None) -> None:
    assert from_text(text.encode()) == expected


@given(
    st.datetimes(datetime(1680, 1, 1), datetime(2260, 1, 1)),  # noqa: DTZ001 - the zone comes next
    st.integers(-23 * 60, 23 * 60),
    st.integers(0, 999_999_999),
    st.integers(1, 9),
)
def test_agrees_with_datetime_and_keeps_every_digit(
    moment: datetime, zone: int, nanoseconds: int, digits: int
) -> None:
    moment = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=zone)))
    fraction = f"{nanoseconds:09}"[:digits]
    text = moment.isoformat().replace("T", "T")
    stem, offset = text[:19], text[19:]
    seconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    found = from_text(f"{stem}.{fraction}{offset}".encode())
    assert found == seconds * SECOND + int(fraction.ljust(9, "0"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1763691774, 1763691774 * SECOND),
        (Decimal("1763691774.084715123"), 1763691774084715123),
        ("1763691774.084715123", 1763691774084715123),
        (1763691774084, 1763691774084 * 1_000_000),
        (1763691774084715, 1763691774084715 * 1_000),
        (1763691774084715123, 1763691774084715123),
        ("1763691774084", 1763691774084 * 1_000_000),
        (-1, -SECOND),
        (Decimal("-0.000000001"), -1),
        (50_000_000_000, None),  # seconds, in the year 3554
        (10**19, None),
        (Decimal("1E+99"), None),
        ("2026-11-21T02:22:54Z", 1795227774 * SECOND),
        ("21/Nov/2026", None),
        ("é", None),
        (True, None),
        (None, None),
        ([1], None),
    ],
)
def test_times_as_json_values(value: object, expected: int | None) -> None:
    assert from_value(value) == expected


def test_numbers_of_any_size_stay_cheap() -> None:
    assert exact("1E+999999999") is None
    assert exact("0." + "1" * 50) is None
    assert exact("1e-99") == Decimal("1e-99")
    assert whole("9" * 5000) is None
    assert from_value(exact("1e-99")) == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1763691774084715", 1763691774084715000), ("-1", None), ("1.5", None), ("9" * 20, None), ("٢", None)],
)
def test_times_as_digits(text: str, expected: int | None) -> None:
    assert from_digits(text, 1_000) == expected
