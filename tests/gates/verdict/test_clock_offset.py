"""Which offset of a clock makes every line right, and how that is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.verdict.clock_offset import MOST_NS, ClockOff, Span, clock_words, explaining

S = 10**9
FAR = 10**19


def _s(low: float, high: float) -> Span:
    return round(low * S), round(high * S)


@pytest.mark.parametrize(
    ("lines", "offset"),
    [
        pytest.param([], None, id="no lines"),
        pytest.param([[_s(88, 700)], [_s(-700, 95)]], _s(88, 95), id="ahead"),
        pytest.param([[_s(-700, -88)], [_s(-95, 700)]], _s(-95, -88), id="behind"),
        pytest.param([[_s(88, FAR)]], None, id="an executor that never obeys bounds it on one side only"),
        pytest.param([[_s(88, 95)], [_s(20, 30)]], None, id="no offset for all"),
        pytest.param([[_s(-90, -80), _s(50, 60)], [_s(-95, 70)]], _s(50, 60), id="the nearest of two"),
        pytest.param(
            [[_s(10, 20), _s(15, 40)], [_s(18, 30)]], _s(18, 30), id="spans that overlap count once"
        ),
        pytest.param([[_s(10, 20)], [_s(20, 30)]], _s(20, 20), id="spans that touch"),
        pytest.param([[], [_s(10, 20)]], None, id="a line that no controls demand"),
        pytest.param([[_s(601, 602)]], None, id="beyond ten minutes"),
    ],
)
def test_the_offset(lines: list[list[Span]], offset: Span | None) -> None:
    assert explaining(lines) == offset


_SPANS = st.lists(
    st.tuples(st.integers(-700, 700), st.integers(0, 300)).map(lambda pair: _s(pair[0], sum(pair))),
    max_size=3,
)


@given(st.lists(_SPANS, min_size=1, max_size=5))
def test_every_line_is_right_under_what_is_named_and_there_is_no_nearer(lines: list[list[Span]]) -> None:
    def right(offset: int) -> bool:
        return all(any(low <= offset <= high for low, high in spans) for spans in lines)

    found = explaining(lines)
    if found is None:
        # Whole seconds suffice: all spans begin and end at one.
        everywhere = [right(second * S) for second in range(-600, 601)]
        assert not any(everywhere[1:-1]) or everywhere[0] or everywhere[-1]
        return
    assert -MOST_NS < found[0] <= found[1] < MOST_NS
    assert right(found[0])
    assert right(found[1])
    assert right((found[0] + found[1]) // 2)


_AFTER = "the newest line of a.log is 80 s after now"


@pytest.mark.parametrize(
    ("low_s", "high_s", "after_s", "words"),
    [
        (88, 95, None, "one about 92 s ahead explains all 3 findings of the gate audit in a.log"),
        (-300, -60, None, "one 60 s to 300 s behind explains all 3 findings of the gate audit in a.log"),
        (None, None, 3600, "the newest line of a.log is 1 h after now"),
        (
            85,
            95,
            80,
            f"one about 90 s ahead explains all 3 findings of the gate audit in a.log, and {_AFTER}",
        ),
    ],
    ids=["ahead", "behind", "after now", "both"],
)
def test_the_words(low_s: float | None, high_s: float | None, after_s: float | None, words: str) -> None:
    clock = ClockOff(
        source="a.log",
        low_ns=None if low_s is None else round(low_s * S),
        high_ns=None if high_s is None else round(high_s * S),
        findings=3,
        after_now_ns=None if after_s is None else round(after_s * S),
    )
    assert clock_words(clock) == f"a clock seems to be off: {words}; set it, it excuses nothing"
