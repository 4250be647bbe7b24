"""Gate audit: did any line contradict the controls of its time, where, since when, and which lines."""

import time
from dataclasses import replace

import duckdb
import pandas as pd
import streamlit as st

from dashboard.charts.findings import COLOURS, FINDINGS
from dashboard.data import format as words
from dashboard.data.bins import Axis, width_in_words
from dashboard.data.cached import gate_audit as cached
from dashboard.data.gate_audit.asked import Asked, asked
from dashboard.data.gate_audit.sentence import headline, uncounted
from dashboard.data.gate_audit.table import truth_table
from dashboard.errors import QueryTimeout
from dashboard.server import seat
from dashboard.views.address import from_address, into_address
from dashboard.views.gate_audit import parts
from dashboard.views.gate_audit.matrix import matrix
from dashboard.views.links import link
from dashboard.views.live import Moment, live, pause_toggle
from dashboard.views.markup import tag, text, titled
from dashboard.views.paging import asked_page, page_links
from dashboard.views.states import empty_record
from dashboard.views.table import exports, heading, table
from dashboard.views.tried import beside, tried
from gates.verdict.evidence import Severity
from gates.verdict.gate_audit import GateCode
from ingest.gate_audit import Findings, FoundCode
from schemas.stages import Step

LINES = 25
PATIENCE_SECONDS = 1.5
"""A refresh waits so long for what is counted beside it; the rest follows with the next one."""
WITHOUT_LINES = (GateCode.EXPOSURE_UNKNOWN, GateCode.SILENT_PATH)
Found = tuple[FoundCode, ...]
ANY = ""


def render() -> None:
    """Draw the page: head, filters once, and everything else in one part that refreshes itself."""
    head = st.container()
    with st.container(key="ga-pickers", horizontal=True, vertical_alignment="bottom"):
        _picker("code", "Code", [code.value for code in GateCode], 210)
        _picker("severity", "Severity", [severity.value for severity in Severity], 130)
        _picker("step", "Step", [step.value for step in Step], 150)
        revision = _revision()
        grace = _grace()
        paused = pause_toggle()
    given = {name: str(st.session_state[name]) for name in ("code", "severity", "step")}
    rest = {name: st.query_params.get(name, "") for name in ("version", "source", "history")}
    chosen = asked(given | rest | {"revision": revision})
    number = asked_page()
    live(lambda moment: _body(chosen, number, moment, with_excused=grace), paused=paused, head=head)


def _picker(name: str, label: str, values: list[str], width: int) -> None:
    from_address(name, values, ANY)
    st.selectbox(
        label,
        [ANY, *values],
        key=name,
        format_func=lambda value: value or f"any {label.lower()}",
        on_change=_again,
        args=(name,),
        width=width,
    )


def _revision() -> str:
    from_address("revision", str.isdigit, ANY)
    st.text_input(
        "Revision",
        key="revision",
        placeholder="any",
        on_change=_again,
        args=("revision",),
        width=100,
        max_chars=12,
    )
    return str(st.session_state["revision"])


def _grace() -> bool:
    if "grace" not in st.session_state:
        st.session_state["grace"] = st.query_params.get("grace") == "1"
    return st.toggle("Lines in grace, too", key="grace", on_change=_graced)


def _graced() -> None:
    st.query_params.pop("page", None)
    if st.session_state["grace"]:
        st.query_params["grace"] = "1"
    else:
        st.query_params.pop("grace", None)


def _again(name: str) -> None:
    """Another choice begins at its first page."""
    st.query_params.pop("page", None)
    into_address(name, ANY)


def _body(chosen: Asked, page: int, moment: Moment, *, with_excused: bool) -> None:
    place = seat.taken()
    if chosen.given:
        st.html(parts.chips(chosen.given, "1" if with_excused else ""))
    found = tried(lambda: cached.found_of(place.store, chosen, moment.now_ns))
    if found is None:
        return
    until = time.monotonic() + PATIENCE_SECONDS
    counted = _counted(chosen, moment, until)
    if isinstance(counted, Findings):
        if not (chosen.given or counted.found or counted.judged or counted.not_judged or counted.unaudited):
            st.html(empty_record(place.home.root))
            return
        st.html(parts.answer(headline(replace(counted, found=found))))
    else:
        st.html(parts.answer(uncounted(found, counted)))
    held = sum(one.lines for one in found if one.code is GateCode.EXPOSURE_UNKNOWN)
    if held:
        way = link("triage", "Look at the quarantine", tab="quarantine")
        st.html(
            tag(
                "p",
                f"{words.count(held)} of them in quarantine: what cannot be read and says path openai counts "
                "too. The table and the lines below are without. ",
                way,
                ".",
                cls="sg-note",
            )
        )
    st.html(titled("The table", "what a line may say under which controls, with counts of audited lines"))
    counts = beside(
        lambda: cached.matrix_of(place.store, chosen, moment.now_ns, until - time.monotonic()), "the table"
    )
    if counts is not None:
        st.html(matrix(truth_table(counts), chosen.given))
    _over_time(chosen, moment)
    _groups(chosen, found, moment)
    _lines(chosen, found, page, moment, with_excused=with_excused)
    seen = beside(
        lambda: cached.buckets_of(place.store, moment.now_ns, until - time.monotonic()), "bucket health"
    )
    if seen is not None:
        st.html(parts.buckets(*seen))


