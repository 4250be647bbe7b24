"""Two tables: what became of the runs, and how long they took. Small numbers are shown, not hidden."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from dashboard.data import format as words
from dashboard.data.overview import PATHS, Overview
from dashboard.data.timeline import FEWEST_FOR_PERCENTILES
from dashboard.views.markup import glyph, table_box, tag, text
from schemas.codes import ErrorCode
from schemas.telemetry import contradiction

MARKS = {
    ("stub", "STUB"): ("○", "sg-stub"),
    ("openai", "COMPLETED"): ("●", "sg-openai"),
    ("openai", "FAILED"): ("✕", "sg-failed"),
}
IMPOSSIBLE = ("▲", "sg-warn")
KNOWN_CODES = {None, *ErrorCode}


def outcome_table(view: Overview) -> str:
    """Path, status and errorCode with their counts and shares."""
    whole = int(view.outcomes["runs"].sum())
    body = [_outcome(row, whole) for row in view.outcomes.to_dict("records")]
    total = tag(
        "tr",
        tag("th", "all", scope="row", colspan=3),
        tag("td", text(words.count(whole)), cls="sg-number"),
        tag("td", cls="sg-number"),
        tag("td"),
    )
    head = _head(
        ("path", ""),
        ("status", ""),
        ("errorCode", ""),
        ("runs", "sg-number"),
        ("share", "sg-number"),
        ("", ""),
    )
    return _table("What became of the runs", head, [*body, total])


def latency_table(view: Overview) -> str:
    """p50, p95 and p99 by path; with too few runs, the runs themselves."""
    body = [_latency(path, view) for path in PATHS if (view.latencies["path"] == path).any()]
    head = _head(
        ("path", ""), ("runs", "sg-number"), ("p50", "sg-number"), ("p95", "sg-number"), ("p99", "sg-number"),
        ("longest", "sg-number"),
    )  # fmt: skip
    return _table(f"Latency, {view.made_of}", head, body)


def quarantine_table(view: Overview) -> str:
    """Why records were quarantined; empty markup when none were."""
    if view.quarantine.empty:
        return ""
    body = [
        tag(
            "tr",
            tag("td", glyph("▲", "sg-warn"), text(row["cause"])),
            tag("td", text(words.count(int(row["records"]))), cls="sg-number"),
            tag("td", text(words.count(int(row["claim_openai"]))), cls="sg-number"),
        )
        for row in view.quarantine.to_dict("records")
    ]
    head = _head(("cause", ""), ("records", "sg-number"), ("say openai", "sg-number"))
    return _table("Quarantined, whole record", head, body)


def _outcome(row: Mapping[Hashable, Any], whole: int) -> str:
    error_code = None if pd.isna(row["error_code"]) else str(row["error_code"])
    impossible = contradiction(row["path"], row["status"], error_code)
    sign, cls = MARKS.get((row["path"], row["status"]), IMPOSSIBLE) if impossible is None else IMPOSSIBLE
    flag = "impossible" if impossible else "" if error_code in KNOWN_CODES else "unexpected"
    code = "–" if error_code is None else text(error_code).replace("_", "_<wbr>")
    flagged = tag("small", flag, cls="sg-flag", title=impossible) if flag else ""
    width = 100 * row["runs"] / whole if whole else 0
    bar = tag("span", tag("span", style=f"width:{width:.2f}%", cls=cls), cls="sg-bar", aria_hidden="true")
    return tag(
        "tr",
        tag("td", glyph(sign, cls), text(row["path"]), cls="sg-nowrap"),
        tag("td", text(row["status"])),
        tag("td", code, flagged, cls="sg-code"),
        tag("td", text(words.count(int(row["runs"]))), cls="sg-number"),
        tag("td", text(words.share(int(row["runs"]), whole)), cls="sg-number"),
        tag("td", bar, cls="sg-bar-cell"),
    )


def _latency(path: str, view: Overview) -> str:
    row = view.latencies[view.latencies["path"] == path].iloc[0]
    sign, cls = ("●", "sg-openai") if path == "openai" else ("○", "sg-stub")
    name = tag("td", glyph(sign, cls), text(path))
    runs = tag("td", text(words.count(int(row["runs"]))), cls="sg-number")
    if row["runs"] < FEWEST_FOR_PERCENTILES:
        each = ", ".join(words.latency(value) for value in view.few.get(path, []))
        said = f"under {FEWEST_FOR_PERCENTILES} runs, no percentiles: {each}"
        return tag("tr", name, runs, tag("td", text(said), colspan=4, cls="sg-points"))
    figures = (
        tag("td", text(words.latency(row[key])), cls="sg-number") for key in ("p50", "p95", "p99", "longest")
    )
    return tag("tr", name, runs, *figures)


def _head(*columns: tuple[str, str]) -> str:
    return tag(
        "tr", *(tag("th", text(name), cls=cls, scope="col") if name else tag("td") for name, cls in columns)
    )


def _table(caption: str, head: str, body: list[str]) -> str:
    return table_box(tag("caption", text(caption)), tag("thead", head), tag("tbody", *body))
