"""Who may do what, read only: operators with their roles, and their tokens. Changes are made from a shell."""

import pandas as pd
import streamlit as st

from dashboard.data.cached.controls import People, people_of
from dashboard.server import seat
from dashboard.views.controls.states import no_record, note
from dashboard.views.table import TIME, table
from gates.errors import GateError


def draw(now_ns: int) -> None:
    """Draw both tables."""
    try:
        found = people_of(seat.taken(), now_ns)
    except GateError as error:
        st.html(no_record(error))
        return
    zone = st.context.timezone or "UTC"
    at = st.column_config.DatetimeColumn
    times = {name: at(name, format=TIME, timezone=zone) for name in ("added", "granted", "disabled")}
    table(_operators(found), key="operators", title="Operators", note="who has which role", columns=times)
    st.html(
        note(
            "Added and changed with `slotgate operators add NAME --role ROLE`, `roles` and `disable`; more "
            "power takes two people where rules are enforced."
        )
    )
    times = {name: at(name, format=TIME, timezone=zone) for name in ("made", "expires", "revoked", "used")}
    table(
        _tokens(found),
        key="tokens",
        title="Tokens",
        note="only their names; no secret is kept",
        columns=times,
    )
    st.html(note("Issued and revoked with `slotgate tokens`; a `kill` token opens the kill alone."))


def _operators(found: People) -> pd.DataFrame:
    rows = found.operators
    return pd.DataFrame(
        {
            "operator": [one.operator_id for one in rows],
            "roles": [", ".join(sorted(one.roles)) or "no role" for one in rows],
            "added_by": [one.added_by or "the founding" for one in rows],
            "added": _times([one.added_at_ns for one in rows]),
            "granted_by": [one.granted_by or "" for one in rows],
            "granted": _times([one.granted_at_ns for one in rows]),
            "disabled": _times([one.disabled_at_ns for one in rows]),
        }
    )


def _tokens(found: People) -> pd.DataFrame:
    rows = found.tokens
    return pd.DataFrame(
        {
            "token": [one.token_id for one in rows],
            "operator": [one.operator_id for one in rows],
            "scope": [one.scope.value for one in rows],
            "made": _times([one.created_at_ns for one in rows]),
            "expires": _times([one.expires_at_ns for one in rows]),
            "used": _times([one.last_used_ns for one in rows]),
            "revoked": _times([one.revoked_at_ns for one in rows]),
        }
    )


def _times(moments: list[int | None] | list[int]) -> pd.Series:
    return pd.to_datetime(pd.Series(moments, dtype="Int64"), unit="ns", utc=True)
