"""Control histories as rows, and the attribution of rows that are already stored."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import duckdb

from ingest.history.controls import ControlHistory, Interval
from ingest.rollups.log import counted_anew
from ingest.sources.checkpoint import Source
from ingest.store.catalog_writing import replace_source
from schemas.stages import Step

_NAMES = tuple(field.name for field in fields(Interval))
_COLUMNS = ", ".join(_NAMES)
_ATTRIBUTE = """
UPDATE telemetry SET interval_no = n.interval_no, revision = n.revision,
    revision_at_line = n.revision_at_line, stage = n.stage, step = n.step
FROM (
    WITH intervals AS (
        SELECT * FROM control_interval WHERE history_id = $history AND from_ns IS DISTINCT FROM to_ns
    ), timed AS (
        SELECT rowid AS row, decided_from_ns, line_time_ns FROM telemetry
        WHERE line_time_ns >= $from AND list_contains($sources, source_id)
    )
    SELECT row, d.interval_no, d.revision, l.revision AS revision_at_line, d.stage, d.step
    FROM timed ASOF LEFT JOIN intervals d ON timed.decided_from_ns >= d.from_ns
    ASOF LEFT JOIN intervals l ON timed.line_time_ns >= l.from_ns
) n
WHERE telemetry.rowid = n.row
"""


def read_history_of(cursor: duckdb.DuckDBPyConnection, history_id: str) -> ControlHistory | None:
    """A stored history, or None."""
    rows = cursor.execute(
        f"SELECT {_COLUMNS} FROM control_interval WHERE history_id = ? ORDER BY interval_no",  # noqa: S608 names of ours; values are bound
        [history_id],
    ).fetchall()
    intervals = tuple(_interval(dict(zip(_NAMES, row, strict=True))) for row in rows)
    return ControlHistory(history_id, history_id, intervals) if intervals else None


def _interval(row: dict[str, Any]) -> Interval:
    return Interval(**{**row, "step": Step(row["step"])})


def write_history(cursor: duckdb.DuckDBPyConnection, history: ControlHistory) -> int | None:
    """Store `history` in place of what it was; answers the moment from which it differs, None if nowhere.

    What was audited under it from then on is to be audited again.
    """
    before = read_history_of(cursor, history.history_id)
    old, new = before.intervals if before else (), history.intervals
    same = 0
    while same < min(len(old), len(new)) and _begins_alike(old[same], new[same]):
        same += 1
    if same == len(old) == len(new):
        return None
    # The last that begins alike ends elsewhere now, because another follows it.
    first = max(0, same - 1)
    other = (*old[same:], *new[same:])
    _keep_allowlists(cursor, history)
    cursor.execute(
        "INSERT INTO gate_debt (history_id, from_ns) VALUES (?, ?)",
        [
            history.history_id,
            min(
                one.from_ns if one.publishing_ns is None else min(one.from_ns, one.publishing_ns)
                for one in other
            ),
        ],
    )
    cursor.execute(
        "DELETE FROM control_interval WHERE history_id = ? AND interval_no >= ?", [history.history_id, first]
    )
    cursor.executemany(
        f"INSERT INTO control_interval (history_id, interval_no, {_COLUMNS}) "  # noqa: S608 names of ours; values are bound
        f"VALUES ({', '.join('?' * (len(_NAMES) + 2))})",
        [
            [history.history_id, number, *asdict(one).values()]
            for number, one in enumerate(new)
            if number >= first
        ],
    )
    return min(one.from_ns for one in other)


def _keep_allowlists(cursor: duckdb.DuckDBPyConnection, history: ControlHistory) -> None:
    held = {row[0] for row in cursor.execute("SELECT digest FROM allowlist_document").fetchall()}
    for digest, text in history.allowlists.items():
        if digest not in held:
            cursor.execute("INSERT INTO allowlist_document VALUES (?, ?)", [digest, text])


def _begins_alike(old: Interval, new: Interval) -> bool:
    return replace(old, to_ns=None) == replace(new, to_ns=None)


def change_history(cursor: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Store `source`, which follows another history from now on; its rows are to be attributed anew."""
    with counted_anew(cursor, "source_id = $source", {"source": source.source_id}):
        replace_source(cursor, source)


