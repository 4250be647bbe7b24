# ruff: noqa: S608 -- constants put together; values are always parameters
"""What the gate audit found in a window, and the lines that verify its controls."""

from dataclasses import dataclass

import duckdb

from gates.verdict.evidence import FindingCount, Severity, VerificationFacts
from ingest.evidence.moments import LAST_LINES, last_of
from ingest.evidence.rows_of import IN_WINDOW, MANAGED, bounds
from ingest.evidence.snapshot import rows
from ingest.evidence.tally import Tally
from ingest.evidence.window import Window
from ingest.history.controls import HOME

_BAD = "explained_by IS NULL AND severity IN ('critical', 'high', 'medium')"
_OF_WINDOW = f"history_id = '{HOME}' AND {IN_WINDOW}"
_FINDINGS = f"""
WITH last AS MATERIALIZED ({{last}}), found AS (
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
_WRONG = f"""
SELECT count(*), count(DISTINCT (source_id, line_offset, record_index)) FILTER ({_BAD}),
    count(DISTINCT (source_id, line_offset, record_index))
        FILTER ({_BAD} AND {MANAGED} AND coalesce(decided_from_ns, $from) BETWEEN $effective AND $until)
FROM gate_finding WHERE {_OF_WINDOW}
"""


@dataclass(frozen=True, slots=True)
class Wrong:
    """The `findings` of a window, in grace or not. How many `lines` have one of medium or worse out of grace,
    and how many of these would verify the controls of now, were they right.
    """

    findings: int
    lines: int
    not_verifying: int


def wrong_in(cursor: duckdb.DuckDBPyConnection, window: Window) -> Wrong:
    """How much the gate audit found."""
    effective = None if window.controls is None else window.controls.effective_ns
    span = {"from": window.from_ns, "effective": effective, "until": window.until_ns}
    return Wrong(*rows(cursor, _WRONG, **bounds(window), **span)[0])


def findings_of(
    cursor: duckdb.DuckDBPyConnection, window: Window, tally: Tally, wrong: Wrong
) -> tuple[FindingCount, ...]:
    """Findings in lines of every source of the home's history, the gravest first."""
    if not wrong.findings:
        return ()
    found = [
        FindingCount(
            code=code, severity=Severity(severity), lines=lines, jobs=jobs, excused=excused, of_last=of_last
        )
        for code, severity, lines, jobs, excused, of_last in rows(
            cursor, _FINDINGS.format(last=last_of(tally)), **bounds(window)
        )
    ]
    return tuple(sorted(found, key=lambda one: (_GRAVEST_FIRST.index(one.severity), one.code)))


def last_lines(tally: Tally) -> int:
    """How many lines `FindingCount.of_last` is counted among."""
    return min(LAST_LINES, tally.lines())


def verification_of(window: Window, tally: Tally, wrong: Wrong, invalid: int) -> VerificationFacts:
    """Audited managed lines, probes too, decided since the controls took effect without interruption.

    What is wrong counts from the revision's first moment on: putting a file back clears nothing.
    """
    if window.controls is None:
        return VerificationFacts(lines=0, schema_invalid=invalid, violations=0)
    audited = sum(group.verifying for group in tally.groups if group.managed)
    return VerificationFacts(
        lines=max(0, audited - wrong.not_verifying), schema_invalid=invalid, violations=wrong.lines
    )
