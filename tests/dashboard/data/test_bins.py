import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.data.bins import MOST_BINS, SECOND_NS, axis, width_in_words

MOMENTS = st.integers(min_value=0, max_value=2**62)
SPANS = st.integers(min_value=0, max_value=50 * 365 * 86_400 * SECOND_NS)


@given(MOMENTS, SPANS)
def test_an_axis_covers_its_span_in_few_whole_bins(first: int, span: int) -> None:
    made = axis(first, first + span)
    assert made.start_ns <= first
    assert made.end_ns > first + span
    assert 1 <= made.bins <= MOST_BINS + 1
    assert made.start_ns + made.bins * made.width_ns == made.end_ns
    assert made.start_ns % made.width_ns == 0


def test_bins_begin_at_utc_times() -> None:
    made = axis(1_795_226_573 * SECOND_NS, 1_795_226_663 * SECOND_NS)
    assert made.width_ns == SECOND_NS
    assert [str(at) for at in made.starts[:2]] == ["2026-11-21 02:02:53+00:00", "2026-11-21 02:02:54+00:00"]


@pytest.mark.parametrize(
    ("seconds", "said"), [(1, "1 s"), (30, "30 s"), (900, "15 min"), (21_600, "6 h"), (604_800, "7 d")]
)
def test_widths_in_words(seconds: int, said: str) -> None:
    assert width_in_words(seconds * SECOND_NS) == said
