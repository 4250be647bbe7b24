"""RFC 3339 by arithmetic, against the standard library where that reaches."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.instant import epoch_ns

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=ZONES))  # noqa: DTZ001
def test_agrees_with_datetime(moment: datetime) -> None:
    expected = (moment - EPOCH) // timedelta(microseconds=1) * 1000
    assert epoch_ns(moment.isoformat()) == expected


def test_keeps_nanoseconds() -> None:
    assert epoch_ns("1970-01-01T00:00:01.123456789Z") == 1_123_456_789
    assert epoch_ns("1970-01-01T01:00:00.5+01:00") == 500_000_000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:00:60Z",
        "2026-01-01 00:00:00Z",
        "2026-01-01T00:00:00",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00.1234567890Z",
        "2026-01-01T00:00:00z",
        "2026-01-01T00:00:00+24:00",
        "٢٠٢٦-01-01T00:00:00Z",
        "2026-01-01T00:00:00Z\n",
    ],
)
def test_refuses_what_is_not_rfc_3339(text: str) -> None:
    assert epoch_ns(text) is None


def test_leap_days() -> None:
    assert epoch_ns("2000-02-29T00:00:00Z") is not None
    assert epoch_ns("2024-02-29T00:00:00Z") is not None
