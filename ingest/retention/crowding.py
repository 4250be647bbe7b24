"""Quarantine is bounded by number, too: what breaks the contract may come without end.

The oldest records go, as far as nobody needs their time, and all since the last day with lines stay however
many they are. Noise needs no such bound: a source keeps a hundred samples.
"""

import duckdb

from ingest.retention.deleting import NOTHING, Deleted
from ingest.retention.stretches import EARLIEST_NS
from ingest.store.gone import note_quarantine_gone, raise_gone_before

MOST_QUARANTINED = 1_000_000
"""A kilobyte each, mostly: a gigabyte."""
_COUNT = "SELECT count(*) FROM quarantine"
_KEPT_FROM = """
SELECT line_time_ns FROM quarantine q JOIN source s USING (source_id)
WHERE line_time_ns < $before AND line_offset < s.checkpoint."offset"
ORDER BY line_time_ns LIMIT 1 OFFSET $surplus
"""
_CLOSED = """line_time_ns >= $from AND line_time_ns < $until AND NOT EXISTS (
    FROM source s WHERE s.source_id = quarantine.source_id AND line_offset >= s.checkpoint."offset")
"""


def delete_surplus(
    cursor: duckdb.DuckDBPyConnection, before_ns: int, most: int = MOST_QUARANTINED
) -> Deleted:
    """Delete the oldest closed records of quarantine beyond `most`, none with a time from `before_ns` on."""
    surplus = cursor.execute(_COUNT).fetchall()[0][0] - most
    if surplus <= 0:
        return NOTHING
    found = cursor.execute(_KEPT_FROM, {"before": before_ns, "surplus": surplus}).fetchall()
    span: dict[str, object] = {"from": EARLIEST_NS, "until": found[0][0] if found else before_ns}
    gone = note_quarantine_gone(cursor, _CLOSED, span)
    if gone:
        raise_gone_before(cursor, int(str(span["until"])))
        cursor.execute(f"DELETE FROM quarantine WHERE {_CLOSED}", span)  # noqa: S608 - a constant
    return Deleted(quarantined=gone)
