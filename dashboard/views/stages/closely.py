"""One stay closely: figures, latencies, outcomes, executorVersions, and what was changed and signed."""

from dataclasses import asdict

import duckdb
import pandas as pd
import streamlit as st

from dashboard.data import format as words
from dashboard.data.cached.stages import detail_of
from dashboard.data.stage_detail import Detail
from dashboard.errors import QueryTimeout
from dashboard.server import seat
from dashboard.views.links import link
from dashboard.views.live import Moment
from dashboard.views.markup import moment as at_time
from dashboard.views.markup import table_box, tag, text, titled
from dashboard.views.stages import rows as cells
from dashboard.views.stages.choice import revisions
from dashboard.views.stages.curves import curves
from dashboard.views.stages.evidence import evidence
from dashboard.views.stages.rows import Row
from dashboard.views.states import failed_query
from dashboard.views.table import exports
from gates.verdict.thresholds import Thresholds
from gates.verdict.wording import count, percent

PATIENCE_SECONDS = 1.5


def draw(row: Row, moment: Moment, thresholds: Thresholds) -> None:
    """Draw the stay; nothing below the figures where its lines cannot be read in time."""
    stay = row.one.stay
    st.html(
        titled(f"{stay.step.value}, {revisions(row.one)}", _links(row))
        + _facts(row, moment)
        + _limits(row, thresholds)
    )
    evidence(row)
    found = detail(row, moment.now_ns)
    if found is None:
        return
    left, right = st.columns(2, gap="large")
    with left:
        curves([(row.one.name, found.distribution)], "closely")
    with right:
        outcomes(found, row, "closely-outcomes")
    left, right = st.columns(2, gap="large")
    with left:
        _changes(row, moment)
    with right:
        versions(found, moment, "closely-versions")


def detail(row: Row, now_ns: int) -> Detail | None:
    """The stay closely, or a box that says why not."""
    try:
        found = detail_of(seat.taken().store, row.one, now_ns, PATIENCE_SECONDS)
    except (QueryTimeout, duckdb.Error) as error:
        st.html(failed_query(error))
        return None
    if found is None:
        st.html(tag("p", text(f"{row.one.name}: {row.one.lines:,} lines are being counted …"), cls="sg-note"))
    return found


def _links(row: Row) -> str:
    step = row.one.stay.step.value
    return " · ".join(
        (
            link("overview", "over time", scope=step),
            link("triage", "failed runs", tab="failures", step=step),
            link("gate-audit", "gate audit", step=step),
        )
    )


def _facts(row: Row, moment: Moment) -> str:
    stay, lines = row.one.stay, row.lines
    start = at_time(words.instant(stay.from_ns, moment.zone), words.utc(stay.from_ns))
    end = (
        "now"
        if stay.to_ns is None
        else at_time(words.instant(stay.to_ns, moment.zone), words.utc(stay.to_ns))
    )
    facts = [("In force", f"{start}<small>to {end}</small>")]
    if lines is not None:
        share = words.share(lines.openai, lines.runs)
        facts += [
            ("Runs", f"{lines.runs:,}<small>{text(share)} openai; {text(lines.said)}</small>"),
            ("openai failed", cells.failed(row)),
            ("openai p50 / p95 / p99", cells.latency(lines)),
        ]
    else:
        facts.append(("Runs", tag("span", text(row.why_not or "counting …"), cls="sg-soft")))
    facts += [
        ("Gate audit", cells.found(row.one.found, stay.step.value, stay.revisions)),
        ("Verdict", cells.verdict(row, moment.zone)),
        ("By whom", cells.by_whom(row.people)),
    ]
    return tag(
        "dl", *(tag("div", tag("dt", name), tag("dd", said)) for name, said in facts), cls="sg-stay-facts"
    )


def _limits(row: Row, thresholds: Thresholds) -> str:
    asks = thresholds.steps.get(row.one.stay.step)
    if asks is None or asks.failures is None:
        return tag("p", "No job may reach the model on this step: it has no failure limit.", cls="sg-note")
    return tag(
        "p",
        text(
            f"Limits of today for {row.one.stay.step.value}: expands where at most "
            f"{percent(asks.failures.expand)} is certain, rolls back where more than "
            f"{percent(asks.failures.stop)} is; {count(asks.min_hours, 'distinct hour')}, "
            f"{count(asks.min_jobs, 'job')} and "
            f"{words.duration(asks.dwell_s)} at least. The verdict counts each revision anew; "
            "this row counts the whole stay."
        ),
        cls="sg-note",
    )


