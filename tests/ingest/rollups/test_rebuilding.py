"""A rebuild goes by stretches: whatever ends it or is stored meanwhile, all is counted once at its end."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import WorkStopped
from ingest.loading.load import load
from ingest.progress import HowFar, Unit, Work
from ingest.rollups.log import count_stored, counted_anew
from ingest.rollups.rebuilding import rebuild_rollups
from ingest.store import TelemetryStore
from tests.ingest.rollups.content import kept, recounted, stored
from tests.ingest.store_from_template import open_store
from tests.ingest.stored import DATA, record

DAYS = 8
LINES_A_DAY = 3


def cri_on(day: int, number: int) -> str:
    return f"2026-11-{day + 1:02}T02:22:53.390129Z stderr F {record(number)}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Lines of some days, and lines without a time."""
    log = tmp_path / "days.log"
    log.write_text(
        "".join(cri_on(day, LINES_A_DAY * day + n) for day in range(DAYS) for n in range(LINES_A_DAY))
    )
    (tmp_path / "untimed.log").write_text(f"{record(900)}\n{record(901)}\n")
    return tmp_path


@pytest.fixture
def store(folder: Path) -> Iterator[TelemetryStore]:
    with open_store(folder / "telemetry.duckdb") as opened:
        load(opened, sorted(folder.glob("*.log")), None)
        yield opened


def is_right(store: TelemetryStore) -> None:
    for unit, minutes in (("minute", 1), ("hour", 60)):
        assert kept(store, f"rollup_{unit}") == recounted(store, minutes)
    with store.cursor() as cursor:
        assert cursor.execute("FROM rebuild_state").fetchall() == []
        for table in ("rebuilt_minute", "rebuilt_hour", "rebuilt_log"):
            assert cursor.execute(f"FROM {table}").fetchall() == []


def damage(store: TelemetryStore) -> None:
    with store.transaction() as cursor:
        cursor.execute("UPDATE rollup_minute SET lines = lines + 1")
        cursor.execute("DELETE FROM rollup_hour")
        cursor.execute("DELETE FROM rollup_log")


def ends_after(stretches: int) -> Callable[[HowFar], None]:
    left = iter(range(stretches))

    def tell(far: HowFar) -> None:
        if next(left, None) is None:
            raise WorkStopped("enough")

    return tell


def test_it_tells_of_every_stretch(store: TelemetryStore) -> None:
    told: list[HowFar] = []
    rows = DAYS * LINES_A_DAY + 2
    assert rebuild_rollups(store, told.append, rows_at_once=6) == rows
    assert {(far.work, far.total, far.unit) for far in told} == {(Work.REBUILD, rows, Unit.ROWS)}
    assert [far.done for far in told] == [0, 8, 14, 20, 26, 26]
    is_right(store)


@pytest.mark.parametrize("stretches", [0, 1, 3])
def test_what_was_there_is_read_until_all_is_counted_and_it_goes_on_where_it_was_ended(
    store: TelemetryStore, stretches: int
) -> None:
    right = stored(store)
    damage(store)
    damaged = stored(store)
    with pytest.raises(WorkStopped):
        rebuild_rollups(store, ends_after(stretches), rows_at_once=6)
    assert stored(store) == damaged
    with store.cursor() as cursor:
        [(before,)] = cursor.execute("FROM rebuild_state").fetchall()
        counted = cursor.execute("SELECT sum(lines) FROM (FROM rebuilt_log UNION ALL FROM rebuilt_minute)")
        assert counted.fetchall() == [(6 * stretches + 2 if stretches else None,)]
    assert (before is None) == (stretches == 0)
    rebuild_rollups(store, rows_at_once=6)
    is_right(store)
    load(store, [], None)
    assert sum(row[-3] for row in stored(store)) == 3 * (DAYS * LINES_A_DAY + 2)  # type: ignore[misc]
    assert len(stored(store)) >= len(right)


def test_two_at_once_count_once(store: TelemetryStore) -> None:
    told: list[int] = []

    def another(far: HowFar) -> None:
        if len(told) == 2:
            rebuild_rollups(store, rows_at_once=9)
        told.append(far.done)

    rebuild_rollups(store, another, rows_at_once=6)
    assert len(told) > 3
    is_right(store)


