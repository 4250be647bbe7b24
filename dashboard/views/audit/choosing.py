"""Which records the reader wants, kept in the address."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import streamlit as st

from dashboard.data.audit import AuditFilter
from dashboard.views.address import from_address, into_address
from schemas.instant import SECOND

ANY = ""
OUTCOMES = (ANY, "ALLOWED", "WOULD_BLOCK", "BLOCKED", "UNCHECKED")
SINCE_HOURS = {"1h": 1, "24h": 24, "7d": 168, "30d": 720}
_SINCE_WORDS = {
    ANY: "any time",
    "1h": "last hour",
    "24h": "last 24 h",
    "7d": "last 7 days",
    "30d": "last 30 days",
}
ONLY = (ANY, "refusals", "late")
_ONLY_WORDS = {ANY: "everything", "refusals": "only refusals", "late": "only late records"}
_LONGEST = 200
TEXTS = (("actor", "Who"), ("action", "Action"), ("request", "Request"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What stands in the address. `below` is null on the newest page."""

    actor: str
    action: str
    request: str
    outcome: str
    since: str
    only: str
    below: int | None

    def filter(self, now_ns: int) -> AuditFilter:
        """For the query; a moment is rounded to a minute, so that readers share answers."""
        hours = SINCE_HOURS.get(self.since)
        minute = 60 * SECOND
        since = None if hours is None else (now_ns // minute) * minute - hours * 3600 * SECOND
        return AuditFilter(
            actor=self.actor,
            action=self.action,
            request=self.request,
            outcome=self.outcome,
            since_ns=since,
            refusals=self.only == "refusals",
            late=self.only == "late",
        )

    def address(self, below: int | None) -> str:
        """The same choice, further back."""
        names = ("actor", "action", "request", "outcome", "since", "only")
        given = {name: getattr(self, name) for name in names if getattr(self, name)}
        query = urlencode(given | ({} if below is None else {"below": str(below)}))
        return f"/audit?{query}" if query else "/audit"


def chosen() -> Choice:
    """Draw the inputs."""
    texts = {name: _typed(name, label) for name, label in TEXTS}
    return Choice(
        **texts,
        outcome=_picked("outcome", "Outcome", dict.fromkeys(OUTCOMES) | {ANY: "any outcome"}),
        since=_picked("since", "When", _SINCE_WORDS),
        only=_picked("only", "Show", _ONLY_WORDS),
        below=_below(),
    )


def _typed(name: str, label: str) -> str:
    from_address(name, lambda value: len(value) <= _LONGEST and value.isprintable(), ANY)
    said = st.text_input(
        label, key=name, on_change=_renewed, args=(name,), max_chars=_LONGEST, width=150, placeholder="any"
    )
    return str(said or "").strip()


def _picked(name: str, label: str, words: Mapping[str, str | None]) -> str:
    from_address(name, words, ANY)
    found = st.selectbox(
        label,
        list(words),
        key=name,
        format_func=lambda value: words[value] or value,
        on_change=_renewed,
        args=(name,),
        width=160,
    )
    return str(found or ANY)


def _renewed(name: str) -> None:
    """Another choice begins at the newest record."""
    into_address(name, ANY)
    st.query_params.pop("below", None)


def _below() -> int | None:
    asked = str(st.query_params.get("below", ""))
    return int(asked) if asked.isascii() and asked.isdigit() and 0 < len(asked) <= 15 else None
