"""How many lines retention deleted, of which there is no line any more, neither stored nor archived."""

from typing import Any

import duckdb

from ingest.archive.part import Kind
from ingest.instants import rfc3339
from ingest.store.gone import gone_before_ns

_LEFT = "SELECT coalesce(sum(accepted), 0)::BIGINT FROM retention_source"
_ARCHIVED = "SELECT coalesce(sum(rows), 0)::BIGINT FROM archive_part WHERE starts_with(name, ?)"


def deleted_lines(cursor: duckdb.DuckDBPyConnection, since_ns: int | None) -> dict[str, Any]:
    """For a report since a moment: how many, and before when all with a time were. Rollups have their counts.

    No line where all of them were older.
    """
    gone_ns = gone_before_ns(cursor)
    if since_ns is not None and (gone_ns is None or gone_ns <= since_ns):
        return {"lines": 0, "before": None}
    left = cursor.execute(_LEFT).fetchall()[0][0]
    archived = cursor.execute(_ARCHIVED, [f"{Kind.TELEMETRY}-"]).fetchall()[0][0]
    lines = max(0, left - archived)
    return {"lines": lines, "before": rfc3339(gone_ns) if lines else None}
