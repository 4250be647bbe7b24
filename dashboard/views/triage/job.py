"""One job: looked for when asked, told as one story."""

import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.data import format as words
from dashboard.data.cached import triage as cached
from dashboard.data.inert import shown
from dashboard.data.triage.explained import explained
from dashboard.data.triage.jobs import MOST_JOBS, MOST_LINES, MOST_LOOKED_AT, SHORTEST_PREFIX
from dashboard.data.triage.story import story
from dashboard.server import seat
from dashboard.views.address import from_address, into_address
from dashboard.views.live import live, readers_zone
from dashboard.views.states import failed_store
from dashboard.views.table import exports, heading
from dashboard.views.triage import bad, parts
from dashboard.views.tried import tried
from gates.decision.bucket import bucket
from gates.errors import GateError
from gates.store.review_rows import BadOutputRow
from gates.verdict.wording import count
from ingest.quarantine import RecordPlace

LONGEST = 16_384
EXACT, PREFIX = "exact", "prefix"
WAYS = {EXACT: "exactly this id", PREFIX: "ids that begin so"}


def draw(paused: bool, head: DeltaGenerator) -> None:
    """The search, then what it found. A look is done once each time somebody asks."""
    _from_line()
    from_address("job", lambda said: len(said) <= LONGEST, "")
    from_address("how", WAYS, EXACT)
    with st.container(key="triage-search", horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Job id",
            key="job",
            placeholder="as telemetry names it",
            max_chars=LONGEST,
            on_change=_asked,
            width=460,
            autocomplete="off",
        )
        st.segmented_control(
            "Which", list(WAYS), key="how", format_func=WAYS.__getitem__, on_change=_asked, required=True
        )
        if st.button("Look again", key="look-again", disabled=not st.session_state["job"]):
            _once_more()
    live(lambda _moment: None, paused=paused, head=head)
    wanted = str(st.session_state["job"])
    asked = int(st.session_state.setdefault("triage-asked", seat.taken().loader.status.generation))
    if not wanted:
        st.html(parts.hint())
    elif st.session_state["how"] == PREFIX:
        _prefixed(wanted, asked)
    else:
        _job(wanted, asked)


def _from_line() -> None:
    """A job whose id is too long for an address is named by a line of it."""
    place = RecordPlace.of(st.query_params.get("line", ""))
    if place is None or "job" in st.session_state:
        return
    found = tried(lambda: cached.named_at(seat.taken().store, place))
    if found is not None:
        st.session_state["job"] = found


def _asked() -> None:
    """Another question: it is written to the address, and the look is done anew."""
    st.query_params.pop("line", None)
    into_address("job", "")
    if len(str(st.session_state["job"])) > parts.LONGEST_IN_ADDRESS:
        st.query_params.pop("job", None)
    into_address("how", EXACT)
    _once_more()


def _once_more() -> None:
    st.session_state["triage-asked"] = time.time_ns()


def _prefixed(prefix: str, asked: int) -> None:
    if len(prefix) < SHORTEST_PREFIX:
        st.html(parts.note(f"Give at least {SHORTEST_PREFIX} characters: fewer begin too many ids."))
        return
    found = tried(lambda: cached.prefixed(seat.taken().store, prefix, asked))
    if found is None:
        return
    if not found.jobs:
        st.html(parts.nothing(f"No job id begins with “{shown(prefix, 80)}”", found.took_s))
        return
    more = f"; only the newest {MOST_JOBS} are listed" if found.cut else ""
    bound = f"of the first {words.count(MOST_LOOKED_AT)} such lines"
    note = f"{count(len(found.jobs), 'job')} in {found.took_s:.2f} s, {bound}{more}"
    heading("Jobs", note)
    st.html(parts.jobs_table(found.jobs, readers_zone()))
    exports(pd.DataFrame(found.jobs), key="triage-jobs", name="Jobs found")


def _job(job_id: str, asked: int) -> None:
    place, zone = seat.taken(), readers_zone()
    answer = tried(lambda: cached.job_of(place.store, job_id, asked))
    if answer is None:
        return
    found, then = answer
    reports, audit, whole = _on_record(job_id)
    if not found.lines and not found.quarantined and not reports and not audit and found.spec is None:
        st.html(parts.nothing(f"Nothing is known of “{shown(job_id, 80)}”", found.took_s))
        return
    heading("Job", f"found in {found.took_s:.2f} s")
    st.code(job_id if job_id.isprintable() else shown(job_id, LONGEST), language=None, wrap_lines=True)
    st.html(parts.facts(found, reports, bucket(job_id)))
    now = explained("now", place.controls.current(), job_id, found.spec)
    st.html(parts.gates((now, *then)))
    events = story(found, reports, audit)
    cut = (
        "" if found.total <= MOST_LINES else f"; the newest {MOST_LINES} of {words.count(found.total)} lines"
    )
    some = "" if whole else "; only the newest audit records were looked through"
    heading("Story", f"oldest first{cut}{some}")
    st.html(parts.story_table(events, zone))
    exports(_frame([asdict(one) for one in events]), key="triage-story", name="Story of a job")
    if found.lines:
        with st.expander(
            f"Its lines as data ({len(found.lines)})", key="triage-lines-shut", on_change="rerun"
        ) as shut:
            if shut.open:
                st.dataframe(
                    _frame([asdict(one) for one in found.lines]), key="triage-lines", hide_index=True
                )
                exports(
                    _frame([asdict(one) for one in found.lines]), key="triage-lines", name="Lines of a job"
                )
    bad.report_form(job_id, reports)


def _on_record(job_id: str) -> tuple[tuple[BadOutputRow, ...], tuple[dict[str, Any], ...], bool]:
    place, now_ns = seat.taken(), time.time_ns()
    try:
        reports = tuple(one for one in cached.reports_of(place, now_ns) if one.job_id == job_id)
        audit, whole = cached.audit_naming(place.home, job_id, now_ns)
    except GateError as error:
        st.html(failed_store(error))
        return (), (), False
    return reports, audit, whole


def _frame(rows: list[Mapping[str, Any]] | list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(rows)
