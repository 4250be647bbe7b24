"""What the reader can do with a request: comment, sign, apply, reject. It stands outside the live part.

Every button carries the digest of the content that the page showed when it was drawn, so that an edit
between looking and pressing is a conflict, and what widens is confirmed by typing what it opens.
"""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboard.commands.outcome import Done
from dashboard.commands.perform import Deed, Needs
from dashboard.data.requests import Sheet, barred, blocked
from dashboard.record.evidence import compared
from dashboard.views.command import command, outcome_box, outcome_of
from dashboard.views.markup import glyph, tag, text
from dashboard.views.review.words import heading
from dashboard.views.table import exports
from gates.changes.answers import Answer
from gates.changes.content import CONTROLS, DRILL
from gates.changes.service import ChangeService
from gates.errors import InvalidChange, NotSignedIn
from gates.policy.intent import Actor, Mode, Role
from gates.policy.rules.safety import NARROWING_ROLES
from gates.store.rows import RequestState

_REJECTING = frozenset({Role.APPROVER}) | NARROWING_ROLES


_MOVED = "it was edited since you opened it; show it as it stands, then decide"


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What has to be typed, what was, and why the person lacks the role, null where they have it."""

    word: str | None
    typed: str
    barred: str | None

    def check(self) -> None:
        """Raise `NotSignedIn` or `InvalidChange`."""
        if self.barred is not None:
            raise NotSignedIn(self.barred)
        if self.word is not None and self.typed != self.word:
            raise InvalidChange(f"it was not confirmed: type `{self.word}` into the field, then press again")


def shown_digest(sheet: Sheet) -> str:
    """The content that this visit showed first. It stays until the reader loads the page anew: a click or a
    typed word runs the script again, and must not sign what came in between.
    """
    row = sheet.file.row
    return str(st.session_state.setdefault(f"review-shown-{row.number}", row.content_digest))


def draw(sheet: Sheet, reader: Actor | None) -> None:
    """The panel beside the request."""
    number = sheet.file.row.number
    if sheet.is_open:
        st.html(heading("Decide", "you sign and apply exactly what this page showed", anchor="decide"))
        _sign(sheet, reader)
        _apply(sheet, reader)
        _reject(sheet, reader)
        _edit(sheet, reader)
    else:
        st.html(heading("Closed", "nothing more can become of this request", anchor="decide"))
        for deed in ("sign", "apply", "reject"):
            _came_of(f"{deed}-{number}")
    _comment(number, reader)
    _files(sheet)


def _sign(sheet: Sheet, reader: Actor | None) -> None:
    number = sheet.file.row.number
    if reader is not None and _has_signed(sheet, reader):
        st.html(tag("p", glyph("✓", "sg-ok"), "You signed it as it stands.", cls="sg-r-line"))
        _came_of(f"sign-{number}")
        return
    typed = _typed(sheet, "sign")
    command(
        "Sign it",
        _signing(
            number, shown_digest(sheet), Confirmed(sheet.asked.confirm, typed, barred(sheet.prospect.sign))
        ),
        key=f"sign-{number}",
        name="approve",
        needs=_needs(sheet),
        primary=True,
        because_not=_not_signing(sheet, reader),
        roles=frozenset({Role.APPROVER}),
    )


def _came_of(key: str) -> None:
    """What came of a button that is gone now."""
    outcome = outcome_of(key)
    if outcome is not None:
        st.html(outcome_box(outcome))


def _apply(sheet: Sheet, reader: Actor | None) -> None:
    row = sheet.file.row
    if row.kind == DRILL:
        said = f"A drill is run on the host, when it is signed: slotgate drill kill {row.number}"
        st.html(tag("p", glyph("–", "sg-soft"), text(said), cls="sg-because"))
        return
    typed = _typed(sheet, "apply")
    command(
        "Apply it",
        _applying(
            row.number,
            shown_digest(sheet),
            Confirmed(sheet.asked.confirm, typed, barred(sheet.prospect.apply)),
        ),
        key=f"apply-{row.number}",
        name="apply",
        needs=_needs(sheet),
        primary=row.state is RequestState.APPROVED,
        because_not=_not_applying(sheet, reader),
    )


def _reject(sheet: Sheet, reader: Actor | None) -> None:
    number = sheet.file.row.number
    not_me = _not_rejecting(sheet, reader)
    said = st.text_input(
        "Reason for rejecting it", key=f"reject-{number}-reason", disabled=not_me is not None, max_chars=1000
    )
    command(
        "Reject it",
        _rejecting(number, said),
        key=f"reject-{number}",
        name="reject",
        because_not=not_me,
        roles=None,
    )


def _edit(sheet: Sheet, reader: Actor | None) -> None:
    row = sheet.file.row
    if row.kind == CONTROLS and reader is not None and reader.actor_id in row.editors:
        words = "Edit it in Controls: signatures of the old content no longer count then."
        link = tag("a", text(words), href=f"/controls?request={row.number}", target="_self")
        st.html(tag("p", link, cls="sg-because"))


def _comment(number: int, reader: Actor | None) -> None:
    st.html(heading("Say something"))
    not_me = None
    if reader is None:
        not_me = "sign in to comment"
    elif not reader.roles:
        not_me = "a comment takes a role; ask an admin for one"
    key = f"comment-{number}"
    outcome, box, emptied = outcome_of(key), f"{key}-words", f"{key}-emptied-after"
    if isinstance(outcome, Done) and st.session_state.get(emptied) is not outcome:
        # The same box, emptied: one with another key would stand beside the old one until the script ends.
        st.session_state[box] = ""
    said = st.text_area("Comment", key=box, height=90, max_chars=4096, disabled=not_me is not None)
    st.session_state[emptied] = outcome
    command(
        "Comment",
        _commenting(number, said),
        key=key,
        name="comment",
        because_not=not_me,
        roles=None,
    )


def _files(sheet: Sheet) -> None:
    number = sheet.file.row.number
    page = tag("a", "Decision record", href=f"/record/{number}", target="_blank", rel="noopener")
    kept = tag("a", "as an HTML file", href=f"/record/{number}", download=f"slotgate-request-{number}.html")
    whole = tag("a", "as JSON", href=f"/record/{number}.json", download=f"slotgate-request-{number}.json")
    note = "It stands alone: evidence, reasons, signatures, audit records with their hashes."
    st.html(
        heading("Keep it")
        + tag("p", page, " · ", kept, " · ", whole, cls="sg-r-files")
        + tag("p", text(note), cls="sg-note")
    )
    if sheet.frozen is not None:
        lines = [
            {"what": one.name, "frozen": one.frozen, "live": one.live}
            for one in compared(sheet.frozen, sheet.live)
        ]
        exports(pd.DataFrame(lines), key="evidence", name=f"request {number} evidence")


def _typed(sheet: Sheet, deed: str) -> str:
    """What the reader typed to confirm; empty where nothing has to be."""
    word = sheet.asked.confirm
    if word is None:
        return ""
    kept: str = st.text_input(
        f"Type {word} to {deed} it",
        key=f"{deed}-{sheet.file.row.number}-word",
        autocomplete="off",
        disabled=(_not_signing if deed == "sign" else _not_applying)(sheet, _anybody(sheet)) is not None,
    )
    return kept.strip()


def _anybody(sheet: Sheet) -> Actor | None:
    """Stands for a reader who is signed in: whether they are shows in the prospect."""
    return None if sheet.prospect.sign is None else Actor("", frozenset())


def _has_signed(sheet: Sheet, reader: Actor) -> bool:
    row = sheet.file.row
    return any(
        one.approver_id == reader.actor_id
        and one.content_digest == row.content_digest
        and one.evidence_digest == row.evidence_digest
        for one in sheet.file.approvals
    )


def _needs(sheet: Sheet) -> Needs:
    return Needs.FRESH_PROOF if sheet.asked.releases else Needs.SESSION


def _not_signing(sheet: Sheet, reader: Actor | None) -> str | None:
    if reader is None:
        return "sign in to sign it"
    if sheet.file.row.content_digest != shown_digest(sheet):
        return _MOVED
    if blocked(sheet.prospect.sign) or barred(sheet.prospect.sign):
        kept = sheet.prospect.keeps_from_signing
        against = [one.words for one in sheet.prospect.stands_against_signing]
        return (*kept, *against)[0]
    if sheet.prospect.sign is None:
        return sheet.prospect.failed
    if sheet.file.mode is Mode.ENFORCE and sheet.prospect.not_counting is not None:
        return sheet.prospect.not_counting
    return None


def _not_applying(sheet: Sheet, reader: Actor | None) -> str | None:
    if reader is None:
        return "sign in to apply it"
    if sheet.file.row.content_digest != shown_digest(sheet):
        return _MOVED
    if blocked(sheet.prospect.apply) or barred(sheet.prospect.apply):
        kept = sheet.prospect.keeps_from_applying
        against = [one.words for one in sheet.prospect.stands_against_applying]
        return (*kept, *against)[0]
    return sheet.prospect.failed if sheet.prospect.apply is None else None


def _not_rejecting(sheet: Sheet, reader: Actor | None) -> str | None:
    if reader is None:
        return "sign in to reject it"
    if reader.roles & _REJECTING or reader.actor_id in sheet.file.row.editors:
        return None
    return "rejecting it takes the role approver, engineering_owner or oncall, or to have asked for it"


def _signing(number: int, digest: str, confirmed: Confirmed) -> Deed:
    def sign(service: ChangeService, actor: Actor) -> Answer:
        confirmed.check()
        return service.approve(actor, number, digest)

    return sign


def _applying(number: int, digest: str, confirmed: Confirmed) -> Deed:
    def apply(service: ChangeService, actor: Actor) -> Answer:
        confirmed.check()
        return service.apply(actor, number, digest)

    return apply


def _rejecting(number: int, reason: str) -> Deed:
    def reject(service: ChangeService, actor: Actor) -> str:
        if not reason.strip():
            raise InvalidChange("a rejection says why; write the reason, then reject it")
        service.reject(actor, number, reason)
        return f"request {number} is rejected"

    return reject


def _commenting(number: int, said: str) -> Deed:
    def comment(service: ChangeService, actor: Actor) -> str:
        service.comment(actor, number, said)
        return "your comment is on record"

    return comment
