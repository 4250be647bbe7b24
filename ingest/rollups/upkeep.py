"""Build the rollups that an old home has not, and fold them in time."""

import duckdb

from ingest.progress import Tell, silent
from ingest.rollups.folding import fold, is_worth_folding
from ingest.rollups.rebuilding import rebuild_rollups
from ingest.store import TelemetryStore
from ingest.store.events import record_event
from ingest.store.failures import in_words


def is_complete(cursor: duckdb.DuckDBPyConnection) -> bool:
    """Whether every stored row is counted; not in an old home, until its rollups were built."""
    return bool(cursor.execute("SELECT is_complete FROM rollup_state").fetchall()[0][0])


def bring_up_rollups(store: TelemetryStore, now_ns: int, tell: Tell = silent) -> None:
    """Build what an old home has not, and note that as an event. The caller has the turn to load.

    Raises `StoreError`, and what `tell` raises.
    """
    with store.cursor() as cursor, in_words(store.path):
        if is_complete(cursor):
            return
    said = f"{rebuild_rollups(store, tell)} records of an older home counted into rollups"
    with store.transaction() as cursor:
        record_event(cursor, now_ns, "rollups", None, said)


def settle_rollups(store: TelemetryStore) -> None:
    """Fold what a load appended, if it is worth it. Raises `StoreError`."""
    with store.cursor() as cursor, in_words(store.path):
        if not is_worth_folding(cursor):
            return
    with store.transaction() as cursor:
        fold(cursor)
