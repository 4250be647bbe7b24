# ruff: noqa: S608 -- constants of this module put together; values are always parameters
"""Runs under `slotgate exec` that did not say exactly one line: a path on which nobody hears the gates."""

from dataclasses import dataclass

import duckdb

from ingest.history.controls import HOME
from ingest.runs.judged import JUDGED
from schemas.stages import Step

_EARLIEST_NS, _LATEST_NS = -(2**62), 2**62
_SILENT = f"""
WITH {JUDGED}
SELECT count(*), min(j.started_ns), max(j.started_ns) FROM judged j
LEFT JOIN control_interval i ON i.history_id = '{HOME}' AND j.started_ns >= i.from_ns
    AND (i.to_ns IS NULL OR j.started_ns < i.to_ns)
WHERE j.silent AND ($revision IS NULL OR i.revision = $revision) AND ($step IS NULL OR i.step = $step)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentRuns:
    """So many runs, begun from `first_ns` to `last_ns` (epoch nanoseconds)."""

    count: int
    first_ns: int
    last_ns: int


def silent_runs(
    cursor: duckdb.DuckDBPyConnection, revision: int | None, step: Step | None, since_ns: int | None
) -> tuple[SilentRuns, ...]:
    """The silent runs of the home under a revision or step, since a moment; nothing where there are none."""
    if not cursor.execute("SELECT EXISTS (FROM exec_run)").fetchall()[0][0]:
        return ()
    parameters = {
        "from": _EARLIEST_NS if since_ns is None else since_ns,
        "ended": _LATEST_NS,
        "until": _LATEST_NS,
        "revision": revision,
        "step": step.value if step else None,
    }
    found = cursor.execute(_SILENT, parameters).fetchall()[0]
    return (SilentRuns(count=found[0], first_ns=found[1], last_ns=found[2]),) if found[0] else ()
