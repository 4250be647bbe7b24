"""Why the verdict is what it is, and what would change it: opened in place, and kept open by a refresh."""

from collections.abc import Sequence

from streamlit.delta_generator import DeltaGenerator

from dashboard.server.watch import Watched
from dashboard.views.links import link
from dashboard.views.markup import glyph, table_box, tag, text
from dashboard.views.prose import prose
from gates.verdict.evidence import Evidence
from gates.verdict.question import Question
from gates.verdict.verdict import Check, CheckName, CheckState, Hold, HoldCode, Readiness, Verdict
from gates.verdict.wording import count, limit, milliseconds, percent
from gates.verdict.words import VerdictWord

LABEL = "Why, and what would change it"
_MARKS = {
    CheckState.PASS: ("✓", "sg-ok"),
    CheckState.FAIL: ("✕", "sg-failed"),
    CheckState.OPEN: ("…", "sg-soft"),
}
_QUARANTINE, _FAILURES, _BAD = "quarantine", "failures", "bad"
_TABS = {
    HoldCode.SCHEMA_INVALID: _QUARANTINE,
    HoldCode.EXPOSURE_UNKNOWN: _QUARANTINE,
    HoldCode.UNPLACED: _QUARANTINE,
    HoldCode.UNEXPECTED_CODE: _FAILURES,
    HoldCode.BAD_OUTPUT: _BAD,
}


def reasons(question: Question, verdict: Verdict, most: int) -> str:
    """What holds or stops, with links, at most `most`; words that the sentence has are not repeated."""
    said = verdict.sentence
    found = [
        *(_stop(one, question, said) for one in verdict.stops),
        *(_hold(one, question, said) for one in verdict.holds),
    ]
    if verdict.word not in (VerdictWord.HOLD, VerdictWord.ROLL_BACK) or not found:
        return ""
    more = len(found) - most
    rest = [tag("li", text(f"and {more} more below"))] if more > 0 else []
    return tag("ul", *found[:most], *rest, cls="sg-v-reasons")


def where_to_act(question: Question, verdict: Verdict) -> str:
    """The page on which the next action is done."""
    match verdict.word:
        case VerdictWord.HOLD if verdict.holds:
            return _where(verdict.holds[0].code, question)
        case VerdictWord.NOT_ENOUGH_DATA:
            return link("stages", "Stages", step=question.step.value) + " · " + link("controls", "Controls")
        case _ if question.latched is not None:
            return link("controls", "Controls") + " · " + link("controls", "Acknowledge", part="duties")
        case _:
            return link("controls", "Controls") + " · " + link("review", "Review")


def why(place: DeltaGenerator, watched: Watched) -> None:
    """Draw the panel, closed at first; nothing before the first verdict."""
    reviewed = watched.reviewed
    if reviewed is None:
        return
    panel = place.container(key="why", gap=None).expander(LABEL, key="why-panel")
    panel.html(explained(reviewed.question, reviewed.evidence, reviewed.verdict))


def explained(question: Question, evidence: Evidence, verdict: Verdict) -> str:
    """Everything behind a verdict, as markup."""
    return tag(
        "div",
        _listed("What stops it", [_stop(one, question) for one in verdict.stops]),
        _listed("What holds it", [_hold(one, question) for one in verdict.holds]),
        _listed("Why", [tag("li", prose(one)) for one in _apart(verdict)]),
        _listed("What would change it", [tag("li", prose(one)) for one in _changing(verdict)]),
        _checks(verdict.checks, question),
        _readiness(verdict),
        _seen(question, evidence),
        cls="sg-why-panel",
    )


def _apart(verdict: Verdict) -> list[str]:
    """The reasons that the checks, the stops and the holds do not say anyway."""
    said = {f"{check.name} {check.state}: {check.words}" for check in verdict.checks}
    said |= {f"{hold.code}: {hold.words}" for hold in verdict.holds} | set(verdict.stops)
    said |= {f"missing: {one}" for one in verdict.missing}
    return [reason for reason in verdict.why if reason not in said]


