"""Quarantine: what looked like telemetry and was not valid, why, its bytes, and the second reading."""

from collections.abc import Sequence
from datetime import tzinfo

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.data import format as words
from dashboard.data.cached import triage as cached
from dashboard.data.inert import hex_view, is_binary, shown, shown_bytes
from dashboard.data.triage.causes import IN_WORDS
from dashboard.documents.quarantine import RAW_ROLES
from dashboard.server import seat
from dashboard.views.address import from_address, into_address
from dashboard.views.command import command, outcome_box, outcome_of
from dashboard.views.gate_audit.parts import at
from dashboard.views.links import link
from dashboard.views.live import Moment, live, readers_zone
from dashboard.views.markup import card_row, glyph, table_box, tag, text
from dashboard.views.paging import asked_page, page_links
from dashboard.views.prose import prose
from dashboard.views.reader import reader
from dashboard.views.table import exports, heading
from dashboard.views.triage.bad import may_not
from dashboard.views.tried import tried
from gates.changes.service import ChangeService
from gates.errors import InvalidChange
from gates.policy.intent import Actor
from ingest.contract.outcomes import RAW_LIMIT, Cause
from ingest.quarantine import (
    Became,
    Held,
    Quarantine,
    QuarantineQuestion,
    Reading,
    RecordPlace,
    ReplayRequest,
    reread,
)

LINES = 25
_LONG = 200


def draw(paused: bool, head: DeltaGenerator) -> None:
    """The chosen record first, with its commands; then counts and the list, which refresh themselves."""
    from_address("cause", list(Cause), "")
    st.selectbox(
        "Cause",
        ["", *(cause.value for cause in Cause)],
        key="cause",
        format_func=lambda value: value or "any cause",
        on_change=_again,
        width=240,
    )
    cause, page = str(st.session_state["cause"]), asked_page()
    above = st.container()
    live(lambda moment: _body(cause, page, moment), paused=paused, head=head)
    place = RecordPlace.of(st.query_params.get("record", ""))
    with above:
        if place is not None:
            _record(place)


def _again() -> None:
    st.query_params.pop("page", None)
    st.query_params.pop("record", None)
    into_address("cause", "")


