"""What a reader chose, kept in the address, so that a link shows the same view.

Streamlit's own binding would write labels there; these write stable names. What the address asks for and
is not known is passed over.
"""

from collections.abc import Callable, Collection

import streamlit as st


def from_address(name: str, known: Collection[str] | Callable[[str], bool], default: str) -> str:
    """On the first run of a visit take the value of the widget `name` from the address."""
    if name not in st.session_state:
        asked = st.query_params.get(name, default)
        fits = known(asked) if callable(known) else asked in known
        st.session_state[name] = asked if fits else default
    return str(st.session_state[name])


def into_address(name: str, default: str) -> None:
    """After a choice: write it there; what is the default stays out. For `on_change`."""
    chosen = st.session_state[name]
    if chosen == default or chosen is None:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = str(chosen)