def outcomes(found: Detail, row: Row, key: str) -> None:
    """What became of the runs: path, status, errorCode. Rollups have no jobs: the figures have them."""
    counted = () if row.figures is None else row.figures.window.outcomes
    jobs_of = {(one.path, one.status, one.error_code): one.jobs for one in counted}
    step, frame = row.one.stay.step.value, found.outcomes
    if "jobs" not in frame:
        codes = [None if pd.isna(code) else code for code in frame["error_code"]]
        kinds = zip(frame["path"], frame["status"], codes, strict=True)
        frame = frame.assign(jobs=pd.array([jobs_of.get(kind) for kind in kinds], dtype="Int64"))
    body = [
        tag(
            "tr",
            tag("td", text(one["path"])),
            tag("td", text(one["status"])),
            tag("td", _code(one["path"], one["error_code"], step), cls="sg-code"),
            tag("td", text(words.count(int(one["runs"]))), cls="sg-number"),
            tag("td", text("…" if pd.isna(one["jobs"]) else words.count(int(one["jobs"]))), cls="sg-number"),
            tag("td", text(f"{100 * one['share']:.1f} %"), cls="sg-number"),
        )
        for one in frame.to_dict("records")
    ]
    caption = f"What became of the runs, {found.said}"
    html_table(caption, ("path", "status", "errorCode", "#runs", "#jobs", "#share"), body)
    exports(frame, key=key, name="Outcomes of a stay")


def _code(path: str, code: object, step: str) -> str:
    if code is None or code != code:
        return "–"
    if path != "openai":
        return text(code)
    return link("triage", text(code), tab="failures", code=code, step=step)


def versions(found: Detail, moment: Moment, key: str) -> None:
    """Which executorVersions ran, and in how many hours."""
    frame = found.versions
    body = [
        tag(
            "tr",
            tag(
                "td",
                link("triage", text(str(one["executor_version"])), version=one["executor_version"]),
                cls="sg-code",
            ),
            tag("td", text(words.count(int(one["runs"]))), cls="sg-number"),
            tag("td", text(words.count(int(one["openai"]))), cls="sg-number"),
            tag("td", text(words.count(int(one["failed"]))), cls="sg-number"),
            tag("td", _since(one["first_ns"], moment)),
        )
        for one in frame.to_dict("records")
    ]
    hours = count(found.hours, "distinct hour")
    caption = f"executorVersions; lines in {hours}, to the model in {found.model_hours:,}"
    html_table(caption, ("executorVersion", "#runs", "#openai", "#failed", "first line"), body)
    exports(times_of(frame, "first_ns", "last_ns"), key=key, name="Executor versions of a stay")


def _version(name: str) -> str:
    return link("triage", text(name), version=name)


def _since(value: float, moment: Moment) -> str:
    if value != value or value is None:
        return "–"
    return at_time(words.instant(int(value), moment.zone)[:-3], words.utc(int(value)))


def _changes(row: Row, moment: Moment) -> None:
    if row.people is None or not row.people.changes:
        return
    body = [
        tag(
            "tr",
            tag("td", text(one.revision), cls="sg-number"),
            tag("td", at_time(words.instant(one.at_ns, moment.zone)[:-3], words.utc(one.at_ns))),
            tag("td", cells.change(one)),
            tag("td", text(one.reason or "–")),
        )
        for one in row.people.changes
    ]
    html_table("Changes that made it", ("#revision", "in force", "by whom", "reason"), body)
    frame = pd.DataFrame([asdict(one) for one in row.people.changes])
    exports(times_of(frame, "at_ns"), key="closely-changes", name="Changes of a stay")


def times_of(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    """`frame` with times in place of epoch nanoseconds, and without `_ns` in their names."""
    times = {
        name.removesuffix("_ns"): pd.to_datetime(frame[name], unit="ns", utc=True).dt.as_unit("ms")
        for name in names
    }
    return frame.drop(columns=list(names)).assign(**times)


def html_table(caption: str, columns: tuple[str, ...], body: list[str]) -> None:
    """A table that scrolls in its own box; a column named `#…` holds numbers."""
    head = tag(
        "tr",
        *(
            tag(
                "th",
                text(name.removeprefix("#")),
                scope="col",
                cls="sg-number" if name.startswith("#") else "",
            )
            for name in columns
        ),
    )
    inner = (tag("caption", text(caption)), tag("thead", head), tag("tbody", *body))
    st.html(table_box(*inner, label=caption))
