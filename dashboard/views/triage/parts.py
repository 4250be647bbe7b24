"""The parts of a job's story as markup. Everything here was written by executors and people."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from dashboard.data import format as words
from dashboard.data.inert import shown
from dashboard.data.triage.explained import Answered, Explained
from dashboard.data.triage.jobs import JobFound
from dashboard.data.triage.story import Event
from dashboard.views.gate_audit.parts import at
from dashboard.views.links import LONGEST_JOB, job_link, link
from dashboard.views.markup import glyph, table_box, tag, text, titled
from dashboard.views.severity import severity_word
from gates.store.review_rows import BadOutputRow

LONGEST_IN_ADDRESS = LONGEST_JOB
_LONG = 420
_GATES = {
    "controls": "controls known",
    "kill_switch": "kill switch",
    "feature_flag": "feature",
    "job_opt_in": "opt-in",
}
_SIGNS = {
    Answered.PASSES: ("✓", "sg-ok"),
    Answered.DENIES: ("✕", "sg-failed"),
    Answered.UNKNOWN: ("?", "sg-soft"),
}
_KINDS = {
    "line": "●",
    "spec": "≡",
    "quarantined": "▲",
    "bad output": "❚❚",
    "withdrawn": "↩",
    "audit": "§",
}


def hint() -> str:
    """What this part answers, before anybody asked."""
    return tag(
        "div",
        tag("h2", "Which job?"),
        tag(
            "p",
            "Give a job id to see everything that is known of it: its lines, what each gate says of it then "
            "and now, what the gate audit found, reports, quarantined and audit records that name it. A look "
            "reads one column of the whole record: seconds on a large one; the head of this page goes on.",
        ),
        tag(
            "p",
            "No id at hand? ",
            link("triage", "Failures", tab="failures"),
            " and ",
            link("gate-audit", "Gate audit"),
            " list jobs.",
        ),
        cls="sg-empty",
        data_state="no-job",
    )


def nothing(said: str, took_s: float) -> str:
    """Looked for, and not there."""
    why = (
        f"Looked through all lines in {took_s:.2f} s. Ids are compared letter by letter, upper and lower "
        "case apart. A job whose record was cut or invalid stands in quarantine."
    )
    return tag(
        "div",
        tag("h2", text(said)),
        tag("p", text(why)),
        cls="sg-empty",
        data_state="nothing-found",
        role="status",
    )


def note(said: str) -> str:
    """A sentence in passing."""
    return tag("p", text(said), cls="sg-note")


def facts(found: JobFound, reports: Sequence[BadOutputRow], own: int) -> str:
    """What one wants to know first."""
    standing = sum(1 for one in reports if one.withdrawn_at_ns is None)
    wrong = sum(1 for one in found.findings if one.explained_by is None)
    called = sum(1 for one in found.lines if one.path == "openai")
    spec = "not known" if found.spec is None else "differs" if found.spec.opted_in is None else "known"
    tiles = (
        ("Bucket", str(own), "of 0 to 99"),
        ("Lines", words.count(found.total), f"{called} called the model"),
        ("Job spec", spec, "" if spec == "known" else "opt-in and scope cannot be told"),
        ("Gate-audit findings", words.count(wrong), f"{len(found.findings) - wrong} in grace"),
        ("Bad-output reports", words.count(standing), "standing"),
        ("Quarantined", words.count(len(found.quarantined)), "records name it"),
    )
    boxes = (
        tag("div", tag("dt", text(name)), tag("dd", tag("strong", text(value)), tag("small", text(more))))
        for name, value, more in tiles
    )
    return tag("dl", *boxes, cls="sg-totals sg-six", aria_label="The job at a glance")


def gates(columns: Sequence[Explained]) -> str:
    """Gate by gate, now and under the controls of its lines."""
    title = titled("Gate by gate", "each gate's own answer; the first that denies decides")
    head = tag(
        "tr", tag("th", "gate", scope="col"), *(tag("th", text(one.title), scope="col") for one in columns)
    )
    body = []
    for number, gate in enumerate(one.gate for one in columns[0].gates):
        cells = (_gate(one, number) for one in columns)
        name = _GATES.get(gate.value, gate.value)
        body.append(tag("tr", tag("th", text(name), scope="row"), *cells))
    last = tag(
        "tr", tag("th", "so", scope="row"), *(tag("td", tag("b", text(one.decision))) for one in columns)
    )
    rows = tag("tbody", *body, last)
    return title + table_box(tag("thead", head), rows, label="Gate by gate", cls="sg-gates")


def _gate(one: Explained, number: int) -> str:
    found = one.gates[number]
    denied = [each.answer for each in one.gates[:number]].count(Answered.DENIES)
    sign, cls = _SIGNS[found.answer]
    why = tag("small", text(shown(found.why, _LONG))) if found.why else ""
    return tag("td", glyph(sign, cls), text(found.answer.value), why, cls="sg-not-reached" if denied else "")


def story_table(events: Sequence[Event], zone: tzinfo) -> str:
    """Everything in the order of time."""
    names = ("time", "what", "", "more")
    head = tag("tr", *(tag("th", name, scope="col") if name else tag("td") for name in names))
    body = tag("tbody", *(_event(one, zone) for one in events))
    return table_box(tag("thead", head), body, label="Story of the job", cls="sg-lines")


def _event(one: Event, zone: tzinfo) -> str:
    mark = glyph(
        _KINDS.get(one.kind, "·"), "sg-warn" if one.kind in ("quarantined", "bad output") else "sg-soft"
    )
    ways = []
    if one.severity is not None:
        ways.append(severity_word(one.severity))
    if one.kind == "quarantined" and one.place:
        ways.append(link("triage", "the record", tab="quarantine", record=one.place))
    if one.seq is not None:
        ways.append(link("audit", f"record {one.seq}", seq=one.seq))
    if one.kind == "line" and one.revision is not None:
        ways.append(link("gate-audit", f"revision {one.revision}", revision=one.revision))
    if one.kind == "line" and one.place:
        ways.append(tag("small", f"line {text(one.place)}"))
    return tag(
        "tr",
        tag("td", at(one.at_ns, zone)),
        tag("td", mark, text(one.kind), cls="sg-nowrap"),
        tag("td", text(shown(one.words, _LONG)), cls="sg-words"),
        tag("td", " ".join(ways)),
    )


def jobs_table(jobs: Sequence[Mapping[str, Any]], zone: tzinfo) -> str:
    """Jobs of a prefix search."""
    names = (
        ("job", ""),
        ("lines", "sg-number"),
        ("openai", "sg-number"),
        ("failed", "sg-number"),
        ("last", ""),
    )
    head = tag("tr", *(tag("th", name, scope="col", cls=cls) for name, cls in names))
    body = [
        tag(
            "tr",
            tag("td", job_link(str(one["job_id"]))),
            *(
                tag("td", text(words.count(int(one[name]))), cls="sg-number")
                for name in ("lines", "openai", "failed")
            ),
            tag("td", at(one["last_ns"], zone)),
        )
        for one in jobs
    ]
    return table_box(tag("thead", head), tag("tbody", *body))
