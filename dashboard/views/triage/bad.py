"""Outputs that people found bad: the list, and the form that reports or takes back."""

import time
from collections.abc import Sequence
from datetime import tzinfo

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.data import format as words
from dashboard.data.cached import triage as cached
from dashboard.data.inert import shown
from dashboard.server import seat
from dashboard.views.command import command
from dashboard.views.gate_audit.parts import at
from dashboard.views.links import job_link
from dashboard.views.live import live, readers_zone
from dashboard.views.markup import card_row, glyph, table_box, tag, text
from dashboard.views.prose import prose
from dashboard.views.reader import reader
from dashboard.views.states import failed_store
from dashboard.views.table import exports, heading
from gates.changes.saying import SAYING_ROLES
from gates.changes.service import ChangeService
from gates.errors import GateError
from gates.policy.intent import Actor
from gates.store.review_rows import BadOutputRow

EFFECT = (
    "A report makes the verdict HOLD for the revision in force: nothing expands. It stops no call and "
    "narrows nothing; use the stop button for that. It ends when it is withdrawn, or another revision is in "
    "force."
)
_HEADS = ("report", "job", "what is wrong", "by", "state")
_LONGEST_REASON = 4096
_LONG = 300


def draw(paused: bool, head: DeltaGenerator) -> None:
    """The list of all reports, and a form for one more."""
    live(lambda _moment: None, paused=paused, head=head)
    try:
        reports = cached.reports_of(seat.taken(), time.time_ns())
    except GateError as error:
        st.html(failed_store(error))
        return
    standing = sum(1 for one in reports if one.withdrawn_at_ns is None)
    if reports:
        heading("Reports", f"{words.count(standing)} standing of {words.count(len(reports))}, newest first")
        st.html(_table(reports[::-1], readers_zone()))
        exports(pd.DataFrame([_flat(one) for one in reports[::-1]]), key="triage-bad", name="Bad outputs")
    else:
        heading("Reports", "Nobody reported an output.")
    form = st.container()
    job_id = st.text_input(
        "Job id of the output", key="bad-job", max_chars=4096, width=460, autocomplete="off"
    )
    mine = tuple(one for one in reports if one.job_id == job_id.strip())
    with form:
        _heading(mine)
    _reason_and_button(job_id.strip(), mine)


def report_form(job_id: str, reports: Sequence[BadOutputRow]) -> None:
    """Report an output of this job, or take its reports back."""
    _heading(reports)
    _reason_and_button(job_id, reports)


def _heading(reports: Sequence[BadOutputRow]) -> None:
    stands = any(one.withdrawn_at_ns is None for one in reports)
    heading("Take the report back" if stands else "Report a bad output", "on record with your name")
    st.html(tag("p", prose(EFFECT), cls="sg-note"))


def _reason_and_button(job_id: str, reports: Sequence[BadOutputRow]) -> None:
    standing = [one for one in reports if one.withdrawn_at_ns is None]
    reason = st.text_area(
        "Why it is not bad after all" if standing else "What is wrong with it",
        key="bad-reason",
        max_chars=_LONGEST_REASON,
        height=80,
        width=640,
    )
    because = (
        may_not()
        or (None if job_id else "name the job first")
        or (None if reason.strip() else "say why first")
    )

    def reported(service: ChangeService, actor: Actor) -> str:
        number = service.report_bad(actor, job_id, reason)
        return f"report {number}: the rollout holds until it is withdrawn, or another revision is in force"

    def withdrawn(service: ChangeService, actor: Actor) -> str:
        return f"taken back: {service.withdraw_bad(actor, job_id, reason)}"

    if standing:
        command("Withdraw", withdrawn, key="bad-withdraw", name="withdraw bad output", because_not=because)
    else:
        command(
            "Report bad output", reported, key="bad-report", name="report bad output", because_not=because
        )


def may_not() -> str | None:
    """Why the reader may not say anything here; null where they may."""
    who = reader()
    if who is None:
        return "nobody is signed in; sign in to report"
    if not who.roles & SAYING_ROLES:
        needed, held = " or ".join(sorted(SAYING_ROLES)), ", ".join(sorted(who.roles)) or "none"
        return f"this takes the role {needed}; you have {held}"
    return None


def _table(reports: Sequence[BadOutputRow], zone: tzinfo) -> str:
    head = tag("tr", *(tag("th", name, scope="col") for name in _HEADS))
    body = tag("tbody", *(_row(one, zone) for one in reports))
    return table_box(tag("thead", head), body, label="Reports of bad outputs", cls="sg-lines sg-cards")


def _row(one: BadOutputRow, zone: tzinfo) -> str:
    if one.withdrawn_at_ns is None:
        state = tag("span", glyph("❚❚", "sg-warn"), f"stands, for revision {one.revision}")
    else:
        back = f"taken back by {one.withdrawn_by}: {shown(one.withdrawn_because, _LONG)}"
        state = tag("span", glyph("↩", "sg-soft"), text(back)) + tag("small", at(one.withdrawn_at_ns, zone))
    return card_row(
        _HEADS,
        tag("td", text(one.report_id)),
        tag("td", job_link(one.job_id, most=60)),
        tag("td", text(shown(one.reason, _LONG)), cls="sg-words"),
        tag("td", text(one.reported_by), tag("small", at(one.at_ns, zone))),
        tag("td", state),
    )


def _flat(one: BadOutputRow) -> dict[str, object]:
    return {
        "report": one.report_id,
        "job": one.job_id,
        "revision": one.revision,
        "reason": one.reason,
        "by": one.reported_by,
        "at": words.utc(one.at_ns),
        "withdrawn by": one.withdrawn_by,
        "withdrawn because": one.withdrawn_because,
    }
