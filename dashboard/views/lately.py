"""What changed in the last hour, in words, newest first; that nothing changed is said too."""

from collections.abc import Sequence

import duckdb
import pandas as pd
import streamlit as st

from dashboard.data import format as words
from dashboard.data.cached.lately import done_lately, seen_lately
from dashboard.data.lately import Happening, Kind
from dashboard.errors import QueryTimeout
from dashboard.server import seat
from dashboard.views.links import link
from dashboard.views.live import Moment
from dashboard.views.markup import glyph, moment, tag, text, titled
from dashboard.views.prose import prose
from dashboard.views.table import exports
from gates.errors import HomeError

AT_ONCE = 5
SIGNS = {
    Kind.STOP: ("■", "sg-failed"),
    Kind.CONTROLS: ("◆", "sg-openai"),
    Kind.REQUEST: ("◇", "sg-openai"),
    Kind.VERDICT: ("▶", "sg-soft"),
    Kind.VERSION: ("＋", "sg-warn"),
    Kind.CODE: ("＋", "sg-warn"),
    Kind.FAILURES: ("✕", "sg-failed"),
    Kind.LATENCY: ("▲", "sg-warn"),
    Kind.QUARANTINE: ("▲", "sg-warn"),
    Kind.FINDING: ("▲", "sg-warn"),
    Kind.SILENCE: ("▲", "sg-warn"),
    Kind.GAP: ("✕", "sg-failed"),
    Kind.CUT: ("▲", "sg-warn"),
    Kind.OTHER: ("·", "sg-soft"),
}
_PAGES = {
    Kind.REQUEST: "review",
    Kind.VERDICT: "stages",
    Kind.FINDING: "gate-audit",
    Kind.VERSION: "triage",
    Kind.CODE: "triage",
    Kind.FAILURES: "triage",
    Kind.LATENCY: "overview",
    Kind.QUARANTINE: "triage",
    Kind.SILENCE: "runbook",
    Kind.GAP: "runbook",
    Kind.CUT: "runbook",
}
_TABS = {Kind.CODE: "failures", Kind.FAILURES: "failures", Kind.QUARANTINE: "quarantine"}
_NAMES = {
    "review": "Review",
    "stages": "Stages",
    "gate-audit": "Gate audit",
    "triage": "Triage",
    "overview": "the last hour",
    "runbook": "Runbook",
    "audit": "Audit log",
}


def lately(now: Moment) -> None:
    """Draw the panel; a source that does not answer is named, and the other still speaks."""
    found, silent = _gathered(now.now_ns)
    ordered = sorted(found, key=lambda one: (one.at_ns is None, one.at_ns or 0), reverse=True)
    st.html(
        titled("What changed in the last hour", "newest first; every 10 s")
        + "".join(tag("p", glyph("?", "sg-warn"), text(one), cls="sg-note") for one in silent)
        + _list(ordered[:AT_ONCE], now, nothing=not silent)
    )
    more = ordered[AT_ONCE:]
    if not more:
        return
    rest = st.expander("Everything of the last hour", key="lately-more", on_change="rerun")
    if rest.open:
        with rest:
            st.html(_list(more, now, nothing=False))
            exports(_plain(ordered), key="lately", name="Changes of the last hour")


def _gathered(now_ns: int) -> tuple[list[Happening], list[str]]:
    place = seat.taken()
    found: list[Happening] = []
    silent: list[str] = []
    try:
        found += done_lately(place, now_ns)
    except HomeError as error:
        silent.append(f"what people did cannot be read: {error}")
    try:
        found += seen_lately(place.store, now_ns)
    except (QueryTimeout, duckdb.Error) as error:
        silent.append(f"what telemetry showed cannot be read: {error}")
    return found, silent


def _list(found: Sequence[Happening], now: Moment, *, nothing: bool) -> str:
    if not found:
        said = (
            "Nothing changed: no change of the controls, no request, no new executorVersion or errorCode, no "
            "jump of failures or latency, nothing quarantined, nothing found by the gate audit."
        )
        return tag("p", said, cls="sg-note") if nothing else ""
    return tag("ol", *(_item(one, now) for one in found), cls="sg-lately")


def _item(one: Happening, now: Moment) -> str:
    at = "in this hour"
    if one.at_ns is not None:
        at = moment(words.instant(one.at_ns, now.zone)[-8:-3], words.utc(one.at_ns))
    page = _PAGES.get(one.kind, "audit")
    query: dict[str, object] = {"tab": _TABS.get(one.kind), **dict(one.about)}
    if one.kind is Kind.LATENCY:
        query = {"window": "6h"}
    leads = link(page, text(_NAMES[page]), "", **query)
    return tag(
        "li", tag("span", at, cls="sg-at"), tag("span", glyph(*SIGNS[one.kind]), prose(one.said), " ", leads)
    )


def _plain(found: Sequence[Happening]) -> pd.DataFrame:
    frame = pd.DataFrame([{"at": one.at_ns, "kind": one.kind.value, "said": one.said} for one in found])
    return frame.assign(at=pd.to_datetime(frame["at"], unit="ns", utc=True).dt.as_unit("ms"))
