"""Two stays side by side: what differs in words, the figures, the codes, the latencies above each other."""

import pandas as pd
import streamlit as st

from dashboard.data import format as words
from dashboard.data.comparison import CAVEAT, Side, differences
from dashboard.data.stage_detail import Detail
from dashboard.views.live import Moment
from dashboard.views.markup import tag, text, titled
from dashboard.views.stages import rows as cells
from dashboard.views.stages.closely import detail, html_table
from dashboard.views.stages.curves import curves
from dashboard.views.stages.rows import Row
from dashboard.views.table import exports


def draw(this: Row, other: Row, moment: Moment) -> None:
    """Draw both; the earlier one comes first, whichever was chosen first."""
    before, after = sorted((this, other), key=lambda row: row.one.stay.from_ns)
    st.html(
        titled(f"{before.one.name} and {after.one.name}", "the earlier one first")
        + tag("p", text(CAVEAT), cls="sg-note sg-caveat")
    )
    details = detail(before, moment.now_ns), detail(after, moment.now_ns)
    sides = tuple(_side(row, found) for row, found in zip((before, after), details, strict=True))
    if sides[0] is None or sides[1] is None or details[0] is None or details[1] is None:
        why_not = [f"{row.one.name}: {row.why_not}" for row in (before, after) if row.why_not]
        never = f"No comparison: {'; '.join(why_not)}."
        said = never if why_not else "The comparison follows when both are counted."
        st.html(tag("p", text(said), cls="sg-note"))
        return
    differ = differences(sides[0], sides[1])
    st.html(tag("ul", *(tag("li", text(one)) for one in differ), cls="sg-differences"))
    left, right = st.columns(2, gap="large")
    with left:
        curves(
            [(before.one.name, details[0].distribution), (after.one.name, details[1].distribution)], "both"
        )
    with right:
        _figures(before, after, moment)
        _codes(before, after)


def _side(row: Row, found: Detail | None) -> Side | None:
    if row.lines is None or row.failures is None or found is None:
        return None
    versions = found.versions
    return Side(
        name=row.one.name,
        lines=row.lines,
        failures=row.failures,
        versions=dict(zip(versions["executor_version"], versions["runs"].astype(int), strict=True)),
        hours=found.hours,
    )


def _figures(before: Row, after: Row, moment: Moment) -> None:
    lines = [(_facts(before, moment)), (_facts(after, moment))]
    body = [
        tag("tr", tag("th", text(name), scope="row"), tag("td", lines[0][name]), tag("td", lines[1][name]))
        for name in lines[0]
    ]
    html_table("Figures", ("", before.one.name, after.one.name), body)


def _facts(row: Row, moment: Moment) -> dict[str, str]:
    stay, lines = row.one.stay, row.lines
    assert lines is not None
    lasted = ((stay.to_ns or moment.now_ns) - stay.from_ns) / 1e9
    return {
        "lasted": text(words.duration(lasted)),
        "runs": text(words.count(lines.runs)),
        "openai share": text(words.share(lines.openai, lines.runs)),
        "openai failed": cells.failed(row),
        "p50 / p95 / p99": cells.latency(lines),
        "gate audit": cells.found(row.one.found, stay.step.value, stay.revisions),
        "verdict": cells.verdict(row, moment.zone),
    }


def _codes(before: Row, after: Row) -> None:
    assert before.lines is not None
    assert after.lines is not None
    pair = (before.lines, after.lines)
    codes = sorted({code for one in pair for code in one.codes})
    frame = pd.DataFrame(
        [
            {"errorCode": code, **{row.one.name: _count(row, code) for row in (before, after)}}
            for code in codes
        ],
        columns=["errorCode", before.one.name, after.one.name],
    )
    if not codes:
        st.html(tag("p", "No model call failed in either.", cls="sg-note"))
        return
    body = [
        tag(
            "tr",
            tag("td", text(code), cls="sg-code"),
            *(tag("td", text(_of(row, code)), cls="sg-number") for row in (before, after)),
        )
        for code in codes
    ]
    html_table(
        "errorCodes of failed model calls", ("errorCode", f"#{before.one.name}", f"#{after.one.name}"), body
    )
    exports(frame, key="both-codes", name="Error codes of two stays")


def _count(row: Row, code: str) -> int:
    return 0 if row.lines is None else row.lines.codes.get(code, 0)


def _of(row: Row, code: str) -> str:
    openai = 0 if row.lines is None else row.lines.openai
    return f"{_count(row, code):,} ({words.share(_count(row, code), openai)} of {openai:,})"
