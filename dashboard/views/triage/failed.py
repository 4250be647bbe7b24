"""Failed model calls: which errorCode, of which executorVersion, how many of its calls, since when."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.data import format as words
from dashboard.data.cached import triage as cached
from dashboard.data.inert import shown
from dashboard.data.triage.failures import LINES, MOST_ROWS, FailedFilter
from dashboard.server import seat
from dashboard.views.address import from_address, into_address
from dashboard.views.gate_audit.parts import at
from dashboard.views.links import job_link, link
from dashboard.views.live import Moment, live
from dashboard.views.markup import card_row, glyph, table_box, tag, text
from dashboard.views.paging import asked_page, page_links
from dashboard.views.table import exports, heading
from dashboard.views.tried import tried
from schemas.stages import Step

_LONG = 60
_FEW = 20
_GROUP_HEADS = (
    "errorCode", "executorVersion", "failed", "of its calls", "first seen", "last seen", "newest jobs"
)  # fmt: skip
_LINE_HEADS = ("time", "job", "errorCode", "after", "step", "source")


def draw(paused: bool, head: DeltaGenerator) -> None:
    """The step outside, the rest in the part that refreshes itself."""
    from_address("step", [step.value for step in Step], "")
    st.selectbox(
        "Step",
        ["", *(step.value for step in Step)],
        key="step",
        format_func=lambda value: value or "any step",
        on_change=into_address,
        args=("step", ""),
        width=200,
    )
    chosen = FailedFilter(
        code=st.query_params.get("code") or None,
        version=st.query_params.get("version") or None,
        step=str(st.session_state["step"]) or None,
    )
    page = asked_page()
    live(lambda moment: _body(chosen, page, moment), paused=paused, head=head)


def _body(chosen: FailedFilter, page: int, moment: Moment) -> None:
    store = seat.taken().store
    rows = tried(lambda: cached.failures_of(store, chosen, moment.now_ns))
    if rows is None:
        return
    given = {name: value for name, value in chosen.parameters().items() if value}
    if given:
        chips = (
            tag(
                "span",
                tag("span", text(name), cls="sg-soft"),
                " ",
                tag("code", text(shown(value, _LONG))),
                cls="sg-chip",
            )
            for name, value in given.items()
        )
        st.html(tag("div", *chips, link("triage", "all failures", tab="failures"), cls="sg-chips"))
    if not rows:
        st.html(
            tag(
                "p",
                glyph("–", "sg-soft"),
                "No failed model call here: no evidence of harm yet.",
                cls="sg-note",
            )
        )
        return
    total = int(rows[0]["of_all"])
    cut = (
        f"; the {MOST_ROWS} largest of {words.count(int(rows[0]['groups']))}"
        if rows[0]["groups"] > MOST_ROWS
        else ""
    )
    heading("Failures by errorCode and executorVersion", f"{words.count(total)} failed calls{cut}")
    st.html(_table(rows, chosen, moment.zone))
    exports(pd.DataFrame(rows).drop(columns=["of_all", "groups"]), key="triage-failed", name="Failures")
    lines = tried(lambda: cached.failed_on(store, chosen, page, moment.now_ns))
    if not lines:
        return
    pages = -(-total // LINES)
    heading("Newest failed lines", f"page {page} of {words.count(pages)}")
    st.html(_lines(lines, moment.zone))
    query = {"tab": "failures", **given}
    page_links("triage", "lines", page, pages, query)
    exports(pd.DataFrame(lines), key="triage-failed-lines", name="Failed lines")


def _table(rows: Sequence[dict[str, Any]], chosen: FailedFilter, zone: tzinfo) -> str:
    numbers = ("failed", "of its calls")
    head = (tag("th", name, scope="col", cls="sg-number" if name in numbers else "") for name in _GROUP_HEADS)
    body = tag("tbody", *(_row(one, chosen, zone) for one in rows))
    label = "Failures by errorCode and executorVersion"
    return table_box(tag("thead", tag("tr", *head)), body, label=label, cls="sg-cards")


def _row(one: dict[str, Any], chosen: FailedFilter, zone: tzinfo) -> str:
    code, version = str(one["code"]), str(one["version"])
    query = {"tab": "failures", "step": chosen.step or ""}
    few = tag("small", f"of {words.count(one['calls'])}{': few' if one['calls'] < _FEW else ''}")
    return card_row(
        _GROUP_HEADS,
        tag(
            "td", link("triage", text(shown(code, _LONG)), **query, code=code, version=version), cls="sg-code"
        ),
        tag("td", link("triage", text(shown(version, _LONG)), **query, version=version), cls="sg-code"),
        tag("td", tag("b", text(words.count(one["failed"]))), cls="sg-number"),
        tag("td", text(words.share(one["failed"], one["calls"])), " ", few, cls="sg-number"),
        tag("td", at(one["first_ns"], zone)),
        tag("td", at(one["last_ns"], zone)),
        tag(
            "td",
            "<br>".join(job_link(job, most=34) for job in dict.fromkeys(one["newest"] or ())),
            cls="sg-small",
        ),
    )


def _lines(lines: Sequence[dict[str, Any]], zone: tzinfo) -> str:
    head = tag("tr", *(tag("th", name, scope="col") for name in _LINE_HEADS))
    body = [
        card_row(
            _LINE_HEADS,
            tag("td", at(one["line_time_ns"], zone)),
            tag(
                "td",
                job_link(
                    one["job_id"], f"{one['source_id']}:{one['line_offset']}:{one['record_index']}", _LONG
                ),
            ),
            tag("td", text(shown(one["error_code"] or "(none)", _LONG)), cls="sg-code"),
            tag("td", text(words.latency(one["latency_ms"])), cls="sg-nowrap"),
            tag(
                "td",
                text(one["step"] or "–"),
                tag("small", text(f"revision {one['revision']}") if one["revision"] else ""),
            ),
            tag(
                "td",
                text(shown(str(one["source"]).rpartition("/")[2], _LONG)),
                tag("small", f"byte {one['line_offset']:,}"),
            ),
        )
        for one in lines
    ]
    return table_box(
        tag("thead", head), tag("tbody", *body), label="Newest failed lines", cls="sg-lines sg-cards"
    )
