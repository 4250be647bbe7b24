from zoneinfo import ZoneInfo

import pytest

from dashboard.data import format as words


@pytest.mark.parametrize(
    ("milliseconds", "said"),
    [
        (0, "0 ms"),
        (0.4, "0.4 ms"),
        (9.994, "9.99 ms"),
        (10, "10 ms"),
        (999.4, "999 ms"),
        (999.6, "1.00 s"),
        (1_000, "1.00 s"),
        (1_840, "1.84 s"),
        (9_996, "10.0 s"),
        (31_400, "31.4 s"),
        (None, "–"),
        (float("nan"), "–"),
    ],
)
def test_latency(milliseconds: float | None, said: str) -> None:
    assert words.latency(milliseconds) == said


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (0, 10, "0.0 %"),
        (1, 10, "10.0 %"),
        (10, 10, "100.0 %"),
        (1, 100_000, "<0.1 %"),
        (99_999, 100_000, ">99.9 %"),
        (0, 0, "–"),
    ],
)
def test_a_share_is_never_rounded_to_none_or_all(part: int, whole: int, said: str) -> None:
    assert words.share(part, whole) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-3, "0 s"),
        (14.9, "14 s"),
        (60, "1 min"),
        (119, "1 min 59 s"),
        (840, "14 min"),
        (3_599, "59 min"),
        (7_500, "2 h 05 min"),
        (86_400, "1 d 0 h"),
    ],
)
def test_duration(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said


def test_a_line_from_the_future_is_said_as_such() -> None:
    assert words.ago(14) == "14 s ago"
    assert words.ago(-90) == "1 min 30 s ahead of this clock"


def test_times_are_in_the_readers_zone_and_in_utc() -> None:
    moment = 1_795_226_573_390_129_000
    assert words.instant(moment, ZoneInfo("America/New_York")) == "Fri 20 Nov 21:02:53"
    assert words.utc(moment) == "2026-11-21 02:02:53 UTC"
    assert words.zone_name(moment, ZoneInfo("America/New_York")) == "EST"
