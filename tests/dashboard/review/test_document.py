"""A kept review says everything that was seen, and is read back as it was."""

from dashboard.review.document import document_of, review_of
from gates.verdict.clock_offset import ClockOff
from gates.verdict.judge import judge
from tests.gates.verdict.builders import evidence, question, units

CLOCK = ClockOff(source="a.log", low_ns=88_000_000_001, high_ns=95 * 10**9, findings=3, after_now_ns=None)


def test_it_is_read_back_as_it_was() -> None:
    asked = question()
    seen = evidence(units(100), clocks=(CLOCK,), unplaced_openai=2, number_reused=True, versions_together=7)
    verdict = judge(asked, seen)
    document = document_of(asked, seen, verdict)
    assert review_of(document) == (asked, seen, verdict)
    assert '"low_ns":"88000000001"' in document
