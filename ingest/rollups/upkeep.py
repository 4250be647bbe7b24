"""Build the rollups that an old home has not, fold them in time, count everything anew when asked.

A rebuild is one transaction: pages read what was there before until it commits, lines that arrive wait.
One that is stopped leaves everything as it was.
"""

import duckdb

from ingest.rollups.folding import fold, is_worth_folding
from ingest.rollups.kept import RECOUNTED, add_what_is_gone, forget_what_is_recounted
from ingest.rollups.log import count_stored
from ingest.store import TelemetryStore
from ingest.store.events import record_event


def is_complete(cursor: duckdb.DuckDBPyConnection) -> bool:
    """Whether every stored row is counted; not in an old home, until its rollups were built."""
    return bool(cursor.execute("SELECT is_complete FROM rollup_state").fetchall()[0][0])


def bring_up_rollups(store: TelemetryStore, now_ns: int) -> None:
    """Build what an old home has not, and note that as an event. The caller has the turn to load.

    Raises `StoreError`.
    """
    with store.cursor() as cursor:
        if is_complete(cursor):
            return
    with store.transaction() as cursor:
        said = f"{_count_anew(cursor)} records of an older home counted into rollups"
        record_event(cursor, now_ns, "rollups", None, said)


def settle_rollups(store: TelemetryStore) -> None:
    """Fold what a load appended, if it is worth it. Raises `StoreError`."""
    with store.cursor() as cursor:
        if not is_worth_folding(cursor):
            return
    with store.transaction() as cursor:
        fold(cursor)


def rebuild_rollups(store: TelemetryStore) -> int:
    """Forget all rollups and count every stored record anew; how many there are. Raises `StoreError`."""
    with store.loading, store.transaction() as cursor:
        return _count_anew(cursor)


def _count_anew(cursor: duckdb.DuckDBPyConnection) -> int:
    forget_what_is_recounted(cursor)
    add_what_is_gone(cursor)
    count_stored(cursor, RECOUNTED, {}, 1)
    fold(cursor)
    cursor.execute("UPDATE rollup_state SET is_complete = true")
    return int(cursor.execute("SELECT count(*) FROM telemetry").fetchall()[0][0])
