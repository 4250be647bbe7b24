# ruff: noqa: S608 -- constants of this module put together; values are always parameters
"""What the gate audit found, counted and line by line. Queries only; DuckDB's errors leave as they are."""

from collections.abc import Sequence
from typing import Any

import duckdb

from gates.verdict.evidence import Severity
from gates.verdict.gate_audit import GateCode
from ingest.gate_audit.auditing import clock_skew_ns, unaudited
from ingest.gate_audit.explaining import in_words
from ingest.gate_audit.found import Filter, Findings, FoundCode, Line
from ingest.gate_audit.relations import TABLES, Relations
from ingest.gate_audit.silent import silent_runs
from ingest.history.controls import HOME, Interval
from ingest.store.gone import gone_before_ns
from ingest.store.histories import read_history_of

_WHERE = """
WHERE ($revision IS NULL OR revision = $revision) AND ($step IS NULL OR step = $step)
    AND ($since IS NULL OR line_time_ns >= $since) AND ($code IS NULL OR code = $code)
    AND ($history IS NULL OR history_id = $history) AND ($severity IS NULL OR severity = $severity)
    AND ($version IS NULL OR executor_version = $version) AND ($source IS NULL OR source_id = $source)
    AND ($job IS NULL OR job_id = $job)
"""
_ORDER = "CASE severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END"


def _counts(findings: str) -> str:
    return f"""
    SELECT history_id, code, severity, count(*) FILTER (explained_by IS NULL) AS violations,
        count(DISTINCT job_id) FILTER (explained_by IS NULL), count(*) FILTER (explained_by IS NOT NULL),
        min(line_time_ns), max(line_time_ns)
    FROM {findings} {_WHERE}
    GROUP BY history_id, code, severity ORDER BY {_ORDER}, violations DESC, code, history_id
    """


_OF_LINES = """
($revision IS NULL OR t.revision = $revision) AND ($step IS NULL OR t.step = $step)
    AND ($since IS NULL OR t.line_time_ns >= $since) AND ($history IS NULL OR t.history_id = $history)
    AND ($version IS NULL OR t.executor_version = $version) AND ($source IS NULL OR t.source_id = $source)
    AND ($job IS NULL OR t.job_id = $job) AND ($code IS NULL OR true) AND ($severity IS NULL OR true)
"""
_CHECKABLE = """
t.interval_no IS NOT NULL AND t.line_time_ns IS NOT NULL AND t.error_code = 'NOT_ALLOWLISTED'
    AND t.contradiction IS NULL
"""


def _lines(rows: str) -> str:
    # Specs are looked up for the lines that need one: joining all of them costs several times as much.
    return f"""
    SELECT reason, sum(lines)::BIGINT AS lines, sum(unknown)::BIGINT FROM (
        SELECT CASE WHEN t.interval_no IS NOT NULL AND t.line_time_ns IS NOT NULL THEN 'judged'
                WHEN t.line_time_ns IS NULL THEN 'no time'
                WHEN t.history_id IS NULL THEN 'no control history'
                ELSE 'before the first revision' END AS reason,
            count(*) AS lines, count(*) FILTER ({_CHECKABLE}) AS unknown
        FROM {rows} t WHERE {_OF_LINES} GROUP BY reason
        UNION ALL
        SELECT 'judged', 0, -count(*)
        FROM {rows} t JOIN job_spec j ON j.job_id = t.job_id
        WHERE {_CHECKABLE} AND j.opted_in IS NOT NULL AND t.history_id = 'home' AND {_OF_LINES}
    )
    GROUP BY reason HAVING sum(lines) > 0 ORDER BY lines DESC, reason
    """


def _unknown_exposure(quarantine: str) -> str:
    return f"""
    SELECT q.history_id, count(*), min(q.line_time_ns), max(q.line_time_ns)
    FROM {quarantine} q
    LEFT JOIN control_interval i ON i.history_id = q.history_id AND q.line_time_ns >= i.from_ns
        AND (i.to_ns IS NULL OR q.line_time_ns < i.to_ns)
    WHERE q.claims_openai AND ($revision IS NULL OR i.revision = $revision)
        AND ($step IS NULL OR i.step = $step)
        AND ($since IS NULL OR q.line_time_ns >= $since) AND ($history IS NULL OR q.history_id = $history)
        AND ($code IS NULL OR $code = 'EXPOSURE_UNKNOWN') AND ($severity IS NULL OR $severity = 'high')
        AND ($source IS NULL OR q.source_id = $source) AND $version IS NULL AND $job IS NULL
    GROUP BY ALL ORDER BY ALL
    """


