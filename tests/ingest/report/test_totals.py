"""What monitoring counts: every managed line once, under few names, in fixed buckets."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gates.verdict.evidence import Severity
from ingest.errors import StoreError
from ingest.report.totals import BOUNDS_S, OTHER, Outcome, Totals, totals
from ingest.rollups.latency_buckets import ERROR
from ingest.store import TelemetryStore
from schemas.stages import Step
from tests.dashboard.record import SECOND_NS, empty_home, line, publish, sample_seat, seated, spool
from tests.dashboard.rungs import Rung
from tests.ingest.store_from_template import open_store

START = 1_800_000_000 * SECOND_NS
LATER = START + 300 * SECOND_NS
CANARY = Rung(Step.CANARY_5, percent=5)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TelemetryStore]:
    """One line before the first revision, the rest under it."""
    home = empty_home(tmp_path)
    publish(home, CANARY, 1, START)
    said = [
        line("early"),
        line("a"),
        line("a"),
        line("b", "openai", "COMPLETED", None, 4_200),
        line("c", "openai", "FAILED", "OPENAI_HTTP_ERROR", 130_000),
        *(line(f"d{n}", "openai", "FAILED", f"INVENTED_{n}", 20) for n in range(50)),
        line("probe:1", code="KILL_SWITCH"),
        b"noise",
        b'{"version":"v1","executorVersion":"x","jobId":"y","path":"openai"}',
    ]
    times = [START - SECOND_NS, *(LATER + n * SECOND_NS for n in range(1, len(said)))]
    spool(home, list(zip(times, said, strict=True)))
    seat = seated(home)
    yield seat.store
    seat.store.close()


def counted(store: TelemetryStore) -> Totals:
    with store.cursor() as cursor:
        return totals(cursor)


def test_everything_is_counted_once_under_few_names(store: TelemetryStore) -> None:
    found = counted(store)
    canary = Step.CANARY_5.value
    assert found.lines == {
        Outcome(None, "stub", "STUB", "NOT_ALLOWLISTED"): 1,
        Outcome(canary, "stub", "STUB", "NOT_ALLOWLISTED"): 2,
        Outcome(canary, "openai", "COMPLETED", None): 1,
        Outcome(canary, "openai", "FAILED", "OPENAI_HTTP_ERROR"): 1,
        Outcome(canary, "openai", "FAILED", OTHER): 50,
    }
    assert (found.accepted, found.duplicate, found.quarantined, found.noise_lines) == (56, 0, 1, 1)
    assert found.last_line_ns == LATER + 54 * SECOND_NS  # the probe, the noise and the broken record are none
    assert found.findings[Severity.CRITICAL] > 0
    assert set(found.findings) == set(Severity)


def test_latencies_are_in_the_bucket_that_holds_them(store: TelemetryStore) -> None:
    found = counted(store).latencies
    completed = found[Step.CANARY_5.value, "openai", "COMPLETED"]
    assert completed.counts == tuple(int(bound == 5.0) for bound in (*BOUNDS_S, None))
    assert completed.sum_s == pytest.approx(4.2, rel=ERROR)
    failed = found[Step.CANARY_5.value, "openai", "FAILED"]
    assert (failed.counts[BOUNDS_S.index(0.025)], failed.counts[-1]) == (50, 1)
    assert failed.sum_s == pytest.approx(131, rel=ERROR)


def test_it_is_what_the_rows_say(store: TelemetryStore) -> None:
    """Beside the rows themselves, which the count does not read."""
    with store.cursor() as cursor:
        rows = cursor.execute(
            "SELECT path, count(*), sum(latency_ms) / 1000 FROM telemetry "
            "WHERE NOT starts_with(job_id, 'probe:') GROUP BY path"
        ).fetchall()
        found = totals(cursor)
    for path, lines, sum_s in rows:
        assert sum(n for one, n in found.lines.items() if one.path == path) == lines
        latencies = [one for (_, of_path, _), one in found.latencies.items() if of_path == path]
        assert sum(sum(one.counts) for one in latencies) == lines
        assert sum(one.sum_s for one in latencies) == pytest.approx(sum_s, rel=ERROR)


def test_an_older_home_is_not_counted_by_halves(store: TelemetryStore) -> None:
    with store.transaction() as cursor:
        cursor.execute("UPDATE rollup_state SET is_complete = false")
    with store.cursor() as cursor, pytest.raises(StoreError, match="the next load counts them"):
        totals(cursor)


def test_an_empty_store(tmp_path: Path) -> None:
    with open_store(tmp_path / "telemetry.duckdb") as store:
        found = counted(store)
    assert (found.lines, found.latencies, found.accepted, found.last_line_ns) == ({}, {}, 0, None)
    assert set(found.findings.values()) == {0}


def test_what_was_imported_is_no_line_of_this_home(tmp_path: Path) -> None:
    seat = sample_seat(tmp_path)
    found = counted(seat.store)
    seat.store.close()
    assert found.lines == {}
    assert found.accepted == 266
