"""What pages ask of the telemetry store: SQL in, data frames out. No Streamlit, no clock.

Percentiles are exact nearest-rank (`quantile_disc`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from dashboard.data.selection import NO_STEP, Selection
from dashboard.data.time_limit import time_limit

Cursor = duckdb.DuckDBPyConnection
Parameters = Sequence[object] | Mapping[str, object]


def rows(cursor: Cursor, sql: str, parameters: Parameters = ()) -> pd.DataFrame:
    """The result of `sql`. Raises `QueryTimeout` after five seconds."""
    with time_limit(cursor):
        return cursor.execute(sql, parameters).df()


def arrow(cursor: Cursor, sql: str, parameters: Mapping[str, object]) -> pa.Table:
    """The result of `sql` as columns, lists among them. Raises `QueryTimeout`."""
    with time_limit(cursor):
        return cursor.sql(sql, params=dict(parameters)).to_arrow_table()


def records(cursor: Cursor, sql: str, parameters: Parameters = ()) -> list[dict[str, Any]]:
    """The same as plain values, null as None."""
    with time_limit(cursor):
        cursor.execute(sql, parameters)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def lines_stored(cursor: Cursor) -> int:
    """How many lines the table holds; it is known without a look at them."""
    found: int = records(cursor, "SELECT count(*) AS lines FROM telemetry")[0]["lines"]
    return found


def outcomes(cursor: Cursor, chosen: Selection) -> pd.DataFrame:
    """Lines per `path`, `status`, `error_code` (null where none), most first; column `runs`."""
    return rows(
        cursor,
        f"SELECT path, status, error_code, count(*) AS runs FROM telemetry WHERE {chosen.condition} "  # noqa: S608 names of ours; values are bound
        "GROUP BY path, status, error_code ORDER BY path, runs DESC, status, error_code",
        chosen.parameters,
    )


def latencies(cursor: Cursor, chosen: Selection) -> pd.DataFrame:
    """Per `path`: `runs`, and `p50`, `p95`, `p99`, `longest` of the latency in ms."""
    return rows(
        cursor,
        "SELECT path, count(*) AS runs, quantile_disc(latency_ms, 0.5) AS p50, "  # noqa: S608 names of ours; values are bound
        "quantile_disc(latency_ms, 0.95) AS p95, quantile_disc(latency_ms, 0.99) AS p99, "
        "max(latency_ms) AS longest "
        f"FROM telemetry WHERE {chosen.condition} GROUP BY path ORDER BY path",
        chosen.parameters,
    )


def few_latencies(cursor: Cursor, chosen: Selection, path: str, most: int) -> pd.DataFrame:
    """The latencies of `path` themselves, shortest first, at most `most`."""
    return rows(
        cursor,
        f"SELECT latency_ms FROM telemetry WHERE path = ? AND {chosen.condition} "  # noqa: S608 names of ours; values are bound
        f"ORDER BY latency_ms LIMIT {most:d}",
        (path, *chosen.parameters),
    )


def record_quality(cursor: Cursor, chosen: Selection) -> dict[str, Any]:
    """`runs`, `contradictions`, `no_time`, `no_step`, `first_ns`, `last_ns` of the chosen lines."""
    return records(
        cursor,
        "SELECT count(*) AS runs, count(contradiction) AS contradictions, "  # noqa: S608 names of ours; values are bound
        "count(*) FILTER (line_time_ns IS NULL) AS no_time, "
        f"count(*) FILTER ({NO_STEP}) AS no_step, "
        "min(line_time_ns) AS first_ns, max(line_time_ns) AS last_ns "
        f"FROM telemetry WHERE {chosen.condition}",
        chosen.parameters,
    )[0]


def quarantined(cursor: Cursor) -> pd.DataFrame:
    """Quarantined records per `cause`: `records`, and how many of them claim path openai."""
    return rows(
        cursor,
        "SELECT cause, count(*) AS records, count(*) FILTER (claims_openai) AS claim_openai FROM quarantine "
        "GROUP BY cause ORDER BY records DESC, cause",
    )
