# ruff: noqa: S608 -- constants of this module put together; values are always parameters
"""Findings by what they have in common, and over time. Every query is bounded in rows and time."""

from dataclasses import dataclass

import pandas as pd

from dashboard.data.bins import Axis, axis
from dashboard.data.changes import changes
from dashboard.data.queries import Cursor, records, rows
from dashboard.data.steps import held
from dashboard.data.timeline import in_words
from gates.verdict.evidence import Severity
from ingest.gate_audit import Filter

MOST_VALUES = 12
SEVERITIES = tuple(severity.value for severity in Severity)
GRACE = "in grace"
_WHERE = """
WHERE ($revision IS NULL OR f.revision = $revision) AND ($step IS NULL OR f.step = $step)
    AND ($since IS NULL OR f.line_time_ns >= $since) AND ($code IS NULL OR f.code = $code)
    AND ($history IS NULL OR f.history_id = $history) AND ($severity IS NULL OR f.severity = $severity)
    AND ($version IS NULL OR f.executor_version = $version) AND ($source IS NULL OR f.source_id = $source)
    AND ($job IS NULL OR f.job_id = $job)
"""
_KINDS = {
    "step": "coalesce(f.step, '')",
    "revision": "coalesce(f.revision::VARCHAR, '')",
    "executorVersion": "f.executor_version",
    "source": "f.source_id::VARCHAR",
}
_BY = "".join(
    f"""
    {"UNION ALL" if number else ""}
    (SELECT {number} AS kind, {column} AS value, count(*) FILTER (f.explained_by IS NULL) AS violations,
        count(*) FILTER (f.explained_by IS NULL AND f.severity = 'critical') AS critical,
        count(*) FILTER (f.explained_by IS NULL AND f.severity = 'high') AS high,
        count(*) FILTER (f.explained_by IS NULL AND f.severity = 'medium') AS medium,
        count(*) FILTER (f.explained_by IS NULL AND f.severity = 'low') AS low,
        count(*) FILTER (f.explained_by IS NOT NULL) AS excused,
        min(f.line_time_ns) AS first_ns, max(f.line_time_ns) AS last_ns, any_value(s.name) AS source_name
     FROM gate_finding f JOIN source s USING (source_id) {_WHERE} GROUP BY value
     ORDER BY critical DESC, high DESC, violations DESC, excused DESC, value LIMIT {MOST_VALUES})"""
    for number, column in enumerate(_KINDS.values())
)
_BINS = f"""
SELECT (f.line_time_ns - $start) // $width AS bin,
    CASE WHEN f.explained_by IS NULL THEN f.severity ELSE '{GRACE}' END AS kind, count(*) AS findings
FROM gate_finding f {_WHERE} AND f.line_time_ns >= $start AND f.line_time_ns < $end GROUP BY ALL ORDER BY ALL
"""
_SPAN = "SELECT min(line_time_ns) AS first_ns, max(line_time_ns) AS last_ns FROM telemetry"


@dataclass(frozen=True, slots=True)
class Group:
    """Findings that share a value; `label` says it, `value` is how the address spells it, empty for none."""

    value: str
    label: str
    by_severity: tuple[int, int, int, int]
    excused: int
    first_ns: int | None
    last_ns: int | None


@dataclass(frozen=True, slots=True)
class OverTime:
    """The data sets of the chart over one axis."""

    axis: Axis
    bins: pd.DataFrame
    changes: pd.DataFrame


def groups(cursor: Cursor, chosen: Filter) -> dict[str, tuple[Group, ...]]:
    """By step, revision, executorVersion and source, the worst `MOST_VALUES` each; raises `QueryTimeout`."""
    found: dict[str, list[Group]] = {kind: [] for kind in _KINDS}
    names = list(_KINDS)
    for row in records(cursor, _BY, chosen.parameters()):
        kind = names[row["kind"]]
        label = row["source_name"] if kind == "source" else row["value"]
        counts = (row["critical"], row["high"], row["medium"], row["low"])
        found[kind].append(
            Group(row["value"], label or "none", counts, row["excused"], row["first_ns"], row["last_ns"])
        )
    return {kind: tuple(ones) for kind, ones in found.items()}


def over_time(cursor: Cursor, chosen: Filter) -> OverTime | None:
    """Findings per bin over all of the record; null where no line has a time. Raises `QueryTimeout`."""
    span = records(cursor, _SPAN)[0]
    if span["first_ns"] is None:
        return None
    line = axis(span["first_ns"], span["last_ns"])
    given = chosen.parameters() | {"start": line.start_ns, "end": line.end_ns, "width": line.width_ns}
    return OverTime(line, _stacked(rows(cursor, _BINS, given), line), changes(held(cursor), line))


def _stacked(found: pd.DataFrame, line: Axis) -> pd.DataFrame:
    order = {kind: rank for rank, kind in enumerate((*SEVERITIES, GRACE))}
    sorted_ = found.assign(rank=found["kind"].map(order)).sort_values(["bin", "rank"], ignore_index=True)
    top = sorted_.groupby("bin")["findings"].cumsum()
    start = sorted_["bin"].astype("int64") * line.width_ns + line.start_ns
    at = Axis.times(start)
    return sorted_.assign(
        base=top - sorted_["findings"],
        top=top,
        at=at,
        until=Axis.times(start + line.width_ns),
        utc=in_words(at),
    )
