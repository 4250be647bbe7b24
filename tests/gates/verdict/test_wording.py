"""How numbers, spans and moments read."""

import pytest

from gates.verdict import wording

PERCENT = [
    (0.0, None, "0 %"), (1.0, None, "100 %"), (0.05, None, "5 %"), (0.0518, None, "5.2 %"),
    (0.3061, None, "31 %"), (0.0999, None, "10 %"), (0.0123, None, "1.2 %"),
    # what is not 0, not 100 % and not the limit never reads as if it were
    (0.0003, None, "0.03 %"), (0.9999, None, "99.99 %"), (0.05003, 0.05, "5.003 %"), (0.1951, 0.2, "19.5 %"),
    (0.05, 0.05, "5 %"),
]  # fmt: skip


@pytest.mark.parametrize(("share", "beside", "words"), PERCENT)
def test_percent(share: float, beside: float | None, words: str) -> None:
    assert wording.percent(share, beside) == words


SPANS = [
    (0.04, "0.0 s"), (1.2, "1.2 s"), (9.96, "10 s"), (59, "59 s"), (61, "61 s"), (90, "1.5 min"),
    (300, "5 min"),
    (3599, "60 min"), (3600, "1 h"), (12_600, "3.5 h"), (86_400, "24 h"), (129_600, "1.5 days"),
    (172_800, "2 days"), (250 * 86_400, "250 days"),
]  # fmt: skip


@pytest.mark.parametrize(("seconds", "words"), SPANS)
def test_span(seconds: float, words: str) -> None:
    assert wording.span(seconds) == words


def test_the_rest() -> None:
    assert [wording.limit(x) for x in (0.05, 0.025, 0.6)] == ["5 %", "2.5 %", "60 %"]
    assert [wording.count(n, "job") for n in (0, 1, 1200)] == ["0 jobs", "1 job", "1,200 jobs"]
    assert [wording.milliseconds(x) for x in (850, 5000, 12500)] == ["850 ms", "5 s", "12.5 s"]
    assert wording.clock(86_400 * 10**9 + 12_842 * 10**9 + 5) == "03:34:02Z"
    assert [wording.ordered(names) for names in ((), ("a",), ("a", "b", "c"))] == ["", "a", "a, b and c"]
