"""Beta criteria: what the plans ask for, what shows it, who signed it, and whether `steady` is permitted."""

import time

import streamlit as st

from dashboard.data.cached.beta import BetaView, beta_view
from dashboard.errors import DashboardError
from dashboard.server import seat
from dashboard.views.beta import choosing, signing
from dashboard.views.beta.items import item_lists
from dashboard.views.beta.standing import standing_panel
from dashboard.views.beta.states import unreadable
from dashboard.views.live import Moment, live, pause_toggle
from dashboard.views.reader import reader
from gates.errors import GateError


def render() -> None:
    """The lists in the part that refreshes itself; signing below, where nothing is taken away."""
    head = st.container()
    with st.container(key="beta-choice", horizontal=True, vertical_alignment="bottom"):
        belongs, state = choosing.chosen()
        paused = pause_toggle()
    live(lambda moment: _body(belongs, state, moment), paused=paused, head=head)
    try:
        view = _view(time.time_ns())
    except (GateError, DashboardError, OSError):
        return  # the body says why
    signing.forms(view.found, view.statements, reader())


def _body(belongs: str, state: str, moment: Moment) -> None:
    try:
        view = _view(moment.now_ns)
    except (GateError, DashboardError, OSError) as error:
        st.html(unreadable(error))
        return
    st.html(standing_panel(view.found, view.revision))
    st.html(item_lists(view.found, belongs, state, moment.zone))


def _view(now_ns: int) -> BetaView:
    return beta_view(seat.taken(), now_ns)
