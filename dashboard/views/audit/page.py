"""Audit log: what was done, tried and refused, by whom, newest first; and whether the chain is whole."""

import streamlit as st

from dashboard.data.cached.audit import audit_page, audit_record, has_store, newest_checkpoint, verifying_of
from dashboard.data.inert import shown
from dashboard.errors import DashboardError
from dashboard.server import seat
from dashboard.views.audit import choosing, files
from dashboard.views.audit.record import no_record, record_in_full
from dashboard.views.audit.rows import no_records, records_table, turning
from dashboard.views.audit.states import no_store, unreadable
from dashboard.views.audit.verification import verification_panel
from dashboard.views.live import Moment, live, pause_toggle
from gates.errors import GateError

_DIGITS = 16


def render() -> None:
    """One record where the address names one, else the log."""
    asked = str(st.query_params.get("seq", ""))
    head = st.container()
    if asked:
        live(lambda moment: _record(asked, moment), paused=False, head=head)
        return
    with st.container(key="audit-choice", horizontal=True, vertical_alignment="bottom"):
        choice = choosing.chosen()
        paused = pause_toggle()
        home = seat.taken().home
        if has_store(home) and st.button("Verify the whole chain now", key="audit-verify"):
            verifying_of(home, str(home.root)).start()
    live(lambda moment: _log(choice, moment), paused=paused, head=head)
    _after(choice)


def _log(choice: choosing.Choice, moment: Moment) -> None:
    home = seat.taken().home
    try:
        found = audit_page(home, choice.filter(moment.now_ns), choice.below, moment.now_ns)
        checkpoint = newest_checkpoint(home, moment.now_ns)
    except (GateError, DashboardError, OSError) as error:
        st.html(unreadable(error) if has_store(home) else no_store())
        return
    state = verifying_of(home, str(home.root)).state
    st.html(verification_panel(state, checkpoint, found.newest, moment.now_ns, moment.zone))
    if found.newest == 0:
        st.html(no_records())
        return
    st.html(records_table(found, moment.zone) + turning(found, choice))


def _record(asked: str, moment: Moment) -> None:
    home = seat.taken().home
    if not (asked.isascii() and asked.isdigit() and len(asked) <= _DIGITS and 0 < int(asked) < 2**53):
        st.html(no_record(shown(asked)))
        return
    try:
        found = audit_record(home, int(asked))
    except (GateError, DashboardError, OSError) as error:
        st.html(unreadable(error))
        return
    st.html(no_record(asked) if found is None else record_in_full(found, moment.zone))


def _after(choice: choosing.Choice) -> None:
    """The files stand outside the part that refreshes itself."""
    home = seat.taken().home
    if not has_store(home):
        return
    with st.container(key="audit-files", horizontal=True, gap="small", vertical_alignment="center"):
        files.buttons(home, choice)
