"""How long a follower waits: a line is seen within a second, and drop by drop costs a tenth of a core."""

import pytest

from ingest.follow.follower import Followed
from ingest.follow.pacing import FEW_LINES, pause_s
from ingest.loading.summary import LoadSummary, SourceSummary
from ingest.sources.counts import Counts


def followed(*lines: int, is_behind: bool = False) -> Followed:
    """A pass that read so many lines of sources that had a thousand."""
    held = Counts(lines=1_000)
    sources = [
        SourceSummary("a.log", "grew", 1, 0, Counts(lines=1_000 + count), held, None) for count in lines
    ]
    return Followed(LoadSummary(tuple(sources)), is_behind=is_behind)


@pytest.mark.parametrize(
    ("lines", "took_s", "waits_s"),
    [
        ((), 0.001, 0.2),
        ((), 0.05, 0.5),
        ((), 0.3, 0.7),
        ((1,), 0.01, 0.2),
        ((1,), 0.04, 0.4),
        ((3, 1), 0.08, 0.5),
        ((3, 1), 0.4, 0.5),
        ((FEW_LINES,), 0.08, 0.5),
        ((FEW_LINES, 1), 0.08, 0.2),
        ((5_000,), 0.4, 0.2),
    ],
)
def test_what_a_pass_read_says_when_the_next_one_is(
    lines: tuple[int, ...], took_s: float, waits_s: float
) -> None:
    assert pause_s(followed(*lines), took_s) == pytest.approx(waits_s)


def test_nothing_is_waited_for_where_more_can_be_read() -> None:
    assert pause_s(followed(is_behind=True), 0.4) == 0
    assert pause_s(followed(1, is_behind=True), 0.4) == 0