def _body(cause: str, page: int, moment: Moment) -> None:
    skipped = LINES * (page - 1)
    found = tried(lambda: cached.quarantine_of(seat.taken().store, cause, LINES, skipped, moment.now_ns))
    if found is None:
        return
    if not found.count:
        st.html(tag("p", glyph("✓", "sg-ok"), "Nothing is in quarantine.", cls="sg-note"))
        return
    claims = sum(one.claims_openai for one in found.causes)
    heading("By cause", f"{words.count(found.count)} records, {words.count(claims)} say path openai")
    if claims:
        said = (
            "What says path openai counts as exposure unknown: a gate-audit finding, and the verdict is HOLD."
        )
        st.html(tag("p", glyph("▲", "sg-warn"), said, cls="sg-note"))
    st.html(_causes(found, moment.zone))
    total = sum(one.records for one in found.causes if not cause or one.cause == cause)
    if not found.records:
        return
    pages = -(-total // LINES)
    heading("Records", f"newest first; page {page} of {words.count(pages)}")
    st.html(_list(found.records, cause, moment.zone))
    query = {"tab": "quarantine", "cause": cause}
    page_links("triage", "records", page, pages, query)
    exports(
        pd.DataFrame([one.as_record() for one in found.records]),
        key="triage-held",
        name="Quarantined records",
    )


def _causes(found: Quarantine, zone: tzinfo) -> str:
    names = (
        ("cause", ""),
        ("means", ""),
        ("records", "sg-number"),
        ("say openai", "sg-number"),
        ("first", ""),
        ("last", ""),
    )
    head = tag("tr", *(tag("th", name, scope="col", cls=cls) for name, cls in names))
    body = [
        card_row(
            [name for name, _ in names],
            tag(
                "th",
                link("triage", text(one.cause), tab="quarantine", cause=one.cause),
                scope="row",
                cls="sg-code",
            ),
            tag("td", text(IN_WORDS[one.cause])),
            tag("td", text(words.count(one.records)), cls="sg-number"),
            tag("td", text(words.count(one.claims_openai)), cls="sg-number"),
            tag("td", at(one.first_ns, zone)),
            tag("td", at(one.last_ns, zone)),
        )
        for one in found.causes
    ]
    return table_box(tag("thead", head), tag("tbody", *body), cls="sg-causes sg-cards")


def _list(records: Sequence[Held], cause: str, zone: tzinfo) -> str:
    names = ("record", "cause", "what is wrong", "time", "source")
    head = tag("tr", *(tag("th", name, scope="col") for name in names))
    body = [
        card_row(
            names,
            tag(
                "td",
                link("triage", tag("code", str(one.place)), tab="quarantine", cause=cause, record=one.place),
            ),
            tag("td", tag("code", text(one.cause)), _claims(one)),
            tag("td", prose(shown(one.detail, _LONG)), cls="sg-words"),
            tag("td", at(one.line_time_ns, zone)),
            tag(
                "td", text(shown(one.source.rpartition("/")[2] or one.source, 60)), tag("small", _where(one))
            ),
        )
        for one in records
    ]
    return table_box(
        tag("thead", head), tag("tbody", *body), label="Quarantined records", cls="sg-lines sg-cards"
    )


def _claims(one: Held) -> str:
    return tag("small", glyph("▲", "sg-warn"), "says path openai") if one.claims_openai else ""


def _where(one: Held) -> str:
    return text(f"{one.trust}, byte {words.count(one.place.line_offset)}, {words.count(one.size)} bytes kept")


def _record(place: RecordPlace) -> None:
    """One record: what is wrong, its bytes for who may see them, what a second reading would do."""
    found = tried(lambda: seat.taken().telemetry.quarantine(QuarantineQuestion(place=place, limit=1)))
    if found is None:
        return
    heading(f"Record {place}", "")
    if not found.records:
        said = "No such record is in quarantine: it was taken in, its line was read again, or it never was."
        st.html(tag("p", said, cls="sg-note", data_state="record-gone"))
        _outcome_of_replay()
        return
    held = found.records[0]
    facts = (
        tag("p", tag("b", text(held.cause)), ": ", text(IN_WORDS[held.cause]), "."),
        tag("p", prose(shown(held.detail, 400))),
        tag(
            "p",
            text(shown(held.source, 300)),
            ", ",
            _where(held),
            ", ",
            at(held.line_time_ns, readers_zone()),
        ),
    )
    st.html(tag("div", *facts, _claims(held), cls="sg-record"))
    _bytes(held)
    _replay(held)


def _bytes(held: Held) -> None:
    who = reader()
    if who is None or not who.roles & RAW_ROLES:
        needed = " or ".join(sorted(RAW_ROLES))
        st.html(
            tag(
                "p",
                glyph("–", "sg-soft"),
                f"What it says byte for byte takes the role {needed}.",
                cls="sg-because",
            )
        )
        return
    raw = held.kept
    cut = f", cut at {RAW_LIMIT:,}" if len(raw) >= RAW_LIMIT else ""
    note = f"{words.count(len(raw))} bytes as stored{cut}; what looked like a key is masked"
    st.html(tag("p", text(f"{note}; invisible characters are escapes"), cls="sg-note"))
    views = {"text": shown_bytes(raw), "hexadecimal": hex_view(raw)}
    first, second = st.tabs(list(views), default="hexadecimal" if is_binary(raw) else "text", key="raw-view")
    first.code(views["text"], language=None, wrap_lines=True)
    second.code(views["hexadecimal"], language=None)


def _replay(held: Held) -> None:
    place, reading = held.place, reread(held)
    if isinstance(reading, Reading):
        would = "Today's parser finds it valid: a replay takes it in, once, and the gate audit judges it."
        st.html(tag("p", glyph("✓", "sg-ok"), would, cls="sg-note"))
    else:
        st.html(
            tag(
                "p",
                glyph("✕", "sg-failed"),
                "A replay would change nothing: ",
                text(shown(reading.why, 300)),
                ".",
                cls="sg-note",
            )
        )
    reason = st.text_input("Why it is read again", key="replay-reason", max_chars=400, width=460)
    because = may_not()
    if because is None and not isinstance(reading, Reading):
        because = "today's parser does not find it valid"
    if because is None and held.is_open:
        because = "its line may still be written to; the next load reads it again"
    if because is None and not reason.strip():
        because = "say why first"

    def replayed(service: ChangeService, actor: Actor) -> str:
        service.ask_replay(actor, f"record {place}", reason)
        [answer] = seat.taken().telemetry.replay(ReplayRequest(places=(place,)))
        if answer.became in (Became.REFUSED, Became.UNKNOWN):
            raise InvalidChange(f"record {place} was not taken in: {answer.why}")
        return f"record {place}: {answer.became}, {answer.why}"

    command("Replay this record", replayed, key="replay", name="replay quarantine", because_not=because)


def _outcome_of_replay() -> None:
    """What the replay of this visit led to stays to be read, though its record is gone."""
    outcome = outcome_of("replay")
    if outcome is not None:
        st.html(outcome_box(outcome))
