"""The rows as a plain table, for files."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from dashboard.views.stages.rows import Row


def plain(rows: Sequence[Row]) -> pd.DataFrame:
    """One row a stay; times are UTC, latencies ms, rates and shares from 0 to 1."""
    frame = pd.DataFrame([_plain(row) for row in rows])
    for name in ("from", "to"):
        if name in frame:
            frame[name] = pd.to_datetime(frame[name], unit="ns", utc=True).dt.as_unit("ms")
    return frame


def _plain(row: Row) -> dict[str, Any]:
    stay, lines, failures = row.one.stay, row.lines, row.failures
    window = None if row.figures is None else row.figures.window
    three = (None, None, None) if lines is None or lines.points else lines.three
    people = row.people
    first = people.changes[0] if people is not None and people.changes else None
    last = None if people is None else people.word
    return {
        "stay": row.one.name,
        "step": stay.step.value,
        "stage": stay.stage,
        "from": stay.from_ns,
        "to": stay.to_ns,
        "revisions": ", ".join(map(str, stay.revisions)),
        "runs": None if lines is None else lines.runs,
        "openai": None if lines is None else lines.openai,
        "openai_share": None if lines is None or not lines.runs else lines.openai / lines.runs,
        "failed_lines": None if lines is None else lines.failed,
        "jobs": None if failures is None else failures.units,
        "failed_jobs": None if failures is None else failures.failed,
        "failure_rate_at_least": None if failures is None else failures.lower,
        "failure_rate_at_most": None if failures is None else failures.upper,
        "completed_jobs": None if window is None else window.completed,
        "p50_ms": three[0],
        "p95_ms": three[1],
        "p99_ms": three[2],
        "points_ms": None if lines is None else " ".join(f"{value:g}" for value in lines.points),
        "error_codes": None if lines is None else _counted(lines.codes),
        "counted": None if lines is None else lines.said,
        "gate_audit": _counted({one.code: one.lines for one in row.one.found if one.lines}),
        "verdict": row.live or (None if last is None else last.word.value),
        "verdict_signed": None if last is None else last.signed,
        "evidence": None if last is None else last.digest,
        "requester": None if first is None else first.requester,
        "approvers": None if first is None else ", ".join(first.approvers),
        "actor": None if first is None else first.actor,
        "request": None if first is None else first.request,
        "reason": None if first is None else first.reason,
    }


def _counted(each: Any) -> str:
    return ", ".join(f"{name} {count}" for name, count in each.items())
