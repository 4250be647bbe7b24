# ruff: noqa: S608 -- constants put together; values are always parameters
"""Lines of the model that were written in a window, and that nothing ties to a revision."""

import duckdb

from ingest.evidence.refused import without_a_time
from ingest.evidence.rows_of import LONGEST_NS
from ingest.evidence.snapshot import rows
from ingest.evidence.window import Window
from ingest.history import HOME

_FOR_EVER = 2**63 - 1
_OURS = f"""
source_id IN (
    SELECT source_id FROM source WHERE trust = 'managed' AND (history_id IS NULL OR history_id = '{HOME}')
)
"""
# An unlikely latency alone says nothing of the job; one that carries the line out of the window hides it.
_TOO_LONG = f"""
SELECT count(*) FROM telemetry
WHERE line_time_ns >= $from AND line_time_ns < $ended AND decided_from_ns < $from - {LONGEST_NS}
    AND path = 'openai' AND {_OURS}
"""
_UNTIMED = without_a_time("telemetry", f"path = 'openai' AND revision IS NULL AND {_OURS}", "true")


def unplaced_openai(cursor: duckdb.DuckDBPyConnection, window: Window) -> int:
    """How many lines of path openai of the home's own sources may be of this window and are in none.

    Timed ones that claim to have begun long before it, and those without a time unless their
    neighbours or their files show that they are of another.
    """
    if window.from_ns is None:
        return 0
    span = {"from": window.from_ns, "ended": _FOR_EVER if window.ended_ns is None else window.ended_ns}
    return int(rows(cursor, _TOO_LONG, **span)[0][0]) + int(rows(cursor, _UNTIMED, **span)[0][0])
