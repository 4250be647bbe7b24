"""A pass as a whole: what it waits for, what belongs to lines that go, and what it says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.loading.load import load
from ingest.retention.bound import DAY_NS, HOUR_NS
from ingest.retention.clock import LONGEST_WAIT_NS
from ingest.retention.run import Order, Passed, retain
from ingest.store import TelemetryStore
from tests.ingest.gate_audit.reference import Line
from tests.ingest.gate_audit.worlds import BASE_NS, cri
from tests.ingest.store_from_template import open_store
from tests.ingest.telemetry import line_v2

NOW = BASE_NS
OLD, NEW = NOW - 20 * DAY_NS, NOW - DAY_NS
RUN = """
INSERT INTO exec_run BY NAME SELECT $1 AS run_id, $2 AS started_ns, $2 AS ended_ns, 'a' AS source,
    'job' AS kind, 0 AS from_offset, 0 AS to_offset, 0 AS lost_bytes, 'unseen' AS result_state
"""
OF_LINES = ("telemetry", "line_claim", "gate_finding", "quarantine", "exec_run")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TelemetryStore]:
    """Twice the same, of long ago and of yesterday: a v1 line that contradicts itself, a v2 line, a broken
    record and a run.
    """
    text = ""
    for at_ns in (OLD, NEW):
        odd = cri(Line(at_ns, "job-1", "openai", "STUB", None, 7))
        stamp = odd.split(" ", 1)[0]
        text += odd + odd.replace('"v1"', '"v9"', 1) + f"{stamp} stderr F {line_v2().decode()}\n"
    (tmp_path / "some.log").write_text(text)
    with open_store(tmp_path / "telemetry.duckdb") as opened:
        load(opened, [tmp_path / "some.log"], None)
        with opened.transaction() as cursor:
            for run_id, at_ns in (("old", OLD), ("new", NEW)):
                cursor.execute(RUN, [run_id, at_ns])
        yield opened


def passed(store: TelemetryStore, now_ns: int, *, trusts_clock: bool = False) -> Passed:
    return retain(store, Order(days=7, trusts_clock=trusts_clock), lambda: now_ns)


def rows(store: TelemetryStore) -> dict[str, int]:
    with store.cursor() as cursor:
        return {name: cursor.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0] for name in OF_LINES}


def test_what_belongs_to_lines_goes_with_them(store: TelemetryStore) -> None:
    before = rows(store)
    assert all(count % 2 == 0 and count > 0 for count in before.values()), before
    done = passed(store, NOW, trusts_clock=True)
    assert rows(store) == {name: count // 2 for name, count in before.items()}
    assert (done.deleted.timed, done.deleted.quarantined, done.is_whole) == (2, 1, True)
    assert done.said == "3 rows of before 2026-11-14 deleted; 7 days are kept"
    with store.cursor() as cursor:
        events = cursor.execute("SELECT detail FROM ingest_event WHERE kind = 'retention'").fetchall()
    assert events == [(done.said,)]


def test_a_clock_that_jumped_ahead_empties_nothing(store: TelemetryStore) -> None:
    before = rows(store)
    assert "the first pass in this home deletes nothing" in passed(store, NOW).said
    assert passed(store, NOW + 2 * DAY_NS).is_whole, "a day is over"
    after = rows(store)
    assert after["telemetry"] < before["telemetry"]
    ahead = NOW + 900 * DAY_NS
    for later in (0, HOUR_NS, 3 * DAY_NS, LONGEST_WAIT_NS - 1):
        assert "far ahead" in passed(store, ahead + later).said
    assert rows(store) == after
    assert passed(store, NOW + 2 * DAY_NS + HOUR_NS).is_whole, "it was set right"
    assert "far ahead" in passed(store, ahead + LONGEST_WAIT_NS + 1).said, (
        "and what was seen then is forgotten"
    )
    assert rows(store) == after


def test_nothing_goes_before_the_rollups_are_there(store: TelemetryStore) -> None:
    before = rows(store)
    with store.transaction() as cursor:
        cursor.execute("UPDATE rollup_state SET is_complete = false")
    assert "the next load builds them" in passed(store, NOW, trusts_clock=True).said
    assert rows(store) == before


def test_another_log_that_begins_alike_is_not_taken_for_a_copy_of_what_is_gone(tmp_path: Path) -> None:
    """`docker compose logs` begins every file with the same line."""
    head = "Attaching to app-1\n"
    first, other = tmp_path / "first.log", tmp_path / "other.log"
    first.write_text(
        head + "".join(cri(Line(OLD + n, f"job-{n}", "stub", "STUB", None, 7)) for n in range(9))
    )
    other.write_text(head + cri(Line(OLD - DAY_NS, "job-x", "stub", "STUB", None, 7)))
    with open_store(tmp_path / "telemetry.duckdb") as store:
        load(store, [first], None)
        passed(store, NOW, trusts_clock=True)
        assert load(store, [other], None).sources[0].state == "new"
        other.with_name("copy.log").write_text("".join(first.read_text().splitlines(keepends=True)[:4]))
        assert load(store, [other.with_name("copy.log")], None).sources[0].state == "copy"
