"""Whatever happens to the rows, the rollups hold what counting them one by one gives, and a rebuild.

Each thing that can happen to rows by itself first, then all of them in any order.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ingest.history.controls import HOME, ControlHistory, read_history, read_home_history
from ingest.loading.load import Surroundings, load
from ingest.quarantine import RecordPlace, ReplayRequest, replay
from ingest.rollups.folding import fold
from ingest.rollups.log import count_stored
from ingest.rollups.rebuilding import rebuild_rollups
from tests.ingest.gate_audit.worlds import OUTCOMES, at, cri, event, line
from tests.ingest.rollups.content import coarser, kept, recounted, stored
from tests.ingest.store_from_template import open_store
from tests.ingest.test_quarantine import as_an_older_parser_left_it

FILES = ("spool/a.log", "spool/b.log", "elsewhere/a.log", "elsewhere/untimed.log")
JOBS = ("job-22", "job-29", "job-0", "probe:30")
TIMES_MS = st.integers(-4, 40).map(lambda number: number * 20_000)
LATENCIES_MS = st.sampled_from([0, 1, 7, 119, 120, 30_000, 90_000])
FIELD = [
    {"at": "2026-11-21T02:20:00Z", "FEATURE_SLOTGEN_AI": "true", "SLOTGEN_AI_KILL": "false",
     "SLOTGEN_AI_ROLLOUT_PERCENT": "10", "allowlist": "on"},
    {"at": "2026-11-21T02:23:00Z", "FEATURE_SLOTGEN_AI": "true", "SLOTGEN_AI_KILL": "true",
     "SLOTGEN_AI_ROLLOUT_PERCENT": "10", "allowlist": "on"},
]  # fmt: skip


class Rows(RuleBasedStateMachine):
    """Files of the spool and others, timed and not, whole and half lines, two histories, quarantine."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.root = Path(self.folder.name)
        for name in ("spool", "elsewhere"):
            (self.root / name).mkdir()
        self.store = open_store(self.root / "telemetry.duckdb")
        self.events = 0
        self.publish(0)
        (self.root / "field.jsonl").write_text("".join(json.dumps(one) + "\n" for one in FIELD))

    def teardown(self) -> None:
        self.bring_in()
        with self.store.transaction() as cursor:
            fold(cursor)
        before = stored(self.store)
        rebuild_rollups(self.store)
        assert stored(self.store) == before
        self.store.close()
        self.folder.cleanup()

    @rule(
        name=st.sampled_from(FILES),
        ms=TIMES_MS,
        job=st.sampled_from(JOBS),
        outcome=st.sampled_from(OUTCOMES),
        latency=LATENCIES_MS,
        is_open=st.booleans(),
    )
    def write(
        self, name: str, ms: int, job: str, outcome: tuple[str, str, str | None], latency: int, is_open: bool
    ) -> None:
        text = cri(line(ms, job, outcome, latency))
        if "untimed" in name and ms % 40_000:
            text = text.split(" ", 3)[3]
        path = self.root / name
        with path.open("a") as file:
            is_cut = path.stat().st_size > 0 and not path.read_bytes().endswith(b"\n")
            file.write(("\n" if is_cut else "") + (text.rstrip("\n") if is_open else text))

    @rule(ms=st.integers(1, 30))
    def publish(self, ms: int) -> None:
        """The home's history grows, also by what took effect long ago."""
        self.events += 1
        with (self.root / "history.jsonl").open("a") as file:
            kill = self.events % 3 == 0
            file.write(json.dumps(event("effective", ms * 20_000, self.events, percent=10, kill=kill)) + "\n")

    @rule()
    def bring_in(self) -> None:
        self._load(("spool", "elsewhere"), read_home_history(self.root / "history.jsonl"))

    @rule()
    def bring_in_with_another_history(self) -> None:
        self._load(("elsewhere",), read_history(self.root / "field.jsonl"))

    def _load(self, names: tuple[str, ...], history: ControlHistory | None) -> None:
        around = Surroundings(None, lambda: at(2_000_000), self.root / "spool")
        load(self.store, [self.root / name for name in names], history, surroundings=around)

    @rule(number=st.integers(0, 50))
    def misread_and_replay(self, number: int) -> None:
        """A closed line is put where an older parser would have left it, and is taken in again."""
        with self.store.cursor() as cursor:
            places = cursor.execute(
                "SELECT source_id, line_offset, record_index, job_id, path, status, error_code, latency_ms, "
                "executor_version FROM telemetry JOIN source USING (source_id) "
                'WHERE line_offset < checkpoint."offset" ORDER BY ALL'
            ).fetchall()
        if not places:
            return
        source_id, offset, index, *fields = places[number % len(places)]
        job, path, status, code, latency, version = fields
        document = {"version": "v1", "executorVersion": version, "jobId": job, "path": path}
        document |= {"status": status, "latencyMs": latency, "errorCode": code}
        place = RecordPlace(source_id, offset, index)
        where = {"source": source_id, "offset": offset}
        with self.store.transaction() as cursor:
            count_stored(cursor, "source_id = $source AND line_offset = $offset", where, -1)
        as_an_older_parser_left_it(self.store, place, json.dumps(document).encode())
        replay(self.store, ReplayRequest(places=(place,)))

    @rule()
    def fold(self) -> None:
        with self.store.transaction() as cursor:
            fold(cursor)

    @rule()
    def rebuild(self) -> None:
        rebuild_rollups(self.store)

    @rule()
    def open_again(self) -> None:
        self.store.close()
        self.store = open_store(self.root / "telemetry.duckdb")

    @invariant()
    def rollups_are_the_rows_counted(self) -> None:
        counted = recounted(self.store)
        assert kept(self.store, "rollup_minute") == counted
        assert kept(self.store, "rollup_hour") == coarser(counted, 60)
        assert kept(self.store, "rollup_half_day") == coarser(counted, 720)


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[Rows]:
    machine = Rows()
    yield machine
    machine.rollups_are_the_rows_counted()
    machine.teardown()


