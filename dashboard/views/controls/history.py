"""Every revision with what it changed, who asked, who signed and why; and the document that is in force."""

import json
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.auth.visitor import short
from dashboard.data import format as words
from dashboard.data.cached.controls import story_of
from dashboard.data.controls_file import controls_in_force
from dashboard.data.controls_words import changes_between, in_words
from dashboard.server import seat
from dashboard.views.controls.states import no_record, note, section
from dashboard.views.live import readers_zone
from dashboard.views.markup import card_row, glyph, moment, table_box, tag, text
from dashboard.views.prose import prose
from dashboard.views.table import exports
from gates.changes.retelling import Told
from gates.errors import GateError
from gates.store.rows import RevisionKind

FIRST = 25
_HEADS = ("revision", "in force since", "kind", "step", "what changed", "by", "why")
SIGNS = {
    RevisionKind.INIT: ("○", "sg-soft"),
    RevisionKind.WIDENING: ("▲", "sg-openai"),
    RevisionKind.NARROWING: ("▼", "sg-ok"),
    RevisionKind.KILL: ("■", "sg-warn"),
    RevisionKind.LATE: ("…", "sg-soft"),
}


def draw(now_ns: int) -> None:
    """Draw the table, and below it the file."""
    try:
        story = story_of(seat.taken(), now_ns)
    except GateError as error:
        st.html(no_record(error))
        return
    st.html(section("Revisions", f"{len(story)}, newest first: what each changed, by whom and why"))
    whole = len(story) <= FIRST or st.toggle(
        f"Show all {len(story)}", key="history-all", persist_state="session"
    )
    st.html(_table(story if whole else story[:FIRST]))
    exports(_frame(story), key="history", name="Revisions of the controls")
    _file()


def _table(story: Sequence[Told]) -> str:
    head = tag("tr", *(tag("th", name, scope="col") for name in _HEADS))
    body = tag("tbody", *map(_row, story))
    return table_box(tag("thead", head), body, label="Revisions", cls="sg-c-history sg-cards")


def _row(told: Told) -> str:
    row, zone = told.revision, readers_zone()
    sign, cls = SIGNS[row.kind]
    kind = row.kind.value if told.stands else f"{row.kind.value}, never took effect"
    audit = f"/gate-audit?revision={row.revision}"
    return card_row(
        _HEADS,
        tag(
            "th",
            tag("a", text(row.revision), href=audit, target="_self", title="its gate audit"),
            scope="row",
        ),
        tag("td", moment(words.instant(row.effective_at_ns, zone), words.utc(row.effective_at_ns))),
        tag("td", glyph(sign, cls), text(kind)),
        tag("td", text(row.step)),
        tag("td", prose(_changed(told))),
        tag("td", text(_by(told)), _request(told)),
        tag("td", text(told.reason or "–")),
    )


def _request(told: Told) -> str:
    if told.request is None:
        return ""
    number = told.request.number
    return " " + tag("a", f"request {number}", href=f"/review?request={number}", target="_self")


def _by(told: Told) -> str:
    signed = ", ".join(short(one.approver_id) for one in told.approvals)
    return short(told.revision.actor_id) + (f", signed by {signed}" if signed else "")


def _changed(told: Told) -> str:
    before = told.revision.before
    return "the first controls" if before is None else in_words(changes_between(before, told.revision.after))


def _frame(story: Sequence[Told]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "revision": [told.revision.revision for told in story],
            "since": [words.utc(told.revision.effective_at_ns) for told in story],
            "kind": [told.revision.kind.value for told in story],
            "took_effect": [told.stands for told in story],
            "stage": [told.revision.stage for told in story],
            "step": [told.revision.step for told in story],
            "changed": [_changed(told) for told in story],
            "by": [told.revision.actor_id for told in story],
            "signed_by": [", ".join(one.approver_id for one in told.approvals) for told in story],
            "request": pd.array([told.revision.request_number for told in story], dtype="Int64"),
            "reason": [told.reason or "" for told in story],
        }
    )


def _file() -> None:
    """The document as executors read it."""
    st.html(section("Control file", "what every executor reads before each decision"))
    document = controls_in_force(seat.taken().home.control_file)
    if document is None:
        st.html(note("It cannot be read as `controls.v1`: every executor makes stubs."))
        return
    written = json.dumps(document, ensure_ascii=False, indent=2)
    with st.expander(f"Revision {document['revision']} as JSON"):
        st.code(written, language="json")
    st.download_button(
        "JSON file",
        written,
        f"slotgate-controls-{document['revision']}.json",
        "application/json",
        key="controls-json",
        on_click="ignore",
        type="tertiary",
    )
