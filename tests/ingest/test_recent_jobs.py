"""The jobs of the last day of telemetry: which window, which jobs, and what counts as reaching the bucket."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from ingest.recent_jobs import HOUR_NS, SeenJobs, recent_jobs
from tests.ingest.store_from_template import open_store

NOW = 1_800_000_000 * 10**9


@pytest.fixture
def cursor(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_store(tmp_path / "telemetry.duckdb") as store, store.cursor() as opened:
        yield opened


def put(
    cursor: duckdb.DuckDBPyConnection,
    job_id: str,
    at_ns: int | None,
    error_code: str | None = "ROLLOUT_EXCLUDED",
    path: str = "stub",
    contradiction: str | None = None,
) -> None:
    cursor.execute(
        "INSERT INTO telemetry (source_id, line_offset, record_index, line_time_ns, time_quality, "
        "executor_version, job_id, bucket, path, status, error_code, latency_ms, contradiction) "
        "VALUES (1, 0, 0, ?, 'transport', 'v1', ?, 7, ?, 'STUB', ?, 1, ?)",
        [at_ns, job_id, path, error_code, contradiction],
    )


def names(seen: SeenJobs) -> list[str]:
    return [job.job_id for job in seen.jobs]


def test_of_nothing(cursor: duckdb.DuckDBPyConnection) -> None:
    assert recent_jobs(cursor, NOW) == SeenJobs((), 0.0, None)
    put(cursor, "without a time", None)
    assert recent_jobs(cursor, NOW) == SeenJobs((), 0.0, None)


def test_the_last_day_before_the_newest_line(cursor: duckdb.DuckDBPyConnection) -> None:
    newest = NOW - 1_000 * HOUR_NS
    put(cursor, "newest", newest)
    put(cursor, "just inside", newest - 24 * HOUR_NS + 1)
    put(cursor, "just outside", newest - 24 * HOUR_NS)
    seen = recent_jobs(cursor, NOW)
    assert names(seen) == ["just inside", "newest"]
    assert (seen.hours, seen.until_ns) == (24.0, newest)


def test_lines_after_now_do_not_move_the_window(cursor: duckdb.DuckDBPyConnection) -> None:
    put(cursor, "of now", NOW)
    put(cursor, "of a wrong clock", NOW + 1)
    seen = recent_jobs(cursor, NOW)
    assert (names(seen), seen.hours, seen.until_ns) == (["of now"], 0.0, NOW)


def test_hours_are_those_that_telemetry_covers(cursor: duckdb.DuckDBPyConnection) -> None:
    put(cursor, "a", NOW - 3 * HOUR_NS)
    put(cursor, "b", NOW)
    assert recent_jobs(cursor, NOW).hours == 3.0


def test_each_job_once_and_no_probe(cursor: duckdb.DuckDBPyConnection) -> None:
    for job_id in ("twice", "twice", "probe:1", "probed"):
        put(cursor, job_id, NOW)
    assert names(recent_jobs(cursor, NOW)) == ["probed", "twice"]


@pytest.mark.parametrize(
    ("path", "error_code", "contradiction", "reached"),
    [
        ("openai", None, None, True),
        ("openai", "OPENAI_HTTP_ERROR", None, True),
        ("stub", "ROLLOUT_EXCLUDED", None, True),
        ("stub", "NOT_ALLOWLISTED", None, False),
        ("stub", "KILL_SWITCH", None, False),
        ("stub", None, None, False),
        ("stub", "SOMETHING_NEW", None, False),
        ("openai", None, "path openai with status STUB", False),
    ],
)
def test_reaching_the_bucket(
    cursor: duckdb.DuckDBPyConnection,
    path: str,
    error_code: str | None,
    contradiction: str | None,
    reached: bool,
) -> None:
    put(cursor, "job", NOW - 1, error_code, path, contradiction)
    (job,) = recent_jobs(cursor, NOW).jobs
    assert (job.job_id, job.bucket, job.reached_bucket) == ("job", 7, reached)
    put(cursor, "job", NOW, "KILL_SWITCH")
    assert recent_jobs(cursor, NOW).jobs == (job,)
