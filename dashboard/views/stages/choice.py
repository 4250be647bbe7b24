"""Which stay is looked at closely and with which it is compared, kept in the address.

A step alone in the address means its newest stay, so that other pages can link without knowing revisions.
"""

from datetime import tzinfo

import streamlit as st

from dashboard.data import format as words
from dashboard.data.stages import ListedStay, named

NONE = ""
_STAY, _WITH = "stages-stay", "stages-with"


def choose(listing: tuple[ListedStay, ...], zone: tzinfo) -> tuple[ListedStay | None, ListedStay | None]:
    """Draw both pickers; the stay and the one to compare it with, null where none is chosen."""
    first = _picker("A stay closely", _STAY, "step", "Look at one stay …", listing, zone)
    if first is None:
        return None, None
    others = tuple(one for one in listing if one != first)
    return first, _picker("Compare it with", _WITH, "with", "Compare with …", others, zone)


def _picker(
    label: str, key: str, address: str, nothing: str, listing: tuple[ListedStay, ...], zone: tzinfo
) -> ListedStay | None:
    by_name = {one.name: one for one in listing}
    if key not in st.session_state:
        asked = named(listing, st.query_params.get(address, NONE))
        st.session_state[key] = NONE if asked is None else asked.name
    elif st.session_state[key] not in by_name:
        st.session_state[key] = NONE
    # What is chosen stands in the address by its full name: a step alone would mean another stay one day.
    if st.session_state[key] and st.query_params.get(address) != st.session_state[key]:
        st.query_params[address] = st.session_state[key]

    def said(name: str) -> str:
        return title(by_name[name], zone) if name in by_name else nothing

    chosen = st.selectbox(
        label,
        [NONE, *by_name],
        key=key,
        format_func=said,
        on_change=_write,
        args=(key, address),
        label_visibility="collapsed",
        width=330,
    )
    return by_name.get(str(chosen or NONE))


def _write(key: str, address: str) -> None:
    if st.session_state[key]:
        st.query_params[address] = st.session_state[key]
    else:
        st.query_params.pop(address, None)


def title(one: ListedStay, zone: tzinfo) -> str:
    """`expand-10 · revision 17 · Thu 19 Nov 03:12`."""
    return f"{one.stay.step.value} · {revisions(one)} · {words.instant(one.stay.from_ns, zone)[:-3]}"


def revisions(one: ListedStay) -> str:
    """`revision 17`, `revisions 17 to 19`."""
    numbers = one.stay.revisions
    if len(numbers) == 1:
        return f"revision {numbers[0]}"
    return f"revisions {numbers[0]} to {numbers[-1]}"
