# ruff: noqa: S608 -- constants put together; values are always parameters
"""What runs under `slotgate exec` add to the lines: that there was none, and results that cannot be true."""

import duckdb

from gates.verdict.counts import RunFacts
from ingest.evidence.snapshot import rows
from ingest.evidence.window import Window
from ingest.runs.judged import JUDGED

_FOR_EVER = 2**63 - 1
_ANY = """
SELECT EXISTS (FROM exec_run WHERE kind = 'job' AND started_ns >= $from AND started_ns < $ended)
"""
_COUNTS = f"""
WITH {JUDGED}
SELECT count(*), count(*) FILTER (silent), count(*) FILTER (wrong = 'invalid'),
    count(*) FILTER (wrong = 'missing'), count(*) FILTER (wrong = 'contradicting'),
    count(*) FILTER (silent OR wrong IS NOT NULL)
FROM judged
"""


def runs_in(cursor: duckdb.DuckDBPyConnection, window: Window) -> RunFacts:
    """The runs that began in the window, judged as far as their lines are known."""
    if window.from_ns is None:
        return RunFacts()
    span = {"from": window.from_ns, "ended": _FOR_EVER if window.ended_ns is None else window.ended_ns}
    if not rows(cursor, _ANY, **span)[0][0]:
        return RunFacts()
    judged, silent, invalid, missing, contradicting, wrong = rows(
        cursor, _COUNTS, **span, until=window.until_ns
    )[0]
    return RunFacts(
        judged=judged,
        silent=silent,
        invalid=invalid,
        missing=missing,
        contradicting=contradicting,
        wrong=wrong,
    )
