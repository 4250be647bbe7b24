"""Runbook: what to do now, from the documents that came with this program. It needs no network."""

import streamlit as st

from dashboard.data.controls_file import read_strip
from dashboard.data.handbook import Topic, codes, search, topic, topics
from dashboard.data.runbook_now import fitting
from dashboard.server import seat
from dashboard.views.address import from_address, into_address
from dashboard.views.live import Moment, live
from dashboard.views.markup import tag, text
from dashboard.views.runbook import drawn
from dashboard.views.runbook.lists import nothing_found, nothing_installed, now_panel, topic_list, unknown

_LONGEST = 100


def render() -> None:
    """What fits now in the live part; the topic and its commands below, where nothing moves."""
    head = st.container()
    live(_now, paused=False, head=head)
    if not topics():
        st.html(nothing_installed())
        return
    wanted = _search()
    asked = str(st.query_params.get("topic", ""))
    beside, reading = st.container(key="runbook").columns([1, 3], gap="large")
    with reading:
        if wanted:
            found = search(wanted)
            st.html(topic_list(f"Found for {wanted!r}", found) if found else nothing_found(wanted))
        else:
            _topic(asked)
    with beside:
        st.html(
            topic_list("Topics", topics(), asked) + topic_list("Reason codes", codes(), asked, is_long=True)
        )


def _now(_moment: Moment) -> None:
    place = seat.taken()
    watched = place.watch.watched
    verdict = None if watched.reviewed is None else watched.reviewed.verdict
    strip = read_strip(place.controls, place.home.control_file)
    st.html(now_panel(fitting(strip, verdict, watched.failure)))


def _search() -> str:
    from_address("q", lambda value: len(value) <= _LONGEST and value.isprintable(), "")
    said = st.text_input(
        "Search the runbook", key="q", on_change=into_address, args=("q", ""), max_chars=_LONGEST, width=360
    )
    return str(said or "").strip()


def _topic(asked: str) -> None:
    found = topic(asked) if asked else _first()
    if found is None:
        st.html(unknown(asked))
        return
    st.html(tag("h2", text(found.title), cls="sg-heading sg-topic-title"))
    drawn.draw(found, seat.taken().home.root)


def _first() -> Topic | None:
    """Nothing was asked for: what fits now, else the beginning."""
    place = seat.taken()
    watched = place.watch.watched
    verdict = None if watched.reviewed is None else watched.reviewed.verdict
    strip = read_strip(place.controls, place.home.control_file)
    fits = fitting(strip, verdict, watched.failure)
    return (topic(fits[0].name) if fits else None) or topics()[0]