_DRILL = f"""
WITH chosen AS (
    FROM gate_finding {_WHERE} AND ($excused OR explained_by IS NULL)
    ORDER BY line_time_ns DESC NULLS LAST, source_id, line_offset, record_index, code
    LIMIT $limit OFFSET $offset
)
SELECT f.source_id, s.name, s.trust, f.line_offset, f.record_index, f.code, f.severity, f.history_id,
    f.interval_no, f.revision, f.step, f.explained_by, f.job_id, f.executor_version, f.line_time_ns,
    f.decided_from_ns, t.path, t.status, t.error_code, t.bucket, t.latency_ms, t.contradiction,
    CASE WHEN f.history_id = 'home' AND starts_with(f.job_id, 'probe:') THEN false ELSE j.opted_in END,
    a.permits, c.bucket, c.controls_revision, c.contradiction
FROM chosen f JOIN source s USING (source_id)
JOIN telemetry t USING (source_id, line_offset, record_index)
LEFT JOIN line_claim c USING (source_id, line_offset, record_index)
LEFT JOIN control_interval i ON i.history_id = f.history_id AND i.interval_no = f.interval_no
LEFT JOIN job_spec j ON j.job_id = f.job_id AND f.history_id = 'home'
    AND f.line_time_ns >= j.first_ns - $skew
LEFT JOIN scope_answer a ON a.digest = i.allowlist_digest AND a.shape_id = j.shape_id
ORDER BY f.line_time_ns DESC NULLS LAST, f.source_id, f.line_offset, f.record_index, f.code
"""


_LINE_FIELDS = tuple(name for name in Line.__dataclass_fields__ if name != "words")
_CLAIMED = ("claimed_bucket", "claimed_revision", "wrong_claim")
_DRILLED = (*_LINE_FIELDS, "opted_in", "permits", *_CLAIMED)


def found_codes(
    cursor: duckdb.DuckDBPyConnection, chosen: Filter, over: Relations = TABLES
) -> tuple[FoundCode, ...]:
    """What was found, worst first; it does not look at the lines, however many there are."""
    parameters = chosen.parameters()
    found = [
        FoundCode(
            history=row[0],
            code=GateCode(row[1]),
            severity=Severity(row[2]),
            lines=row[3],
            jobs=row[4],
            excused=row[5],
            first_ns=row[6],
            last_ns=row[7],
        )
        for row in cursor.execute(_counts(over.findings), parameters).fetchall()
    ]
    unknown = [
        FoundCode(
            history=history,
            code=GateCode.EXPOSURE_UNKNOWN,
            severity=Severity.HIGH,
            lines=count,
            jobs=0,
            excused=0,
            first_ns=first,
            last_ns=last,
        )
        for history, count, first, last in cursor.execute(
            _unknown_exposure(over.quarantine), parameters
        ).fetchall()
    ]
    silent = [
        FoundCode(
            history=HOME,
            code=GateCode.SILENT_PATH,
            severity=Severity.HIGH,
            lines=runs.count,
            jobs=0,
            excused=0,
            first_ns=runs.first_ns,
            last_ns=runs.last_ns,
        )
        for runs in silent_runs(cursor, chosen.revision, chosen.step, chosen.since_ns)
        if _about_runs(chosen)
    ]
    order = list(Severity)
    return tuple(sorted((*found, *unknown, *silent), key=lambda one: order.index(one.severity)))


def findings(cursor: duckdb.DuckDBPyConnection, chosen: Filter, over: Relations = TABLES) -> Findings:
    """What was found, worst first, and how much was looked at."""
    lines = cursor.execute(_lines(over.lines), chosen.parameters()).fetchall()
    return Findings(
        found=found_codes(cursor, chosen, over),
        judged=sum(count for reason, count, _ in lines if reason == "judged"),
        not_judged=tuple((reason, count) for reason, count, _ in lines if reason != "judged"),
        scope_unknown=sum(unknown for _, _, unknown in lines),
        unaudited=unaudited(cursor),
        clock_skew_ns=clock_skew_ns(cursor),
        gone_before_ns=_gone(cursor, chosen) if over is TABLES else None,
    )


def _gone(cursor: duckdb.DuckDBPyConnection, chosen: Filter) -> int | None:
    gone_ns, since_ns = gone_before_ns(cursor), chosen.since_ns
    return gone_ns if gone_ns is not None and (since_ns is None or since_ns < gone_ns) else None


def _about_runs(chosen: Filter) -> bool:
    """Whether the filter lets through what is known of runs of the home, and of no line."""
    return (
        chosen.code in (None, GateCode.SILENT_PATH)
        and chosen.history in (None, HOME)
        and chosen.severity in (None, Severity.HIGH)
        and (chosen.executor_version, chosen.source_id, chosen.job_id) == (None, None, None)
    )


def lines_of(
    cursor: duckdb.DuckDBPyConnection,
    chosen: Filter,
    limit: int,
    offset: int = 0,
    *,
    with_excused: bool = False,
) -> tuple[Line, ...]:
    """The lines behind the counts, newest first; those in grace only where they are asked for."""
    parameters = chosen.parameters() | {
        "limit": limit,
        "offset": offset,
        "excused": with_excused,
        "skew": clock_skew_ns(cursor),
    }
    rows = [dict(zip(_DRILLED, row, strict=True)) for row in cursor.execute(_DRILL, parameters).fetchall()]
    names = {row["history"] for row in rows if row["history"] is not None}
    histories = {name: read_history_of(cursor, name) for name in names}
    intervals = {name: history.intervals for name, history in histories.items() if history is not None}
    return tuple(_line(row, intervals.get(row["history"], ())) for row in rows)


def _line(row: dict[str, Any], intervals: Sequence[Interval]) -> Line:
    fields = {name: row[name] for name in _LINE_FIELDS}
    fields |= {"code": GateCode(row["code"]), "severity": Severity(row["severity"])}
    return Line(**fields, words=in_words(row, intervals))