def _counted(chosen: Asked, moment: Moment, until: float) -> Findings | str:
    """With how many lines were audited; why not, where that is not known."""
    try:
        found = cached.findings_of(seat.taken().store, chosen, moment.now_ns, until - time.monotonic())
        return "they are being counted …" if found is None else found
    except (QueryTimeout, duckdb.Error) as error:
        return str(error)


def _over_time(chosen: Asked, moment: Moment) -> None:
    found = tried(lambda: cached.over_time_of(seat.taken().store, chosen, moment.now_ns))
    if found is None:
        return
    every = width_in_words(found.axis.width_ns)
    keys = "".join(
        tag("span", tag("span", "■", style=f"color:{colour}", aria_hidden="true"), text(name), cls="sg-key")
        for name, colour in COLOURS.items()
        if name in set(found.bins["kind"])
    )
    if found.bins.empty:
        st.html(titled("Findings over time", "none of these"))
        return
    st.html(titled("Findings over time", f"every {text(every)} · {keys} a rule marks each control change"))
    span = pd.DataFrame({"at": Axis.times(pd.Series([found.axis.start_ns, found.axis.end_ns]))})
    data = {"span": span, "findings": found.bins, "changes": found.changes}
    with st.container(key="charts", gap=None):
        alt = f"Findings every {every} by severity, {int(found.bins['findings'].sum())} in view"
        st.vega_lite_chart({**FINDINGS, "datasets": data}, alt=alt, width="stretch")
    shut = st.expander("Data behind the chart", key="ga-data", on_change="rerun")
    if shut.open:
        with shut:
            table(found.bins[["utc", "kind", "findings"]], key="ga-bins", title="Findings over time")


def _groups(chosen: Asked, found: Found, moment: Moment) -> None:
    if not any(one.lines or one.excused for one in found):
        return
    groups = tried(lambda: cached.groups_of(seat.taken().store, chosen, moment.now_ns))
    if groups is None:
        return
    st.html(titled("What findings have in common", "the worst twelve of each; a name chooses it"))
    boxes = [parts.group_table(kind, ones, chosen.given, moment.zone) for kind, ones in groups.items()]
    st.html(tag("div", *boxes, cls="sg-two"))
    flat = [
        {
            "by": kind,
            "value": one.label,
            **dict(zip(Severity, one.by_severity, strict=True)),
            "in grace": one.excused,
        }
        for kind, ones in groups.items()
        for one in ones
    ]
    exports(pd.DataFrame(flat), key="ga-groups", name="Findings by what they have in common")


def _lines(chosen: Asked, found: Found, page: int, moment: Moment, *, with_excused: bool) -> None:
    total = sum(
        one.lines + (one.excused if with_excused else 0) for one in found if one.code not in WITHOUT_LINES
    )
    pages = max(1, -(-total // LINES))
    page = min(page, pages)
    if total == 0:
        st.html(titled("Lines", "none of these"))
        return
    lines = tried(
        lambda: cached.lines_on(
            seat.taken().store,
            chosen,
            moment.now_ns,
            limit=LINES,
            offset=(page - 1) * LINES,
            with_excused=with_excused,
        )
    )
    if lines is None:
        return
    heading("Lines", f"{words.count(total)}, newest first; page {page} of {words.count(pages)}")
    st.html(parts.line_table(lines, moment.zone))
    query = chosen.given | ({"grace": "1"} if with_excused else {})
    page_links("gate-audit", "lines", page, pages, query)
    exports(
        pd.DataFrame([one.as_record() for one in lines]), key="ga-lines", name="Lines behind the findings"
    )
