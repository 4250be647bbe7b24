"""Bring what was recorded of runs into the store, each line once."""

from pathlib import Path

import duckdb
import pyarrow as pa

from ingest.appended import Appended
from ingest.runs.lines import Run, read_run
from ingest.store import TelemetryStore


def take_in_runs(store: TelemetryStore, folder: Path) -> None:
    """Read what is new in the files of `folder`. What cannot be read is not known, and no failure.

    Raises `StoreError`.
    """
    _RUNS.take_in(store, folder)


def unread_bytes(cursor: duckdb.DuckDBPyConnection, folder: Path) -> int:
    """How many bytes of the files of `folder` were not read; 0 where it cannot be looked at."""
    return _RUNS.unread_bytes(cursor, folder)


def _insert(cursor: duckdb.DuckDBPyConnection, runs: list[Run]) -> None:
    columns = {name: [getattr(run, name) for run in runs] for name in Run.__struct_fields__}
    cursor.register("ended", pa.table(columns))
    try:
        cursor.execute(
            "INSERT INTO exec_run BY NAME SELECT * FROM ended "
            "WHERE run_id NOT IN (SELECT run_id FROM exec_run)"
        )
    finally:
        cursor.unregister("ended")


_RUNS = Appended(files="run_file", read=read_run, keep=_insert)
