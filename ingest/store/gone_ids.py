"""Of when rows with an id of their transport went: what comes again of then was held.

The ids themselves would take as much room as the rows. An export of journald, CloudWatch or a collector has
all of an hour or none of it, so where it comes from and the hour stand for them: the container, and of a
cursor of journald what names the journal, because units have the same name on every host.
"""

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ingest.registering import registered
from schemas.instant import SECOND

_HOUR_NS = 3600 * SECOND
_LAST = "SELECT max(until_ns) FROM retention_id"
_ASKED = ["line_offset", "record_index", "native_id", "line_time_ns", "container"]
_JOURNAL = "CASE WHEN native_id LIKE 's=%;%' THEN split_part(native_id, ';', 1) END"

Places = frozenset[tuple[int, int]]
"""Records of a source: where their line begins, and which in it."""


def note_gone_ids(cursor: duckdb.DuckDBPyConnection, rows: str, parameters: dict[str, object]) -> None:
    """Note where and when those of `rows` were that have an id.

    `rows` is a table with the columns of telemetry and, behind WHERE, a condition: rows that go now, or that
    went before this file was begun.
    """
    cursor.execute(
        f"""
        INSERT INTO retention_id BY NAME
        SELECT container, {_JOURNAL} AS journal, min(line_time_ns) AS from_ns, max(line_time_ns) AS until_ns
        FROM {rows} AND native_id IS NOT NULL AND line_time_ns IS NOT NULL
        GROUP BY container, journal, line_time_ns // {_HOUR_NS}
        """,  # noqa: S608 - the caller's rows; values are parameters
        parameters,
    )


def left_of_open_lines(cursor: duckdb.DuckDBPyConnection, source_id: int, checkpoint: int) -> Places:
    """Which records with an id the source still has beyond its checkpoint, of when others may have gone.

    Lines that are open are read again: these were counted before, and are to be again.
    """
    found = cursor.execute(
        """
        SELECT line_offset, record_index FROM telemetry
        WHERE source_id = ? AND line_offset >= ? AND native_id IS NOT NULL
            AND line_time_ns <= (SELECT max(until_ns) FROM retention_id)
        """,
        [source_id, checkpoint],
    )
    return frozenset(found.fetchall())


def went_already(cursor: duckdb.DuckDBPyConnection, records: pa.Table, but: Places) -> pa.Array:
    """For each of `records`, `but` for some, whether it has an id and is from where and when such went.

    They have the columns of `ingest.columns.RECORDS`. DuckDB's errors leave as they are.
    """
    last_ns = cursor.execute(_LAST).fetchall()[0][0]
    oldest_ns = pc.min(records["line_time_ns"]).as_py()
    if last_ns is None or oldest_ns is None or oldest_ns > last_ns:
        return pa.repeat(pa.scalar(False), records.num_rows)
    numbers = pa.array(range(records.num_rows), pa.int64())
    with registered(cursor, "arriving", records.select(_ASKED).append_column("no", numbers)):
        found = cursor.execute(
            f"""
            SELECT DISTINCT no, line_offset, record_index FROM arriving a JOIN retention_id gone
                ON a.line_time_ns // {_HOUR_NS} = gone.from_ns // {_HOUR_NS}
                AND a.container IS NOT DISTINCT FROM gone.container
                AND {_JOURNAL} IS NOT DISTINCT FROM gone.journal
            WHERE native_id IS NOT NULL AND a.line_time_ns BETWEEN gone.from_ns AND gone.until_ns
            """  # noqa: S608 - names of this module
        ).fetchall()
    gone = [number for number, *place in found if tuple(place) not in but]
    return pc.is_in(numbers, pa.array(gone, pa.int64()))
