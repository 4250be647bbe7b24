"""Whatever is loaded, deleted, interrupted, rebuilt and read again: rollups count what ever came, once.

A twin store loads the same files and never deletes: the rollups of the one hold what counting the rows of
the other gives, and every row that is still needed is in both.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ingest.history.controls import read_home_history
from ingest.loading.load import Surroundings, load
from ingest.retention.bound import DAY_NS, HOUR_NS, Need
from ingest.retention.keeping import KeepNothing
from ingest.retention.run import Order, Passed, retain
from ingest.rollups.rebuilding import rebuild_rollups
from tests.ingest.gate_audit.reference import Line
from tests.ingest.gate_audit.worlds import BASE_NS, OUTCOMES, cri, event
from tests.ingest.rollups.content import coarser, kept, recounted
from tests.ingest.store_from_template import open_store

DAYS = 7
MS = 1_000_000
FILES = ("spool/a.log", "spool/b.log", "elsewhere/c.log")
PLACES = "SELECT source_id, line_offset, record_index FROM telemetry WHERE line_time_ns >= ?"
STALE = """
SELECT count(*) FROM telemetry t JOIN source s USING (source_id)
WHERE line_time_ns < ? AND line_offset < s.checkpoint."offset"
"""


class Torn(Exception):
    """What ends a pass in the middle of a transaction."""


class Tearing(KeepNothing):
    """Takes a few rows at once, and ends the pass when it is asked the third time."""

    rows_at_once = 2

    def __init__(self, left: int) -> None:
        self.left = left

    def keep(
        self,
        cursor: duckdb.DuckDBPyConnection,
        condition: str,
        parameters: Mapping[str, object],
        month: str | None,
    ) -> None:
        """Finds what it is to keep."""
        query = f"SELECT min(line_time_ns) FROM telemetry WHERE {condition}"
        [(first_ns,)] = cursor.execute(query, parameters).fetchall()
        assert (month is None) == (first_ns is None)
        self.left -= 1
        if self.left == 0:
            raise Torn


class Kept(RuleBasedStateMachine):
    """Files that grow, late lines, lines without a time, half lines, copies; two stores that read them."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.root = Path(self.folder.name)
        for name in ("spool", "elsewhere"):
            (self.root / name).mkdir()
        self.store = open_store(self.root / "telemetry.duckdb")
        self.twin = open_store(self.root / "twin.duckdb")
        self.now_ns = BASE_NS
        self.written = 0
        self.needed_from_ns = 0
        self.publish(kill=False)

    def teardown(self) -> None:
        self.bring_in()
        self.rollups_count_what_ever_came()
        rebuild_rollups(self.store)
        self.rollups_count_what_ever_came()
        self.store.close()
        self.twin.close()
        self.folder.cleanup()

    @rule(
        name=st.sampled_from(FILES),
        ages_h=st.lists(st.integers(0, 12 * 24), min_size=1, max_size=4),
        outcome=st.sampled_from(OUTCOMES[:4]),
        is_open=st.booleans(),
    )
    def write(
        self, name: str, ages_h: list[int], outcome: tuple[str, str, str | None], is_open: bool
    ) -> None:
        """Lines of now, and lines that come late."""
        text = "".join(self._line(age_h, outcome) for age_h in ages_h)
        path = self.root / name
        with path.open("a") as file:
            is_cut = path.stat().st_size > 0 and not path.read_bytes().endswith(b"\n")
            file.write(("\n" if is_cut else "") + (text.rstrip("\n") if is_open else text))

    @rule(ages_h=st.lists(st.integers(0, 12 * 24), max_size=2), untimed=st.integers(1, 4))
    def write_untimed(self, ages_h: list[int], untimed: int) -> None:
        """A file with lines without a time between those that have one."""
        lines = [self._line(age_h, OUTCOMES[0]) for age_h in ages_h]
        bare = [self._line(0, OUTCOMES[1]).split(" ", 3)[3] for _ in range(untimed)]
        (self.root / "elsewhere" / f"bare-{self.written}.log").write_text(
            "".join([*lines, *bare, *lines[:1]])
        )

    def _line(self, age_h: int, outcome: tuple[str, str, str | None]) -> str:
        self.written += 1
        at_ns = self.now_ns - age_h * HOUR_NS - self.written * MS
        return cri(Line(at_ns, f"job-{self.written % 5}", *outcome, 7 * (self.written % 3)))

    @rule(kill=st.booleans())
    def publish(self, kill: bool) -> None:
        """The history of the home grows at its end."""
        self.written += 1
        ms = (self.now_ns - BASE_NS) // MS + self.written
        with (self.root / "history.jsonl").open("a") as file:
            file.write(json.dumps(event("effective", ms, self.written, kill=kill)) + "\n")

    @rule(hours=st.integers(1, 6 * 24))
    def wait(self, hours: int) -> None:
        self.now_ns += hours * HOUR_NS

    @rule()
    def bring_in(self) -> None:
        history = read_home_history(self.root / "history.jsonl")
        around = Surroundings(None, lambda: self.now_ns, self.root / "spool")
        for store in (self.store, self.twin):
            paths = [self.root / "spool", self.root / "elsewhere"]
            assert load(store, paths, history, surroundings=around).is_balanced

    @rule(
        need_h=st.none() | st.integers(0, 20 * 24), torn_at=st.integers(0, 4), stops_after=st.integers(1, 9)
    )
    def retain(self, need_h: int | None, torn_at: int, stops_after: int) -> None:
        """A pass, to its end, or stopped between two transactions, or ended in one."""
        needs = () if need_h is None else (Need("a review is open", self.now_ns - need_h * HOUR_NS),)
        order = Order(days=DAYS, needs=needs, trusts_clock=True)
        with self.twin.cursor() as cursor:
            newest = cursor.execute("SELECT max(line_time_ns) FROM telemetry").fetchall()[0][0]
        limits = [self.now_ns - DAYS * DAY_NS, *(one.since_ns for one in needs)]
        limits += [] if newest is None else [newest - DAY_NS]
        self.needed_from_ns = max(self.needed_from_ns, min(limits))
        looks = iter(range(stops_after))
        passed: Passed | None = None
        try:
            passed = retain(
                self.store, order, lambda: self.now_ns, Tearing(torn_at), lambda: next(looks, None) is None
            )
        except Torn:
            return
        if passed.is_whole and passed.bound is not None:
            with self.store.cursor() as cursor:
                assert cursor.execute(STALE, [passed.bound.before_ns]).fetchall() == [(0,)]

    @rule(name=st.sampled_from(FILES), lines=st.integers(1, 6))
    def copy(self, name: str, lines: int) -> None:
        """What a backup brings back: the beginning of a file, or all of it."""
        if not (self.root / name).exists():
            return
        self.bring_in()
        held = (self.root / name).read_bytes().splitlines(keepends=True)[:lines]
        self.written += 1
        (self.root / "elsewhere" / f"copy-{self.written}.log").write_bytes(
            b"".join(held).rstrip(b"\n") + b"\n"
        )

    @rule(name=st.sampled_from(FILES))
    def rotate(self, name: str) -> None:
        self.written += 1
        if (self.root / name).exists():
            (self.root / name).rename(self.root / f"{name}.{self.written}")

    @rule()
    def remove_what_was_read(self) -> None:
        self.bring_in()
        for name in FILES:
            (self.root / name).unlink(missing_ok=True)

    @rule()
    def rebuild(self) -> None:
        rebuild_rollups(self.store)

    @rule()
    def open_again(self) -> None:
        self.store.close()
        self.store = open_store(self.root / "telemetry.duckdb")

    @invariant()
    def rollups_count_what_ever_came(self) -> None:
        counted = recounted(self.twin)
        assert kept(self.store, "rollup_minute") == counted
        assert kept(self.store, "rollup_hour") == coarser(counted, 60)
        assert kept(self.store, "rollup_half_day") == coarser(counted, 720)

    @invariant()
    def what_is_needed_is_there(self) -> None:
        with self.store.cursor() as here, self.twin.cursor() as there:
            asked = [self.needed_from_ns]
            needed = set(there.execute(PLACES, asked).fetchall())
            assert needed <= set(here.execute(PLACES, asked).fetchall())


