# ruff: noqa: S608 -- constants put together; values are always parameters
"""Lines that nothing ties to a revision, and lines of the model that may be of a window and are in none."""

from dataclasses import dataclass

import duckdb

from ingest.evidence.refused import without_a_time
from ingest.evidence.rows_of import LONGEST_NS
from ingest.evidence.snapshot import rows
from ingest.evidence.window import Window
from ingest.history.controls import HOME

_FOR_EVER = 2**63 - 1
_OURS = f"""
source_id IN (
    SELECT source_id FROM source WHERE trust = 'managed' AND (history_id IS NULL OR history_id = '{HOME}')
)
"""
# Without a time a line could be of any window, so it is counted for each.
_UNATTRIBUTED = f"""
SELECT count(*), count(*) FILTER (line_time_ns IS NULL AND path = 'openai') FROM telemetry
WHERE revision IS NULL AND (line_time_ns IS NULL OR (line_time_ns >= $from AND line_time_ns < $until))
    AND {_OURS}
"""
# An unlikely latency alone says nothing of the job; one that carries the line out of the window hides it.
_TOO_LONG = f"""
SELECT count(*) FROM telemetry
WHERE line_time_ns >= $from AND line_time_ns < $ended AND decided_from_ns < $from - {LONGEST_NS}
    AND path = 'openai' AND {_OURS}
"""
_UNTIMED = without_a_time("telemetry", f"path = 'openai' AND revision IS NULL AND {_OURS}", "true")


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Lines of the home's own sources: `unattributed` ones, without a revision, that could be of the window,
    and `openai` ones that may be of it and are in none.
    """

    unattributed: int
    openai: int


def unplaced_in(cursor: duckdb.DuckDBPyConnection, window: Window) -> Unplaced:
    """What may be of the window.

    Of path openai: timed lines that claim to have begun long before it, and those without a time unless their
    neighbours or their files show that they are of another.
    """
    since = window.until_ns if window.from_ns is None else window.from_ns
    unattributed, untimed = rows(cursor, _UNATTRIBUTED, **{"from": since}, until=window.until_ns)[0]
    if window.from_ns is None:
        return Unplaced(unattributed, 0)
    span = {"from": window.from_ns, "ended": _FOR_EVER if window.ended_ns is None else window.ended_ns}
    openai = rows(cursor, _TOO_LONG, **span)[0][0]
    if untimed:
        openai += rows(cursor, _UNTIMED, **span)[0][0]
    return Unplaced(unattributed, openai)