def _changing(verdict: Verdict) -> list[str]:
    """What would change it, and what EXPAND lacks; a hold says itself what would end it."""
    held = {f"{hold.code}: {hold.words}" for hold in verdict.holds}
    return [one for one in dict.fromkeys((*verdict.would_change, *verdict.missing)) if one not in held]


def _listed(title: str, items: Sequence[str]) -> str:
    return tag("div", tag("h3", text(title)), tag("ul", *items)) if items else ""


def _stop(words: str, question: Question, said: str = "") -> str:
    leads = link("gate-audit", "Gate audit", revision=question.revision)
    if "failed" in words or "slow" in words:
        leads = link("triage", "Triage", tab=_FAILURES, step=question.step.value)
    return tag("li", glyph("✕", "sg-failed"), prose("look at" if words in said else words), " ", leads)


def _hold(hold: Hold, question: Question, said: str = "") -> str:
    words = "look at" if hold.words in said else hold.words
    code = tag("b", text(hold.code.value))
    return tag("li", glyph("▲", "sg-warn"), code, " ", prose(words), " ", _where(hold.code, question))


def _where(code: HoldCode, question: Question) -> str:
    """The page on which the cause of a hold is seen."""
    step = question.step.value
    if code is HoldCode.GATE_AUDIT:
        return link("gate-audit", "Gate audit", step=step, revision=question.revision)
    if code is HoldCode.KILL_UNCONFIRMED:
        return link("controls", "Controls")
    if code in _TABS:
        return link("triage", "Triage", tab=_TABS[code], step=step)
    return link("stages", "Stages", step=step)


def _checks(checks: Sequence[Check], question: Question) -> str:
    if not checks:
        return ""
    columns = ("check", "bad of jobs", "true rate within", "expands at", "stops over", "state", "needs")
    head = tag("tr", *(tag("th", text(name), scope="col") for name in columns))
    thresholds = question.thresholds
    note = (
        f"Checks; the bounds hold however often one looks (alpha {thresholds.fail_alpha:g} below, "
        f"{thresholds.pass_alpha:g} above)"
    )
    body = "".join(_check(one, question) for one in checks)
    caption = tag("caption", text(note))
    return table_box(caption, tag("thead", head), tag("tbody", body), label="Checks of the verdict")


def _check(check: Check, question: Question) -> str:
    name = check.name.value if check.version is None else f"{check.name} of {check.version}"
    if check.name in (CheckName.FAILURES, CheckName.SLICE_FAILURES):
        named = link("triage", text(name), tab=_FAILURES, step=question.step.value, version=check.version)
    else:
        named = link("stages", text(name), step=question.step.value)
    needs = "" if check.needs is None else f"{check.needs:,} more clean jobs"
    cells = (
        text(f"{check.bad:,} of {check.of:,}"),
        text(f"{percent(check.lower)} to {percent(check.upper)}"),
        text(limit(check.expand)),
        text(limit(check.stop)),
        glyph(*_MARKS[check.state]) + text(check.state.value),
        text(needs),
    )
    return tag("tr", tag("th", named, scope="row"), *(tag("td", cell) for cell in cells))


def _readiness(verdict: Verdict) -> str:
    if verdict.readiness is Readiness.PASSED and verdict.word is not VerdictWord.KILLED:
        return ""
    return tag("p", tag("b", "Readiness: "), prose(verdict.readiness_words), cls="sg-note")


def _seen(question: Question, evidence: Evidence) -> str:
    seen = evidence.percentiles
    said = (
        f"Of revision {question.revision} ({question.step.value}): "
        f"{count(evidence.lines, 'line')} of {count(evidence.jobs, 'job')} and "
        f"{count(evidence.probes, 'probe')} in {count(evidence.hours, 'distinct hour')}"
    )
    if seen.p50 is not None and seen.p95 is not None and seen.count >= 20:
        said += f"; openai p50 {milliseconds(seen.p50)}, p95 {milliseconds(seen.p95)} of {seen.count:,}"
    same = "`slotgate review` says the same"
    return tag("p", prose(f"{said}. Evidence {evidence.digest[:19]}…; {same}."), cls="sg-note")
