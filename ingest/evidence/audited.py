# ruff: noqa: S608 -- constants put together; values are always parameters
"""What the gate audit found in a window, and the lines that verify its controls."""

import duckdb

from gates.verdict.evidence import FindingCount, Severity, VerificationFacts
from ingest.evidence.moments import LAST, LAST_LINES
from ingest.evidence.rows_of import IN_WINDOW, MANAGED, OF_HOME, bounds
from ingest.evidence.snapshot import rows
from ingest.evidence.window import Window
from ingest.history import HOME

_OF_WINDOW = f"history_id = '{HOME}' AND {IN_WINDOW}"
_BAD = "explained_by IS NULL AND severity IN ('critical', 'high', 'medium')"
_FINDINGS = f"""
WITH last AS MATERIALIZED ({LAST}), found AS (
    SELECT f.*, l.source_id IS NOT NULL AS of_last
    FROM gate_finding f LEFT JOIN last l USING (source_id, line_offset, record_index)
    WHERE {_OF_WINDOW}
)
SELECT code, severity, count(*) FILTER (explained_by IS NULL),
    count(DISTINCT job_id) FILTER (explained_by IS NULL),
    count(*) FILTER (explained_by IS NOT NULL), count(*) FILTER (explained_by IS NULL AND of_last)
FROM found GROUP BY ALL
"""
_GRAVEST_FIRST = tuple(Severity)
_LAST_LINES = f"SELECT least({LAST_LINES}, count(*)) FROM telemetry WHERE {IN_WINDOW} AND {OF_HOME}"
_ANY = f"SELECT EXISTS (FROM gate_finding WHERE {_OF_WINDOW})"
_VIOLATIONS = f"""
SELECT count(DISTINCT (source_id, line_offset, record_index)),
    count(DISTINCT (source_id, line_offset, record_index))
        FILTER ({MANAGED} AND coalesce(decided_from_ns, $from) BETWEEN $effective AND $until)
FROM gate_finding WHERE {_OF_WINDOW} AND {_BAD}
"""
# A line that the audit has not looked at verifies nothing.
_LINES = f"""
SELECT count(*) FROM telemetry JOIN gate_mark USING (source_id)
WHERE {IN_WINDOW} AND {MANAGED} AND line_offset < audited_to
    AND coalesce(decided_from_ns, $from) BETWEEN $effective AND $until
"""


def findings_of(cursor: duckdb.DuckDBPyConnection, window: Window) -> tuple[FindingCount, ...]:
    """Findings in lines of every source of the home's history, the gravest first."""
    if not rows(cursor, _ANY, **bounds(window))[0][0]:
        return ()
    found = [
        FindingCount(
            code=code, severity=Severity(severity), lines=lines, jobs=jobs, excused=excused, of_last=of_last
        )
        for code, severity, lines, jobs, excused, of_last in rows(cursor, _FINDINGS, **bounds(window))
    ]
    return tuple(sorted(found, key=lambda one: (_GRAVEST_FIRST.index(one.severity), one.code)))


def last_lines(cursor: duckdb.DuckDBPyConnection, window: Window) -> int:
    """How many lines `FindingCount.of_last` is counted among."""
    return int(rows(cursor, _LAST_LINES, **bounds(window))[0][0])


def verification_of(cursor: duckdb.DuckDBPyConnection, window: Window, invalid: int) -> VerificationFacts:
    """Audited managed lines, probes too, decided since the controls took effect without interruption.

    What is wrong counts from the revision's first moment on: putting a file back clears nothing.
    """
    if window.controls is None:
        return VerificationFacts(lines=0, schema_invalid=invalid, violations=0)
    span = {
        **bounds(window),
        "from": window.from_ns,
        "effective": window.controls.effective_ns,
        "until": window.until_ns,
    }
    violations, of_lines = rows(cursor, _VIOLATIONS, **span)[0]
    lines = rows(cursor, _LINES, **span)[0][0]
    return VerificationFacts(lines=max(0, lines - of_lines), schema_invalid=invalid, violations=violations)
