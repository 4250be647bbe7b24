"""The count for monitoring: it rests, it says how old it is, it never falls, and it survives what breaks."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from dashboard.api.metrics.measured import Figures, Spent, never_falling
from dashboard.review.provider import Reviewed
from dashboard.server.budget import Guarded
from dashboard.server.measuring import QUERY_SECONDS, REST_SECONDS, Measuring
from dashboard.server.spool import SpoolStatus
from dashboard.server.watch import Watched
from gates.spending.budget import Limit, Standing
from gates.verdict.evidence import Severity
from gates.verdict.judge import judge
from ingest.report.totals import BOUNDS_S, Latencies, Outcome, Totals
from schemas.instant import SECOND
from tests.gates.verdict import builders

NOTHING = Totals(
    lines={}, latencies={}, accepted=0, duplicate=0, quarantined=0, noise_lines=0,
    findings=dict.fromkeys(Severity, 0), last_line_ns=None,
)  # fmt: skip
NOW = builders.question().now_ns


@dataclass
class Here:
    """A home whose telemetry is what one says; `seconds` is the clock, `takes` how long a count lasts."""

    totals: Totals = NOTHING
    broken: Exception | None = None
    seconds: float = 1_000.0
    takes: float = 0.0
    counts: int = 0
    said: list[str] = field(default_factory=list)
    spool: SpoolStatus = field(default_factory=lambda: SpoolStatus(passes=1))
    watched: Watched = field(default_factory=Watched)
    guarded: Guarded | None = None

    def count(self) -> tuple[Totals, int]:
        self.counts += 1
        self.seconds += self.takes
        if self.broken is not None:
            raise self.broken
        return self.totals, 7

    def measuring(self) -> Measuring:
        return Measuring(
            self.count,
            lambda: self.spool,
            lambda: self.watched,
            lambda: self.guarded,
            self.said.append,
            lambda: NOW + 3 * SECOND,
            lambda: self.seconds,
        )


def test_before_anything_was_counted() -> None:
    measured = Here().measuring().measured()
    assert (measured.figures, measured.judged, measured.counted) == (None, None, False)
    assert measured.loaded_age_s is None


def test_the_spool_is_read_first() -> None:
    here = Here(spool=SpoolStatus())
    measuring = here.measuring()
    measuring.look()
    assert here.counts == 0
    here.spool = SpoolStatus(passes=1, failure="full")
    measuring.look()
    assert here.counts == 1


def test_a_count_and_its_age() -> None:
    here = Here(takes=2.0)
    measuring = here.measuring()
    measuring.look()
    here.seconds += 5
    assert measuring.measured().figures == Figures(totals=NOTHING, behind_bytes=7, age_s=7.0, took_s=2.0)
    assert measuring.measured().counted


def test_it_rests() -> None:
    here = Here()
    measuring = here.measuring()
    for _ in range(3):
        measuring.look()
    assert here.counts == 1
    here.seconds += REST_SECONDS
    here.takes = QUERY_SECONDS
    measuring.look()
    assert here.counts == 2
    here.seconds += 9 * QUERY_SECONDS - 1
    measuring.look()
    assert here.counts == 2
    here.seconds += 1
    measuring.look()
    assert here.counts == 3


def test_what_fails_is_said_once_and_the_last_figures_stay() -> None:
    here = Here(totals=replace(NOTHING, accepted=3))
    measuring = here.measuring()
    measuring.look()
    here.broken = OSError("the disk is gone")
    for _ in range(2):
        here.seconds += REST_SECONDS
        measuring.look()
    measured = measuring.measured()
    assert not measured.counted
    assert measured.figures is not None
    assert (measured.figures.totals.accepted, measured.figures.age_s) == (3, 2 * REST_SECONDS)
    assert here.said == ["the telemetry cannot be counted for /metrics: the disk is gone"]
    here.broken = None
    here.seconds += REST_SECONDS
    measuring.look()
    assert measuring.measured().counted


def test_the_spool_and_the_verdict() -> None:
    question, found = builders.question(), builders.evidence()
    verdict = judge(question, found)
    kept = None
    reviewed = Reviewed(question=question, evidence=found, verdict=verdict, kept=kept)  # type: ignore[arg-type]  # not looked at
    here = Here(
        spool=SpoolStatus(passes=1, last_success_monotonic=990.0, failure="full"),
        watched=Watched(reviewed=reviewed, failure="broken"),
    )
    measured = here.measuring().measured()
    assert (measured.loaded, measured.loaded_age_s, measured.looked) == (False, 10.0, False)
    assert measured.judged is not None
    assert (measured.judged.verdict, measured.judged.age_s) == (verdict, 3.0)


def test_the_budget_where_one_is_kept() -> None:
    standing = Standing(limit=Limit.CALLS, used=Decimal(8), most=Decimal(10), unit="calls", unknown=None)
    for guarded, spent in (
        (None, None),
        (Guarded(), None),
        (Guarded(standings=(standing,)), Spent(standings=(standing,), looked=True)),
        (Guarded(failure="locked"), Spent(standings=(), looked=False)),
    ):
        assert Here(guarded=guarded).measuring().measured().spent == spent


SIZE = len(BOUNDS_S) + 1
OUTCOMES = [Outcome(step, "stub", "STUB", None) for step in ("canary-1", "canary-5", None)]
SOME = st.builds(
    Totals,
    lines=st.dictionaries(st.sampled_from(OUTCOMES), st.integers(0, 9)),
    latencies=st.dictionaries(
        st.sampled_from([(one.step, one.path, one.status) for one in OUTCOMES]),
        st.builds(Latencies, st.tuples(*[st.integers(0, 9)] * SIZE), st.floats(0, 9)),
    ),
    accepted=st.integers(0, 9),
    duplicate=st.integers(0, 9),
    quarantined=st.integers(0, 9),
    noise_lines=st.integers(0, 9),
    findings=st.just(dict.fromkeys(Severity, 0)),
    last_line_ns=st.none() | st.integers(0, 9),
)


@given(st.lists(SOME, min_size=2, max_size=4))
def test_no_counter_ever_falls_and_none_is_ahead_of_all_that_was_seen(seen: list[Totals]) -> None:
    shown: Totals | None = None
    for now in seen:
        before, shown = shown, never_falling(shown, now)
        assert all(shown.lines[one] >= n for one, n in now.lines.items())
        if before is not None:
            assert all(shown.lines[one] >= n for one, n in before.lines.items())
            assert shown.noise_lines >= before.noise_lines
            for group, one in before.latencies.items():
                assert shown.latencies[group].sum_s >= one.sum_s
                assert all(a >= b for a, b in zip(shown.latencies[group].counts, one.counts, strict=True))
        assert (shown.last_line_ns, shown.findings) == (now.last_line_ns, now.findings)
    assert shown is not None
    assert shown.accepted == max(one.accepted for one in seen)
