"""What comes again with an id of its transport, after retention removed it, is not counted twice."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.loading.load import load
from ingest.loading.summary import LoadSummary
from ingest.retention.bound import DAY_NS, HOUR_NS
from ingest.retention.run import Order, retain
from ingest.store import TelemetryStore
from tests.ingest.gate_audit.worlds import BASE_NS
from tests.ingest.retention.journals import journal
from tests.ingest.several import cloudwatch, event
from tests.ingest.store_from_template import open_store
from tests.ingest.stored import record

NOW = BASE_NS
OLD, NEW = NOW - 20 * DAY_NS, NOW - DAY_NS
MINUTE_NS = HOUR_NS // 60


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TelemetryStore]:
    """With one line of yesterday: the last day with lines is always kept."""
    with open_store(tmp_path / "telemetry.duckdb") as opened:
        loaded(opened, tmp_path / "yesterday", journal(0, NEW, "c3"))
        yield opened


def loaded(store: TelemetryStore, path: Path, data: bytes) -> LoadSummary:
    path.write_bytes(data)
    summary = load(store, [path], None)
    assert summary.is_balanced
    return summary


def became(store: TelemetryStore, path: Path, data: bytes) -> tuple[int, int, int]:
    """How many records were accepted, duplicates, and duplicates that are known by where and when only."""
    summary = loaded(store, path, data)
    return summary.accepted, summary.duplicate, summary.taken_for_gone


def passed(store: TelemetryStore, now_ns: int = NOW) -> int:
    done = retain(store, Order(days=7, trusts_clock=True), lambda: now_ns)
    assert done.is_whole
    return done.deleted.rows


def counted(store: TelemetryStore) -> int:
    """How many lines the rollups say there were."""
    with store.cursor() as cursor:
        found = cursor.execute(
            "SELECT sum(lines)::BIGINT FROM"
            " (SELECT lines FROM rollup_minute UNION ALL SELECT lines FROM rollup_log)"
        ).fetchall()
    return int(found[0][0])


def test_a_journal_that_is_exported_anew_each_week_counts_each_entry_once(
    store: TelemetryStore, tmp_path: Path
) -> None:
    old = [journal(n, OLD + n * MINUTE_NS) for n in range(90)]
    new = [journal(90 + n, NEW + n * MINUTE_NS) for n in range(10)]
    assert became(store, tmp_path / "week-1", b"".join(old + new)) == (100, 0, 0)
    assert passed(store) == 90
    later = journal(100, NEW + HOUR_NS)
    # Of the old ones the journal has vacuumed some meanwhile, so that the file begins with another line.
    assert became(store, tmp_path / "week-2", b"".join([*old[5:], *new, later])) == (1, 95, 85)
    assert (counted(store), passed(store)) == (102, 0)


def test_what_is_from_elsewhere_or_another_time_is_counted(store: TelemetryStore, tmp_path: Path) -> None:
    assert became(store, tmp_path / "a", journal(1, OLD) + journal(2, OLD + MINUTE_NS)) == (2, 0, 0)
    assert passed(store) == 2
    others = [
        journal(1, OLD, name="b2"),  # another host, with a unit of the same name
        journal(1, OLD, unit="other.service"),
        journal(3, OLD + 2 * MINUTE_NS),  # later than what went
        journal(4, OLD - 3 * HOUR_NS),
        journal(5, NEW),
    ]
    assert became(store, tmp_path / "b", b"".join(others)) == (5, 0, 0)
    no_id = f"2026-11-01T00:00:00Z stderr F {record(6)}\n".encode()
    assert became(store, tmp_path / "c", no_id) == (1, 0, 0)


def test_an_hour_of_which_rows_went_in_two_passes_is_known_whole(
    store: TelemetryStore, tmp_path: Path
) -> None:
    first, second = (journal(n, OLD + n * MINUTE_NS) for n in (1, 2))
    assert became(store, tmp_path / "a", first) == (1, 0, 0)
    assert passed(store) == 1
    assert became(store, tmp_path / "b", second) == (1, 0, 0)
    assert passed(store) == 1
    assert became(store, tmp_path / "c", b"noise\n" + first + second) == (0, 2, 2)


def test_open_lines_are_read_again_although_others_of_their_hour_went(
    store: TelemetryStore, tmp_path: Path
) -> None:
    at_ms = OLD // 1_000_000
    first, second, third, last = (cloudwatch(event(record(n), n, timestamp=at_ms + n)) for n in (1, 2, 3, 4))
    assert became(store, tmp_path / "open", second) == (1, 0, 0)
    assert became(store, tmp_path / "closed", first + b"\n" + last + b"\n") == (2, 0, 0)
    assert passed(store) == 2, "what has no end yet stays"
    assert became(store, tmp_path / "open", second + third) == (0, 2, 1)
    assert became(store, tmp_path / "open", second + third + b"\nnoise") == (0, 2, 1)
    with store.cursor() as cursor:
        assert cursor.execute("SELECT job_id FROM telemetry ORDER BY 1").fetchall() == [
            ("job-0",),
            ("job-2",),
        ]


def test_a_load_says_what_it_kept_out(store: TelemetryStore, tmp_path: Path) -> None:
    assert became(store, tmp_path / "a", journal(1, OLD)) == (1, 0, 0)
    assert passed(store) == 1
    summary = loaded(store, tmp_path / "b", b"noise\n" + journal(1, OLD))
    said = summary.as_record()
    assert said["taken_for_gone"] == said["sources"][0]["taken_for_gone"] == 1
    assert said["records"] == {"accepted": 0, "duplicate": 1, "quarantined": 0}


STEPS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 40), st.booleans()), min_size=2, max_size=5)


@given(steps=STEPS)
@settings(max_examples=6)
def test_whatever_is_exported_and_removed_when_each_entry_counts_once(
    steps: list[tuple[int, int, bool]],
) -> None:
    """Each step a journal gets entries, six hours apart, and loses its oldest; a pass may come after it."""
    written, oldest, exported = 1, 0, set[int]()
    with TemporaryDirectory() as folder, open_store(Path(folder) / "telemetry.duckdb") as store:
        for number, (added, vacuumed, is_passed) in enumerate(steps):
            written += added
            oldest = min(oldest + vacuumed, written - 1)
            exported |= {*range(oldest, written)}
            entries = [journal(n, OLD + n * 6 * HOUR_NS) for n in range(oldest, written)]
            loaded(store, Path(folder) / f"{number}.json", b"".join(entries))
            if is_passed:
                passed(store, OLD + written * 6 * HOUR_NS)
            assert counted(store) == len(exported)
