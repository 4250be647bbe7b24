"""The ladder with where the rollout stands on it; beside it the next step as a form, and what takes away."""

import streamlit as st

from dashboard.data.cached.controls import ladder_of
from dashboard.data.controls_ladder import Place, Rung, Way, may_be_proposed
from dashboard.data.controls_page import ControlsNow
from dashboard.server import seat
from dashboard.views.address import from_address
from dashboard.views.controls import narrow, propose
from dashboard.views.controls.bound import pressed
from dashboard.views.controls.parts import Part
from dashboard.views.controls.rung import broadening, markup, passed
from dashboard.views.controls.states import jumps, no_record, section
from gates.errors import GateError

PROPOSE = "to-propose"


def draw(now: ControlsNow, now_ns: int) -> None:
    """Draw both columns."""
    try:
        rungs = ladder_of(seat.taken(), now, now_ns)
    except GateError as error:
        st.html(no_record(error))
        return
    chosen = _chosen(rungs)
    left, right = st.columns([11, 9], gap="large")
    with left:
        with st.container(key="controls-ladder", gap=None):
            st.html(section("Ladder", "the enable sequence, then one step at a time; down is always open"))
            _ladder(rungs, chosen)
        st.html(section("Take away", "at once, by one person; nobody has to approve it", narrow.ANCHOR))
        narrow.draw(now)
    with right, st.container(key="controls-deeds"):
        st.html(
            section("Propose", "opens a request; it takes effect when somebody else has signed it", PROPOSE)
        )
        propose.draw(now, chosen, now_ns)


def _chosen(rungs: tuple[Rung, ...]) -> Rung | None:
    """The rung of the form: the one that was asked for, else the first that may be proposed next."""
    names = {rung.name: rung for rung in rungs}
    from_address("step", lambda name: name in names, "")
    st.session_state["step"] = pressed("propose-") or st.session_state["step"]  # its outcome stays in sight
    asked = names.get(str(st.session_state["step"]))
    nexts = (rung for rung in rungs if rung.place is Place.NEXT and may_be_proposed(rung))
    return asked or next(nexts, None)


def _ladder(rungs: tuple[Rung, ...], chosen: Rung | None) -> None:
    sequence = rungs[: next(i for i, rung in enumerate(rungs) if rung.name == "canary-1") + 1]
    rest = rungs[len(sequence) :]
    if all(rung.place is Place.BEHIND for rung in sequence[:-1]):
        st.html(
            passed("Enable sequence", "all six steps: kill on, feature, allowlist, 1 %, verified, released")
        )
        if sequence[-1].place is Place.HERE:
            _row(sequence[-1], chosen)
    else:
        for rung in sequence:
            _row(rung, chosen)
    broaden = [rung for rung in rest if rung.name.startswith("broaden-")]
    for rung in rest:
        if rung not in broaden:
            _row(rung, chosen)
        elif rung is broaden[0]:
            _broadening(broaden)


def _row(rung: Rung, chosen: Rung | None) -> None:
    with st.container(key=f"rung-{rung.name}", horizontal=True, vertical_alignment="center", gap="small"):
        is_chosen = chosen is not None and rung.name == chosen.name
        way = jumps(**{PROPOSE: "its form"}) if is_chosen else ""
        st.html(markup(rung, is_chosen=is_chosen) + way)
        if rung.place is Place.BEHIND or (rung.place is Place.HERE and rung.patch is None):
            return
        match rung.way:
            case Way.PROPOSE:
                _button(rung, f"Prepare {rung.name}", not may_be_proposed(rung))
            case Way.EDIT:
                st.button(
                    "Open the editor", key=f"choose-{rung.name}", on_click=_to_part, args=(Part.ALLOWLIST,)
                )
            case Way.STOP | Way.PROBE | Way.AT_ONCE:
                return


def _broadening(rungs: list[Rung]) -> None:
    with st.container(key="rung-broaden", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(broadening(rungs))
        if any(rung.place is Place.NEXT for rung in rungs):
            st.button("Open the editor", key="choose-broaden", on_click=_to_part, args=(Part.ALLOWLIST,))


def _button(rung: Rung, label: str, is_illegal: bool) -> None:
    st.button(
        label,
        key=f"choose-{rung.name}",
        type="primary" if rung.place is Place.NEXT and not is_illegal else "secondary",
        disabled=is_illegal,
        on_click=_choose,
        args=(rung.name,),
    )


def _choose(name: str) -> None:
    st.session_state["step"] = name
    st.query_params["step"] = name


def _to_part(part: Part) -> None:
    st.session_state["part"] = part.value
    st.query_params["part"] = part.value
