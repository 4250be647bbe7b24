"""Who looks at this page, as they stand at this moment: ask before every command, not once a visit."""

from urllib.parse import unquote

import streamlit as st

from dashboard.auth.visitor import Visitor
from dashboard.server import seat


def reader() -> Visitor | None:
    """The person, or None: nobody signed in, or no longer.

    `st.user` is fixed when the page connects, so it names the session and nothing more; roles, the end
    of the session and of the person are looked up anew.
    """
    access = seat.taken().access
    if access is None:
        return None
    session, operator = st.user.get("session"), st.user.get("operator")
    if session:
        return access.again(str(session))
    return access.named(unquote(str(operator))) if operator else None
