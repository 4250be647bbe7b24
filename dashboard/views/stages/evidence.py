"""The frozen evidence on which a stay was left: which, and the bytes of it."""

from functools import partial

import streamlit as st

from dashboard.server import seat
from dashboard.views.links import link
from dashboard.views.markup import tag, text
from dashboard.views.stages.rows import Row


def evidence(row: Row) -> None:
    """Where it is kept; nothing where none was."""
    last = None if row.people is None else row.people.word
    if last is None or last.digest is None:
        return
    asked = ""
    if last.request is not None:
        asked = link("review", text(f"request {last.request}"), request=last.request)
    with st.container(key="stage-evidence", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(
            tag(
                "p",
                "Frozen evidence ",
                tag("code", text(last.digest[:19] + "…"), title=last.digest),
                f" of {asked}" if asked else "",
                cls="sg-note",
            ),
            width="content",
        )
        st.download_button(
            "Evidence as JSON",
            partial(_frozen, last.digest),
            f"slotgate-evidence-{last.digest.partition(':')[2][:12]}.json",
            "application/json",
            key="stage-evidence-file",
            help="Byte for byte what was signed: its SHA-256 is the digest",
            on_click="ignore",
            type="tertiary",
        )


def _frozen(digest: str) -> bytes:
    with seat.taken().to_look() as service:
        return service.frozen_review(digest)
