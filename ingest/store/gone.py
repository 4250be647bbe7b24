"""What retention took out of the store, for those who count or compare rows."""

import duckdb

from schemas.instant import SECOND

_HOUR_NS = 3600 * SECOND
_GONE = """
INSERT INTO retention_source BY NAME
SELECT source_id, sum(accepted)::BIGINT AS accepted, sum(quarantined)::BIGINT AS quarantined,
    min(decided_from_ns) AS decided_from_ns, max(line_time_ns) AS line_time_ns,
    min(first_offset) AS first_offset, max(last_offset) AS last_offset
FROM going GROUP BY ALL
"""
_OF_QUARANTINE = "SELECT source_id, 0 AS accepted, count(*) AS quarantined FROM quarantine"


def gone_before_ns(cursor: duckdb.DuckDBPyConnection) -> int | None:
    """Lines with a time before it may be gone; null: none is."""
    found: int | None = cursor.execute("SELECT gone_before_ns FROM retention_state").fetchall()[0][0]
    return found


def raise_gone_before(cursor: duckdb.DuckDBPyConnection, until_ns: int) -> None:
    """From now on lines of before the hour that ends with or after `until_ns` may be gone."""
    whole_ns = -(-until_ns // _HOUR_NS) * _HOUR_NS
    cursor.execute(
        "UPDATE retention_state SET gone_before_ns = greatest(coalesce(gone_before_ns, $until), $until)",
        {"until": whole_ns},
    )


def note_gone(
    cursor: duckdb.DuckDBPyConnection, condition: str, parameters: dict[str, object]
) -> tuple[int, int]:
    """Note, for their sources, that the rows that fulfil `condition` go now: of telemetry, of quarantine."""
    return _noted(
        cursor,
        f"""
        SELECT source_id, count(*) AS accepted, 0 AS quarantined, min(decided_from_ns) AS decided_from_ns,
            max(line_time_ns) AS line_time_ns,
            min(line_offset) FILTER (line_time_ns IS NOT NULL) AS first_offset,
            max(line_offset) FILTER (line_time_ns IS NOT NULL) AS last_offset
        FROM telemetry WHERE {condition} GROUP BY ALL
        UNION ALL BY NAME {_OF_QUARANTINE} WHERE {condition} GROUP BY ALL
        """,  # noqa: S608 - the caller's condition; values are parameters
        parameters,
    )


def note_quarantine_gone(
    cursor: duckdb.DuckDBPyConnection, condition: str, parameters: dict[str, object]
) -> int:
    """The same where only rows of quarantine go."""
    going = f"""
        SELECT * FROM retention_source WHERE false
        UNION ALL BY NAME {_OF_QUARANTINE} WHERE {condition} GROUP BY ALL
    """  # noqa: S608 - the caller's condition; values are parameters
    return _noted(cursor, going, parameters)[1]


def _noted(cursor: duckdb.DuckDBPyConnection, going: str, parameters: dict[str, object]) -> tuple[int, int]:
    """Add what `going` counts to what went before."""
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE going AS {going}", parameters)
    rows = cursor.execute("SELECT coalesce(sum(accepted), 0), coalesce(sum(quarantined), 0) FROM going")
    accepted, quarantined = rows.fetchall()[0]
    if accepted or quarantined:
        of_these = "retention_source WHERE source_id IN (SELECT source_id FROM going)"
        cursor.execute(f"INSERT INTO going BY NAME FROM {of_these}")
        cursor.execute(f"DELETE FROM {of_these}")  # noqa: S608 - a constant
        cursor.execute(_GONE)
    cursor.execute("DROP TABLE going")
    return int(accepted), int(quarantined)