def attribute_anew(
    cursor: duckdb.DuckDBPyConnection, history_id: str, source_ids: Collection[int], from_ns: int
) -> int:
    """Join rows of `source_ids` with line times from `from_ns` on with a stored history; how many rows."""
    touched = {"from": from_ns, "sources": list(source_ids)}
    with counted_anew(cursor, "line_time_ns >= $from AND list_contains($sources, source_id)", touched):
        found = cursor.execute(_ATTRIBUTE, {"history": history_id, **touched}).fetchall()
    return int(found[0][0])


_OF_SPAN = (
    "i.history_id = (SELECT history_id FROM source WHERE source_id = $source) "
    "AND i.from_ns <= $first AND (i.to_ns IS NULL OR $last < i.to_ns)"
)


@dataclass(frozen=True, slots=True)
class _Span:
    untimed: int
    attributed: int
    decided_from_ns: int | None
    line_time_ns: int | None
    first_offset: int | None
    last_offset: int | None


def attribute_untimed(cursor: duckdb.DuckDBPyConnection, source_id: int) -> None:
    """Lines without a time, between timed lines of a source that lies in one interval, belong to it.

    All other lines without a time belong to no revision (CONTRACTS section 9). Timed lines that retention
    deleted count as if they were there.
    """
    rows = cursor.execute(
        """
        SELECT coalesce(sum(untimed), 0)::BIGINT, coalesce(sum(attributed), 0)::BIGINT,
            min(decided_from_ns), max(line_time_ns), min(first_offset), max(last_offset)
        FROM (
            SELECT count(*) FILTER (line_time_ns IS NULL) AS untimed,
                count(*) FILTER (line_time_ns IS NULL AND interval_no IS NOT NULL) AS attributed,
                min(decided_from_ns) AS decided_from_ns,
                max(line_time_ns) AS line_time_ns,
                min(line_offset) FILTER (line_time_ns IS NOT NULL) AS first_offset,
                max(line_offset) FILTER (line_time_ns IS NOT NULL) AS last_offset
            FROM telemetry WHERE source_id = $source
            UNION ALL BY NAME
            SELECT 0 AS untimed, 0 AS attributed, decided_from_ns, line_time_ns, first_offset, last_offset
            FROM retention_source WHERE source_id = $source
        )
        """,
        {"source": source_id},
    ).fetchall()
    span = _Span(*rows[0])
    if span.untimed == 0 or span.line_time_ns is None:
        return
    found = {"source": source_id, "first": span.decided_from_ns, "last": span.line_time_ns}
    interval = cursor.execute(f"SELECT count(*) FROM control_interval i WHERE {_OF_SPAN}", found).fetchall()  # noqa: S608 names of ours; values are bound
    if span.attributed == 0 and interval == [(0,)]:  # then nothing changes, of however many
        return
    with counted_anew(cursor, "source_id = $source AND line_time_ns IS NULL", {"source": source_id}):
        cursor.execute(
            """
            UPDATE telemetry SET interval_no = NULL, revision = NULL, revision_at_line = NULL, stage = NULL,
                step = NULL
            WHERE source_id = ? AND line_time_ns IS NULL AND interval_no IS NOT NULL
            """,
            [source_id],
        )
        cursor.execute(
            f"""
            UPDATE telemetry SET interval_no = i.interval_no, revision = i.revision,
                revision_at_line = i.revision, stage = i.stage, step = i.step
            FROM control_interval i
            WHERE {_OF_SPAN}
                AND source_id = $source AND line_time_ns IS NULL AND line_offset BETWEEN $from AND $to
            """,  # noqa: S608 names of ours; values are bound
            {**found, "from": span.first_offset, "to": span.last_offset},
        )


def forget_unused(cursor: duckdb.DuckDBPyConnection) -> None:
    """Drop imported histories that no source, and no row of the archive, is attributed with any more."""
    cursor.execute(
        """
        DELETE FROM control_interval WHERE history_id <> 'home'
            AND history_id NOT IN (SELECT history_id FROM source WHERE history_id IS NOT NULL)
            AND history_id NOT IN (SELECT unnest(histories) FROM archive_part)
        """
    )
