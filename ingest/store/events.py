"""What happened to sources, for people: kept beside the rows it explains."""

import duckdb


def record_event(
    cursor: duckdb.DuckDBPyConnection, at_ns: int, kind: str, source_id: int | None, detail: str
) -> None:
    """Add one event; `kind` is one word, `detail` a sentence."""
    cursor.execute(
        "INSERT INTO ingest_event VALUES (nextval('ingest_event_no'), ?, ?, ?, ?)",
        [at_ns, kind, source_id, detail],
    )
