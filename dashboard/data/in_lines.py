"""What a stay showed, counted in lines: outcomes and latencies, and what these were made of. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

EXACT = "from every line: exact nearest-rank"

Histogram = Sequence[tuple[float, int]]
"""Latencies in ms, rising, each with how many lines took so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeLines:
    """How many lines ended so."""

    path: str
    status: str
    error_code: str | None
    lines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InLines:
    """Lines by outcome, the most frequent first, and the latencies of completed model calls in ms.

    `three` are p50, p95 and p99, null where none completed; `points` all of them where they are too few for
    percentiles. `said` says in words what they were counted from, and how exact that is.
    """

    outcomes: tuple[OutcomeLines, ...]
    three: tuple[float | None, float | None, float | None]
    points: tuple[float, ...]
    said: str

    @property
    def runs(self) -> int:
        """Lines of any path."""
        return sum(one.lines for one in self.outcomes)

    @property
    def openai(self) -> int:
        """Lines of the path openai."""
        return sum(one.lines for one in self.outcomes if one.path == "openai")

    @property
    def failed(self) -> int:
        """Lines of failed model calls."""
        return sum(self.codes.values())

    @property
    def completed(self) -> int:
        """Lines of path openai that completed: what percentiles are of."""
        return sum(one.lines for one in self.outcomes if (one.path, one.status) == ("openai", "COMPLETED"))

    @property
    def codes(self) -> Mapping[str, int]:
        """Failed model calls by errorCode, lines, the most frequent first."""
        failed = [one for one in self.outcomes if one.path == "openai" and one.status == "FAILED"]
        return {one.error_code or "(none)": one.lines for one in failed}


def nearest_rank(latencies: Histogram, percent: int) -> float | None:
    """The latency that so many percent of the lines do not exceed; null of none."""
    total = sum(lines for _, lines in latencies)
    return next((ms for ms, up_to in _ranks(latencies) if 100 * up_to >= percent * total), None)


def shares(latencies: Histogram, steps: int) -> list[tuple[float, float]]:
    """The last latency of each of `steps` parts of the lines, and the share that took no longer."""
    total = sum(lines for _, lines in latencies)
    last_of = {-(-up_to * steps // total): (ms, up_to / total) for ms, up_to in _ranks(latencies)}
    return list(last_of.values())


def each(latencies: Histogram) -> Iterator[float]:
    """Every latency, the shortest first."""
    for ms, lines in latencies:
        yield from (ms for _ in range(lines))


def _ranks(latencies: Histogram) -> Iterator[tuple[float, int]]:
    up_to = 0
    for ms, lines in latencies:
        up_to += lines
        yield ms, up_to
