# ruff: noqa: S608 -- constants put together; values are always parameters
"""What a transaction adds to the rollups, or takes out of them: appended, in the same transaction.

Whoever puts rows into `telemetry` calls `count_in`; whoever changes rows that are there, or the history of
their source, does so within `counted_anew`; before rows are deleted, `count_stored` takes them out: appended
with negative counts, which `folding` sums up.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ingest.registering import registered
from ingest.rollups.counting import COUNTED_FROM, KEY, Counted, counted
from ingest.rollups.folding import fold_what_is_long
from ingest.rollups.inserting import insert_into

ROWS_AT_ONCE = 1_000_000

_SAME_KEY = " AND ".join(f"k.{name} IS NOT DISTINCT FROM a.{name}" for name in ("history_id", "trust", *KEY))
_IDS = f"SELECT k.key_id FROM arriving_keys a LEFT JOIN rollup_key k ON {_SAME_KEY} ORDER BY a.no"
_NEW_KEYS = f"""
INSERT INTO rollup_key BY NAME
SELECT (SELECT coalesce(max(key_id), 0) FROM rollup_key) + row_number() OVER (ORDER BY a.no) AS key_id,
    a.* EXCLUDE no
FROM arriving_keys a ANTI JOIN rollup_key k ON {_SAME_KEY}
"""
_PIECES = "SELECT * FROM arriving_pieces"
_OF_WHAT_IS_REBUILT = f"{_PIECES} WHERE minute IS NULL OR minute < $before"
_KEEP = "INSERT INTO retention_count BY NAME SELECT * EXCLUDE minute FROM arriving_pieces"
_COLUMNS = ", ".join(COUNTED_FROM)
_OF_ORIGIN = (
    "source_id IN (SELECT source_id FROM source "
    "WHERE history_id IS NOT DISTINCT FROM $of_history AND trust = $of_trust)"
)


@dataclass(frozen=True, slots=True)
class Origin:
    """What the source of a line adds to its key."""

    history_id: str | None
    trust: str


def count_in(cursor: duckdb.DuckDBPyConnection, origin: Origin, rows: pa.Table) -> None:
    """Count `rows` of `telemetry`, which come from sources of `origin`, in."""
    if rows.num_rows:
        _append(cursor, _pieces(cursor, origin, counted(rows)), 1)


@contextmanager
def counted_anew(
    cursor: duckdb.DuckDBPyConnection, condition: str, parameters: Mapping[str, object]
) -> Iterator[None]:
    """Take the rows of `telemetry` that fulfil `condition` out, and count them in again afterwards.

    The condition chooses the same rows before and after.
    """
    count_stored(cursor, condition, parameters, -1)
    yield
    count_stored(cursor, condition, parameters, 1)


def count_stored(
    cursor: duckdb.DuckDBPyConnection,
    condition: str,
    parameters: Mapping[str, object],
    sign: int,
    rows_at_once: int = ROWS_AT_ONCE,
) -> None:
    """Count the stored rows that fulfil `condition` in (`sign` 1) or out (-1)."""
    for pieces in _stored_pieces(cursor, condition, parameters, rows_at_once):
        _append(cursor, pieces, sign)


def count_beside(cursor: duckdb.DuckDBPyConnection, condition: str, parameters: Mapping[str, object]) -> None:
    """Count the stored rows that fulfil `condition` into the tables of a rebuild, and only there."""
    for pieces in _stored_pieces(cursor, condition, parameters):
        with registered(cursor, "arriving_pieces", pieces):
            insert_into(cursor, "rebuilt_log", _PIECES)
        fold_what_is_long(cursor, "rebuilt")


def keep_count(cursor: duckdb.DuckDBPyConnection, condition: str, parameters: Mapping[str, object]) -> None:
    """Keep what the stored rows that fulfil `condition`, all without a time, count: they go, and it stays."""
    for pieces in _stored_pieces(cursor, condition, parameters):
        with registered(cursor, "arriving_pieces", pieces):
            cursor.execute(_KEEP)


def _stored_pieces(
    cursor: duckdb.DuckDBPyConnection,
    condition: str,
    parameters: Mapping[str, object],
    rows_at_once: int = ROWS_AT_ONCE,
) -> Iterator[pa.Table]:
    """The stored rows that fulfil `condition`, counted, in tables like `rollup_log`."""
    origins = cursor.execute("SELECT DISTINCT history_id, trust FROM source ORDER BY ALL").fetchall()
    for history_id, trust in origins:
        chosen = {**parameters, "of_history": history_id, "of_trust": trust}
        for rows in _stored(cursor, f"({condition}) AND {_OF_ORIGIN}", chosen, rows_at_once):
            yield _pieces(cursor, Origin(history_id, trust), counted(rows))


def _stored(
    cursor: duckdb.DuckDBPyConnection, condition: str, parameters: Mapping[str, object], rows_at_once: int
) -> Iterator[pa.Table]:
    """What is counted of the rows that fulfil `condition`, at most `rows_at_once` at once."""
    span = f"SELECT count(*), min(rowid), max(rowid) FROM telemetry WHERE {condition}"
    count, first, last = cursor.execute(span, parameters).fetchall()[0]
    width = rows_at_once if count > rows_at_once else None
    part = f"SELECT {_COLUMNS} FROM telemetry WHERE {condition} AND rowid BETWEEN $first AND $last"
    # Rows of a transaction that has not ended are numbered from 2^55 on: the gap is leapt over.
    following = f"SELECT min(rowid) FROM telemetry WHERE {condition} AND rowid > $last"
    while first is not None:
        end = {"last": last if width is None else first + width - 1}
        yield cursor.sql(part, params={**parameters, **end, "first": first}).to_arrow_table()
        first = None if width is None else cursor.execute(following, {**parameters, **end}).fetchall()[0][0]


def _pieces(cursor: duckdb.DuckDBPyConnection, origin: Origin, found: Counted) -> pa.Table:
    """`found` with the ids of its keys, which are there then."""
    count = found.keys.num_rows
    keys = found.keys.append_column("no", pa.array(range(count), pa.int64()))
    keys = keys.append_column("history_id", pa.array([origin.history_id] * count, pa.string()))
    keys = keys.append_column("trust", pa.array([origin.trust] * count, pa.string()))
    with registered(cursor, "arriving_keys", keys):
        ids = cursor.execute(_IDS).fetchall()
        if (None,) in ids:
            cursor.execute(_NEW_KEYS)
            ids = cursor.execute(_IDS).fetchall()
    key_ids = pa.array([row[0] for row in ids], pa.int32()).take(found.pieces["no"].combine_chunks())
    return found.pieces.drop_columns("no").append_column("key_id", key_ids)


def _append(cursor: duckdb.DuckDBPyConnection, pieces: pa.Table, sign: int) -> None:
    with registered(cursor, "arriving_pieces", pieces if sign > 0 else _negative(pieces)):
        insert_into(cursor, "rollup_log", _PIECES)
        # What a rebuild under way has counted already, it will not look at again.
        for (before,) in cursor.execute("SELECT before_minute FROM rebuild_state").fetchall():
            if before is not None:
                insert_into(cursor, "rebuilt_log", _OF_WHAT_IS_REBUILT, {"before": before})
                fold_what_is_long(cursor, "rebuilt")
    fold_what_is_long(cursor)


def _negative(pieces: pa.Table) -> pa.Table:
    counts = pieces["counts"].combine_chunks()
    negated = pa.ListArray.from_arrays(counts.offsets, pc.negate(counts.values))
    for name, column in (("lines", pc.negate(pieces["lines"])), ("counts", negated)):
        pieces = pieces.set_column(pieces.column_names.index(name), name, column)
    return pieces
