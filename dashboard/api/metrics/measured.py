"""What a served home knows of its telemetry at a scrape. Values only; whoever scrapes waits for no query."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from gates.spending.budget import Standing
from gates.verdict.verdict import Verdict
from ingest.report.totals import Latencies, Totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The totals of one pass over the store. `age_s` since it began; `took_s` is how long it took.

    `behind_bytes` lay in the spool and were not read.
    """

    totals: Totals
    behind_bytes: int
    age_s: float
    took_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The newest verdict, formed `age_s` ago."""

    verdict: Verdict
    age_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """The budget of the day: how far each limit is used. `looked`: the last look at it succeeded."""

    standings: tuple[Standing, ...]
    looked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Everything at once. `figures` and `judged` are null before the first; they stay while newer ones fail.
    `spent` is null where no budget is kept.

    `counted`, `loaded` and `looked` tell whether the last try succeeded: to count, to load the spool, to form
    a verdict. `loaded_age_s` is the age of the last pass over the spool that succeeded, null before it.
    """

    figures: Figures | None
    judged: Judged | None
    spent: Spent | None = None
    counted: bool
    loaded: bool
    looked: bool
    loaded_age_s: float | None


Measuring = Callable[[], Measured | None]
"""What is known now; null where no telemetry is served. Waits for nothing and never raises."""


def nothing_served() -> None:
    """There is no telemetry here."""


def never_falling(before: Totals | None, now: Totals) -> Totals:
    """`now`, with no counter below `before`.

    Counts fall by a few when lines are attributed anew or an open line is replaced. To Prometheus a counter
    that falls has begun anew, and everything in it would count again.
    """
    if before is None:
        return now
    return replace(
        now,
        lines={one: max(before.lines.get(one, 0), now.lines.get(one, 0)) for one in before.lines | now.lines},
        latencies={
            one: _greater(before.latencies.get(one), now.latencies.get(one))
            for one in before.latencies | now.latencies
        },
        accepted=max(before.accepted, now.accepted),
        duplicate=max(before.duplicate, now.duplicate),
        quarantined=max(before.quarantined, now.quarantined),
        noise_lines=max(before.noise_lines, now.noise_lines),
    )


def _greater(before: Latencies | None, now: Latencies | None) -> Latencies:
    some = before or now
    assert some is not None
    one, other = before or some, now or some
    counts = tuple(max(pair) for pair in zip(one.counts, other.counts, strict=True))
    return Latencies(counts, max(one.sum_s, other.sum_s))
