"""Controls: where the rollout stands on its ladder, and everything that moves it."""

import time
from typing import assert_never

import streamlit as st

from dashboard.data.cached.controls import now_of
from dashboard.data.controls_file import controls_in_force
from dashboard.data.controls_page import ControlsNow
from dashboard.server import seat
from dashboard.views.address import from_address, into_address
from dashboard.views.controls import allowlist, duties, history, in_force, mode, narrow, people, steps
from dashboard.views.controls.parts import DEFAULT, PARTS, Part
from dashboard.views.controls.states import jumps, no_record
from dashboard.views.live import Moment, live, pause_toggle
from gates.errors import GateError

SHOWN = "controls-shown"
"""The revision that the forms of this page were drawn for."""


def render() -> None:
    """Draw the page: the live head and what is in force; below it the forms of the part that was chosen."""
    head = st.container()
    with st.container(key="controls-parts", horizontal=True, vertical_alignment="center"):
        part = _part()
        paused = pause_toggle()
    if part is Part.STEPS:
        st.html(jumps(**{narrow.ANCHOR: "Take away, at once"}))
    st.session_state.pop(SHOWN, None)
    live(lambda moment: _body(part, moment), paused=paused, head=head)
    now_ns = time.time_ns()
    try:
        now = now_of(seat.taken(), now_ns)
    except GateError as error:
        st.html(no_record(error))
        document = controls_in_force(seat.taken().home.control_file)
        if document is not None:
            narrow.draw_without_record(document)
        return
    st.session_state[SHOWN] = now.revision
    _draw(part, now, now_ns)


def _part() -> Part:
    from_address("part", PARTS, DEFAULT)
    chosen = st.segmented_control(
        "Part of the page",
        list(PARTS),
        key="part",
        format_func=lambda name: PARTS[name],
        on_change=into_address,
        args=("part", DEFAULT),
        required=True,
        label_visibility="collapsed",
    )
    return Part(str(chosen))


def _draw(part: Part, now: ControlsNow, now_ns: int) -> None:
    match part:
        case Part.STEPS:
            steps.draw(now, now_ns)
        case Part.ALLOWLIST:
            allowlist.draw(now, now_ns)
        case Part.DUTIES:
            duties.draw(now, now_ns)
        case Part.MODE:
            mode.draw(now, now_ns)
        case Part.HISTORY:
            history.draw(now_ns)
        case Part.PEOPLE:
            people.draw(now_ns)
        case _:
            assert_never(part)


def _body(part: Part, moment: Moment) -> None:
    """What is in force now. Where it moved on since the forms were drawn, they are drawn anew."""
    now = in_force.read(moment.now_ns)
    banner = in_force.banner(now)
    if banner:
        st.html(banner)
    if part is Part.STEPS:
        st.html(in_force.card(now, moment))
    shown = st.session_state.get(SHOWN)
    if isinstance(now, ControlsNow) and shown is not None and now.revision != shown:
        st.rerun(scope="app")