@pytest.fixture
def machine() -> Kept:
    return Kept()


def test_late_lines_of_a_day_that_is_gone_count_and_go_again(machine: Kept) -> None:
    for _ in range(2):
        machine.write("spool/a.log", [10 * 24, 0], OUTCOMES[0], is_open=False)
        machine.bring_in()
        machine.retain(None, 0, 99)
        machine.rollups_count_what_ever_came()
    with machine.store.cursor() as cursor:
        assert cursor.execute("SELECT count(*) FROM telemetry").fetchall() == [(2,)]
    machine.teardown()


def test_lines_without_a_time_go_when_their_file_stood_still_for_long(machine: Kept) -> None:
    machine.write("spool/a.log", [0], OUTCOMES[0], is_open=False)
    machine.write_untimed([], 3)
    machine.bring_in()
    machine.retain(None, 0, 99)
    machine.wait(9 * 24)
    machine.write("spool/a.log", [0], OUTCOMES[0], is_open=False)
    machine.bring_in()
    machine.retain(None, 0, 99)
    with machine.store.cursor() as cursor:
        found = "SELECT count(*) FROM telemetry WHERE line_time_ns IS NULL"
        assert cursor.execute(found).fetchall() == [(0,)]
    machine.rollups_count_what_ever_came()
    machine.teardown()


def test_an_earlier_copy_of_what_is_gone_is_no_other_source(machine: Kept) -> None:
    machine.write("spool/a.log", [11 * 24, 10 * 24, 9 * 24, 0], OUTCOMES[0], is_open=False)
    machine.bring_in()
    machine.retain(None, 0, 99)
    machine.copy("spool/a.log", 2)
    machine.bring_in()
    machine.rollups_count_what_ever_came()
    machine.teardown()


TestKept = Kept.TestCase
TestKept.settings = settings(max_examples=4, stateful_step_count=12, deadline=None)
