"""What a person says about a change: the same fields for every form, kept from page to page."""

from dataclasses import dataclass

import streamlit as st

from gates.changes.content import Terms
from gates.errors import InvalidChange


@dataclass(frozen=True, slots=True)
class Said:
    """What was typed so far."""

    reason: str
    record: str

    def terms(self, exception: str = "", statement: str = "") -> Terms:
        """For a proposal. Raises `InvalidChange` where one of both is missing, in every mode."""
        if not self.reason.strip():
            raise InvalidChange("say why; it stays on record with the request")
        if not self.record.strip():
            raise InvalidChange("link the decision record that this carries out")
        return Terms(
            reason=self.reason.strip(),
            decision_record=self.record.strip(),
            exception=exception.strip() or None,
            broadening_not_needed=statement.strip() or None,
        )


def fields(where: str, pattern: str) -> Said:
    """The reason and the decision record; `where` tells the forms of different parts apart."""
    first, second = st.columns([3, 2], gap="small")
    reason = first.text_input(
        "Why",
        key=f"{where}-reason",
        persist_state="session",
        placeholder="what an approver has to know",
        max_chars=2_000,
    )
    record = second.text_input(
        "Decision record",
        key=f"{where}-record",
        persist_state="session",
        placeholder="link or id, as ADR-7",
        help=f"text that matches {pattern}",
        max_chars=500,
    )
    return Said(reason or "", record or "")


def typed(label: str, wanted: str, key: str) -> str:
    """A field that asks for one word to be typed."""
    return str(st.text_input(label, key=key, placeholder=wanted, max_chars=40, width=220) or "")


def require(found: str, wanted: str, what: str) -> None:
    """Raise `InvalidChange` where the word was not typed."""
    if found.strip().rstrip("%").strip() != wanted:
        raise InvalidChange(f"type `{wanted}` to confirm {what}; nothing was done")