def test_a_line_that_was_still_open_counts_once(rows: Rows) -> None:
    rows.write("spool/a.log", 20_000, "job-0", OUTCOMES[0], 120, is_open=True)
    rows.bring_in()
    rows.write("spool/a.log", 40_000, "job-0", OUTCOMES[0], 120, is_open=False)
    rows.bring_in()
    assert kept(rows.store, "rollup_minute").total() == 2


def test_lines_move_to_the_revision_of_a_history_that_came_later(rows: Rows) -> None:
    rows.write("spool/a.log", 200_000, "job-0", OUTCOMES[0], 120, is_open=False)
    rows.bring_in()
    rows.publish(1)
    rows.bring_in()
    assert {key[4] for key in kept(rows.store, "rollup_minute")} == {2}


def test_a_source_that_follows_another_history_moves_with_all_its_lines(rows: Rows) -> None:
    rows.write("elsewhere/untimed.log", 20_000, "job-0", OUTCOMES[0], 120, is_open=False)
    rows.write("elsewhere/untimed.log", 40_000, "job-0", OUTCOMES[0], 120, is_open=False)
    rows.bring_in()
    rows.bring_in_with_another_history()
    histories = {key[1] for key in kept(rows.store, "rollup_minute")}
    assert len(histories) == 1
    assert HOME not in histories


def test_lines_without_a_time_are_placed_and_taken_back(rows: Rows) -> None:
    for ms in (40_000, 20_000, 80_000):
        rows.write("elsewhere/untimed.log", ms, "job-0", OUTCOMES[0], 120, is_open=False)
    rows.bring_in()
    assert {key[4] for key in kept(rows.store, "rollup_minute")} == {1}
    rows.publish(3)
    rows.bring_in()
    assert {key[4] for key in kept(rows.store, "rollup_minute")} == {1, 2, None}


def test_a_record_that_is_taken_in_from_quarantine_counts(rows: Rows) -> None:
    rows.write("spool/a.log", 20_000, "job-0", OUTCOMES[0], 120, is_open=False)
    rows.bring_in()
    rows.misread_and_replay(0)
    assert kept(rows.store, "rollup_minute").total() == 1


TestRows = Rows.TestCase
TestRows.settings = settings(max_examples=6, stateful_step_count=12, deadline=None)
