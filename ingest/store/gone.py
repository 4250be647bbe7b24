"""What retention took out of the store, for those who count or compare rows."""

import duckdb

_GONE = """
INSERT INTO retention_source BY NAME
SELECT source_id, sum(accepted)::BIGINT AS accepted, sum(quarantined)::BIGINT AS quarantined,
    min(decided_from_ns) AS decided_from_ns, max(line_time_ns) AS line_time_ns,
    min(first_offset) AS first_offset, max(last_offset) AS last_offset
FROM going GROUP BY ALL
"""


def gone_before_ns(cursor: duckdb.DuckDBPyConnection) -> int | None:
    """Lines with a time before it may be gone; null: none is."""
    found: int | None = cursor.execute("SELECT gone_before_ns FROM retention_state").fetchall()[0][0]
    return found


def note_gone(
    cursor: duckdb.DuckDBPyConnection, condition: str, parameters: dict[str, object]
) -> tuple[int, int]:
    """Note, for their sources, that the rows that fulfil `condition` go now: of telemetry, of quarantine."""
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE going AS
        SELECT source_id, count(*) AS accepted, 0 AS quarantined, min(decided_from_ns) AS decided_from_ns,
            max(line_time_ns) AS line_time_ns,
            min(line_offset) FILTER (line_time_ns IS NOT NULL) AS first_offset,
            max(line_offset) FILTER (line_time_ns IS NOT NULL) AS last_offset
        FROM telemetry WHERE {condition} GROUP BY ALL
        UNION ALL BY NAME
        SELECT source_id, 0 AS accepted, count(*) AS quarantined
        FROM quarantine WHERE {condition} GROUP BY ALL
        """,  # noqa: S608 - the caller's condition; values are parameters
        parameters,
    )
    rows = cursor.execute("SELECT coalesce(sum(accepted), 0), coalesce(sum(quarantined), 0) FROM going")
    accepted, quarantined = rows.fetchall()[0]
    if accepted or quarantined:
        of_these = "retention_source WHERE source_id IN (SELECT source_id FROM going)"
        cursor.execute(f"INSERT INTO going BY NAME FROM {of_these}")
        cursor.execute(f"DELETE FROM {of_these}")  # noqa: S608
        cursor.execute(_GONE)
    cursor.execute("DROP TABLE going")
    return int(accepted), int(quarantined)
