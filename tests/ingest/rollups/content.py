"""What the rollups hold, and the same counted from the rows in another way: one row after the other."""

from bisect import bisect_left
from collections import Counter
from fractions import Fraction

from ingest.rollups.counting import AS_IN_ROWS, KEY
from ingest.store import TelemetryStore

Content = Counter[tuple[object, ...]]
"""Lines by minute, origin, key and bucket."""

BOUNDS = [float(Fraction(51, 50) ** exponent) for exponent in range(-349, 1048)]
_MINUTE_NS = 60 * 10**9
_ORIGIN_AND_KEY = ", ".join(("history_id", "trust", *KEY))
_ROWS = (
    f"SELECT line_time_ns, latency_ms, job_id, revision_at_line, history_id, trust, {', '.join(AS_IN_ROWS)} "
    "FROM telemetry JOIN source USING (source_id)"
)


def kept(store: TelemetryStore, table: str) -> Content:
    """What `table` holds, or `table` and the log, by minute, hour or half day."""
    unit = table.removeprefix("rollup_")
    minutes = {"minute": 1, "hour": 60, "half_day": 720}[unit]
    with store.cursor() as cursor:
        found = cursor.execute(
            f"""
            SELECT {unit}, {_ORIGIN_AND_KEY}, bucket, sum(count)::BIGINT FROM (
                SELECT {unit}, key_id, unnest(buckets) AS bucket, unnest(counts) AS count FROM {table}
                UNION ALL
                SELECT floor(minute / {minutes})::BIGINT, key_id, unnest(buckets), unnest(counts)
                FROM rollup_log
            ) JOIN rollup_key USING (key_id) GROUP BY ALL
            """
        ).fetchall()
    return Counter({tuple(key): count for *key, count in found if count})


def recounted(store: TelemetryStore, minutes: int = 1) -> Content:
    """The rows of telemetry, counted here, by pieces of so many `minutes`."""
    content: Content = Counter()
    with store.cursor() as cursor:
        for at_ns, latency_ms, job_id, at_line, *key in cursor.execute(_ROWS).fetchall():
            _, _, _, revision, _, _, path, *_ = key
            piece = None if at_ns is None else at_ns // (minutes * _MINUTE_NS)
            is_probe = path == "stub" and job_id.startswith("probe:")
            bucket = bisect_left(BOUNDS, latency_ms)
            content[piece, *key, is_probe, revision != at_line, bucket] += 1
    return content


def coarser(content: Content, minutes: int) -> Content:
    """What was counted by minutes, by pieces of so many."""
    found: Content = Counter()
    for (piece, *key), count in content.items():
        found[piece // minutes if isinstance(piece, int) else None, *key] += count
    return found


def stored(store: TelemetryStore) -> list[tuple[object, ...]]:
    """The rows of the folded tables as they stand, keys spelled out, in order of time and key."""
    with store.cursor() as cursor:
        return [
            row
            for unit in ("minute", "hour", "half_day")
            for row in cursor.execute(
                f"SELECT {unit}, {_ORIGIN_AND_KEY}, lines, buckets, counts "
                f"FROM rollup_{unit} JOIN rollup_key USING (key_id) ORDER BY ALL"
            ).fetchall()
        ]