def test_one_that_was_begun_anew_is_not_finished_by_another(store: TelemetryStore) -> None:
    told: list[int] = []

    def another(far: HowFar) -> None:
        told.append(far.done)
        if len(told) == 2:
            rebuild_rollups(store, rows_at_once=9)
        if told.count(far.total or 0) == 2:  # all is counted, nothing put in its place yet
            with pytest.raises(WorkStopped):
                rebuild_rollups(store, ends_after(2), rows_at_once=6)

    rebuild_rollups(store, another, rows_at_once=6)
    with store.cursor() as cursor:
        assert len(cursor.execute("FROM rebuild_state").fetchall()) == 1
    assert kept(store, "rollup_minute") == recounted(store)
    rebuild_rollups(store)
    is_right(store)


Meanwhile = Callable[[TelemetryStore, Path, int], None]


def loads(store: TelemetryStore, folder: Path, number: int) -> None:
    """Lines of every day, and one without a time."""
    late = folder / f"late{number}.log"
    late.write_text("".join(cri_on(day, 100 + day) for day in range(DAYS)))
    untimed = folder / f"untimed{number}.log"
    untimed.write_text(f"{record(1000 + number)}\n")
    load(store, [late, untimed], None)


def deletes(store: TelemetryStore, folder: Path, number: int) -> None:
    """Some rows of every day, in the way of whoever deletes rows."""
    some = {"rest": number % 3}
    condition = "substr(job_id, 5)::INTEGER % 3 = $rest"
    with store.transaction() as cursor:
        count_stored(cursor, condition, some, -1)
        cursor.execute(f"DELETE FROM telemetry WHERE {condition}", some)


def joins_anew(store: TelemetryStore, folder: Path, number: int) -> None:
    """Every row under another revision, in the way of whoever changes rows."""
    with store.transaction() as cursor, counted_anew(cursor, "true", {}):
        cursor.execute("UPDATE telemetry SET revision = ?, revision_at_line = ?", [number, number])


@settings(max_examples=4, deadline=None)
@given(
    deeds=st.lists(st.sampled_from([None, loads, deletes, joins_anew]), min_size=1, max_size=6),
    at_once=st.integers(1, 40),
    ended_after=st.integers(0, 6),
)
def test_whatever_is_stored_between_two_stretches_is_counted_once(
    tmp_path_factory: pytest.TempPathFactory, deeds: list[Meanwhile | None], at_once: int, ended_after: int
) -> None:
    folder = tmp_path_factory.mktemp("meanwhile")
    (folder / "days.log").write_text("".join(cri_on(day, day) for day in range(DAYS)))
    (folder / "untimed.log").write_text(f"{record(900)}\n")
    with open_store(folder / "telemetry.duckdb") as store:
        load(store, [folder / "days.log", folder / "untimed.log"], None)
        damage(store)
        waiting = iter(enumerate(deeds))
        told = 0

        def tell(far: HowFar) -> None:
            nonlocal told
            told += 1
            number, deed = next(waiting, (0, None))
            if deed is not None:
                deed(store, folder, number)
            if told == ended_after:
                raise WorkStopped("enough")

        try:
            rebuild_rollups(store, tell, at_once)
        except WorkStopped:
            rebuild_rollups(store, tell, at_once)
        is_right(store)


def test_killed_between_two_stretches_it_goes_on(folder: Path) -> None:
    path = folder / "telemetry.duckdb"

    def begin_and_die() -> None:
        with open_store(path) as store:
            load(store, sorted(folder.glob("*.log")), None)
            damage(store)
            stretches = iter(range(4))

            def tell(far: HowFar) -> None:
                if next(stretches, None) is None:
                    os.kill(os.getpid(), signal.SIGKILL)

            rebuild_rollups(store, tell, rows_at_once=6)

    child = os.fork()
    if child == 0:
        try:
            begin_and_die()
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL
    with open_store(path) as store:
        with store.cursor() as cursor:
            assert cursor.execute("SELECT before_minute IS NOT NULL FROM rebuild_state").fetchall() == [
                (True,)
            ]
        assert rebuild_rollups(store, rows_at_once=6) == DAYS * LINES_A_DAY + 2
        is_right(store)


def test_the_captured_sample_is_counted_as_by_its_load(tmp_path: Path) -> None:
    with open_store(tmp_path / "telemetry.duckdb") as store:
        load(store, [DATA / "executor-a.cri.log"], None)
        rebuild_rollups(store)
        before = stored(store)
        rebuild_rollups(store, rows_at_once=1)
        assert stored(store) == before
        is_right(store)
