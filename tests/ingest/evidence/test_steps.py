"""The history step by step, bucket counts, and the snapshot that makes numbers agree."""

from collections.abc import Callable

import duckdb

from ingest.evidence import bucket_counts, step_windows
from ingest.evidence.snapshot import snapshot
from schemas.stages import Step
from tests.ingest.evidence.homes import SECOND, START, Home, in_force, line, stub


def test_runs_of_equal_steps(make_home: Callable[..., Home]) -> None:
    home = make_home(
        in_force(1, 0, Step.BASELINE, percent=0),
        in_force(2, 100, Step.CANARY_1, percent=1),
        in_force(3, 200, Step.CANARY_1, percent=1),
        in_force(4, 300, Step.BASELINE, kill=True),
    )
    home.put(
        [
            stub("a", after_s=50),
            line("b", 150, ms=10),
            line("b", 160, ms=30),
            line("b", 250, ms=20),
            line("c", 251, code="OPENAI_HTTP_ERROR"),
            stub("probe:1", "NOT_ALLOWLISTED", 252),
        ]
    )
    with home.store.cursor() as cursor:
        found = step_windows(cursor)
    assert [(one.step, one.stage, one.revisions) for one in found] == [
        (Step.BASELINE, 0, (1,)),
        (Step.CANARY_1, 1, (2, 3)),
        (Step.BASELINE, 0, (4,)),
    ]
    canary = found[1]
    assert (canary.from_ns, canary.to_ns) == (START + 100 * SECOND, START + 300 * SECOND)
    assert (canary.units, canary.failed, canary.completed) == (3, 1, 2)
    assert (canary.p50, canary.p95) == (20, 30)
    assert [(one.path, one.status, one.lines, one.jobs) for one in canary.outcomes] == [
        ("openai", "COMPLETED", 3, 1),
        ("openai", "FAILED", 1, 1),
    ]
    assert (found[2].to_ns, found[2].units, found[2].outcomes, found[2].p50) == (None, 0, (), None)


def test_without_a_history(make_home: Callable[..., Home]) -> None:
    home = make_home()
    with home.store.transaction() as cursor:
        cursor.execute("DELETE FROM control_interval")
    with home.store.cursor() as cursor:
        assert step_windows(cursor) == ()
    assert home.ask().controls is None


def test_bucket_counts_are_of_distinct_jobs_in_a_span(home: Home) -> None:
    """Bucket 33 is that of "!", 34 that of a quote."""
    home.put([stub("!", after_s=10), stub("!", after_s=20), stub('"', after_s=30), stub("probe:1")])
    with home.store.cursor() as cursor:
        counts = bucket_counts(cursor)
        assert (len(counts), sum(counts), counts[33], counts[34]) == (100, 2, 1, 1)
        assert sum(bucket_counts(cursor, START + 30 * SECOND)) == 1
        assert sum(bucket_counts(cursor, START + 10 * SECOND, START + 30 * SECOND)) == 1
        assert sum(bucket_counts(cursor, until_ns=START)) == 0


def test_a_snapshot_sees_nothing_of_what_is_committed_meanwhile(home: Home) -> None:
    def lines(cursor: duckdb.DuckDBPyConnection) -> int:
        return int(cursor.execute("SELECT count(*) FROM telemetry").fetchall()[0][0])

    with home.store.cursor() as cursor:
        with snapshot(cursor):
            assert lines(cursor) == 0
            home.put(stub("a"))
            assert lines(cursor) == 0
        assert lines(cursor) == 1


def test_the_numbers_come_from_a_store_that_is_open_for_reading(home: Home) -> None:
    home.put(stub("a"))
    home.store.close()
    store = type(home.store).open_for_reading(home.folder / "telemetry.duckdb")
    with store:
        assert Home(home.folder, store, home.controls).ask().lines == 1


def test_the_digest_is_the_same_in_every_version_of_the_database(home: Home) -> None:
    """Pinned: frozen evidence names rows by it."""
    home.put([line("a", 60, ms=12.5), stub("b", None, 61)])
    assert home.ask().digest == ("sha256:eb0942f7cccde3f634d4fe7866dd9965f68549a0f15df63e19bea0ba641b6a2d")
