"""What DuckDB gives up for good, as after a checkpoint without room, is opened anew for the next who asks."""

import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from ingest.errors import StoreError
from ingest.store import TelemetryStore
from ingest.store.events import record_event
from tests.ingest.store_from_template import open_store
from tests.ingest.upkeep.test_copying import files_up_to

SAID = "x" * 400_000
"""An event that takes more than the checkpoint below waits for."""

ENDLESS = "SELECT count(*) FROM range(1000000) x, range(1000000) y WHERE x.range % 7 = y.range"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TelemetryStore]:
    with open_store(tmp_path / "telemetry.duckdb") as opened:
        with opened.cursor() as cursor:
            cursor.execute("SET GLOBAL checkpoint_threshold = '100KB'")
        yield opened


def note(store: TelemetryStore) -> None:
    with store.transaction() as cursor:
        record_event(cursor, 1, "test", None, SAID)


def noted(store: TelemetryStore) -> int:
    with store.cursor() as cursor:
        return int(cursor.execute("SELECT count(*) FROM ingest_event").fetchall()[0][0])


def without_room_for_a_checkpoint(store: TelemetryStore) -> None:
    """There is room for DuckDB's log, and none for what is in it in the file: it asks to be opened anew."""

    def note_on() -> None:
        for _ in range(10):
            note(store)

    with files_up_to(store.path.stat().st_size + (1 << 17)), pytest.raises(StoreError, match="full; free"):
        note_on()


def test_a_store_that_failed_on_a_full_disk_answers_and_stores_again(store: TelemetryStore) -> None:
    asking = store.cursor()
    without_room_for_a_checkpoint(store)
    with pytest.raises(duckdb.FatalException):
        asking.execute("FROM ingest_event")
    before = noted(store)
    assert before > 0, "what was committed stands"
    note(store)
    assert noted(store) == before + 1
    with pytest.raises(duckdb.ConnectionException):
        asking.execute("SELECT 1")


def test_who_is_busy_meanwhile_is_ended_and_the_next_goes_on(store: TelemetryStore) -> None:
    asking, begun, ended = store.cursor(), threading.Event(), list[duckdb.Error]()

    def ask() -> None:
        begun.set()
        try:
            asking.execute(ENDLESS)
        except duckdb.Error as error:
            ended.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    begun.wait()
    without_room_for_a_checkpoint(store)
    while thread.is_alive():
        store.cursor().close()  # each that is asked for tries to end what is left
    thread.join()
    assert ended
    note(store)
    assert noted(store) > 1
