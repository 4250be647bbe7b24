"""The ladder as it was climbed: the control history of the store, and what each stay on a step saw.

The figures of the stays are those of `slotgate report`: one source, so that page and command agree. Beyond
what pages read line by line, percentiles are those of the rollups.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from dashboard.data.changes import Held
from dashboard.data.lines import is_rolled
from dashboard.data.queries import Cursor, records
from dashboard.data.time_limit import time_limit
from dashboard.data.timeline import FEWEST_FOR_PERCENTILES
from ingest.report.report import Selection, report, rolled_steps

UNATTRIBUTED = "unattributed"
# A history counts when the home wrote it or a loaded source was joined with it.
_HELD = (
    "SELECT from_ns, to_ns, revision, stage, step, kill, feature, percent, allowlist FROM control_interval "
    "WHERE history_id = 'home' OR history_id IN (SELECT history_id FROM source) ORDER BY from_ns, interval_no"
)


def held(cursor: Cursor) -> tuple[Held, ...]:
    """Every interval of the controls, in time order."""
    return tuple(Held(**row) for row in records(cursor, _HELD))


def step_rows(cursor: Cursor) -> pd.DataFrame:
    """One row a stay on a step, newest first; then what belongs to no step, if anything does.

    `from` and `to` are UTC times, `to` empty while it lasts; latencies in seconds, empty under 20
    runs; shares from 0 to 1. Where rollups answer for all lines, so they do for the steps. Raises
    `QueryTimeout`.
    """
    ask = rolled_steps if is_rolled(cursor) else _read_line_by_line
    with time_limit(cursor):
        found = ask(cursor)
    stays = [_row(entry) for entry in reversed(found["steps"])]
    if found["unattributed"]["lines"]:
        stays.append(_row({"stage": None, "step": UNATTRIBUTED, **found["unattributed"]}))
    frame = pd.DataFrame(stays, columns=list(COLUMNS))
    times = {name: pd.to_datetime(frame[name], utc=True).dt.as_unit("ms") for name in ("from", "to")}
    return frame.assign(**times).astype({"stage": "Int64", "share": "float64", "failure_rate": "float64"})


COLUMNS = (
    "step",
    "stage",
    "from",
    "to",
    "revisions",
    "runs",
    "openai",
    "share",
    "failed",
    "failure_rate",
    "p50",
    "p95",
    "p99",
    "stub_p50",
    "failures",
)


def _read_line_by_line(cursor: Cursor) -> dict[str, Any]:
    return report(cursor, Selection())


def _row(entry: Mapping[str, Any]) -> dict[str, Any]:
    by_path = {part["path"]: part["count"] for part in entry["by_path"]}
    failures = [
        outcome
        for outcome in entry["by_outcome"]
        if outcome["path"] == "openai" and outcome["status"] == "FAILED"
    ]
    openai, failed = by_path["openai"], sum(outcome["count"] for outcome in failures)
    return {
        "step": entry["step"],
        "stage": entry["stage"],
        "from": entry.get("from"),
        "to": entry.get("to"),
        "revisions": ", ".join(map(str, entry.get("revisions", []))),
        "runs": entry["lines"],
        "openai": openai,
        "share": openai / entry["lines"] if entry["lines"] else None,
        "failed": failed,
        "failure_rate": failed / openai if openai else None,
        "failures": ", ".join(f"{outcome['errorCode']} {outcome['count']}" for outcome in failures),
        **{name: _seconds(entry["latency"]["openai"], name) for name in ("p50", "p95", "p99")},
        "stub_p50": _seconds(entry["latency"]["stub"], "p50"),
    }


def _seconds(latency: Mapping[str, Any], name: str) -> float | None:
    few = latency["count"] < FEWEST_FOR_PERCENTILES
    return None if few or latency[name] is None else float(latency[name]) / 1_000
