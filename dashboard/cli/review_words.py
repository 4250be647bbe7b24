"""A review as an on-call engineer reads it: the sentence, what to do, then everything behind it."""

from collections.abc import Iterator, Sequence

from dashboard.cli.tables import table
from dashboard.cli.words import counted
from dashboard.data.format import utc
from dashboard.review.missed import Missed
from gates.store.review_rows import ReviewRow
from gates.verdict.evidence import Evidence, Percentiles
from gates.verdict.question import Question, Reference
from gates.verdict.verdict import Check, Verdict
from gates.verdict.wording import limit, milliseconds, percent, span

_FEW = 20
_SECOND_NS = 10**9
_REVIEWS_SHOWN = 5


def in_words(
    question: Question, evidence: Evidence, verdict: Verdict, reviews: Sequence[ReviewRow]
) -> Iterator[str]:
    """Line by line; what there is nothing to say about is left out."""
    yield verdict.sentence
    yield f"next: {verdict.next_action}"
    yield from _listed("why", _apart_from_tables(verdict))
    yield from _listed("would change it", verdict.would_change)
    yield ""
    yield from _window(question, evidence)
    if verdict.kill is not None:
        yield f"kill: {verdict.kill.sentence}"
    yield f"readiness: {verdict.readiness}: {verdict.readiness_words}"
    yield from _checks(verdict.checks)
    yield from _listed("stops", verdict.stops)
    yield from _listed("holds", [f"{hold.code}: {hold.words}" for hold in verdict.holds])
    yield from _findings(evidence)
    yield from _latency(evidence.percentiles)
    if question.reference is not None:
        yield _reference(question.reference)
    yield from _evidence(question, evidence)
    yield from _history(question, reviews)


def _apart_from_tables(verdict: Verdict) -> list[str]:
    """The reasons that the checks, the stops and the holds below do not say anyway."""
    below = {f"{check.name} {check.state}: {check.words}" for check in verdict.checks}
    below |= {f"{hold.code}: {hold.words}" for hold in verdict.holds} | set(verdict.stops)
    if verdict.kill is not None:
        below.add(verdict.kill.sentence)
    return [reason for reason in verdict.why if reason not in below]


def _listed(title: str, items: Sequence[str]) -> Iterator[str]:
    if items:
        yield f"{title}:"
        yield from (f"  {item}" for item in items)


def _window(question: Question, evidence: Evidence) -> Iterator[str]:
    head = f"{question.step}, revision {question.revision}"
    controls = evidence.controls
    if controls is None:
        yield f"{head}: not in the control history, as far as telemetry knows"
        return
    lasted = span(max(0, evidence.until_ns - controls.effective_ns) / _SECOND_NS)
    since = utc(controls.effective_ns)
    if question.until_ns is None:
        yield f"{head}, in force for {lasted}, since {since}"
    else:
        yield f"{head}, was in force for {lasted}, from {since} to {utc(question.until_ns)}"
    if controls.removed:
        yield "controls: the control file was taken away: every job gets a stub"
        return
    yield (
        f"controls: kill {_on(controls.kill)}, feature {_on(controls.feature)}, "
        f"allowlist {_on(controls.allowlist)}, {controls.percent} %"
    )


def unread(missed: Missed) -> Iterator[str]:
    """What of logs went before it was read, where anything did."""
    if missed.failure is not None:
        yield f"gaps: not looked at: {missed.failure}"
    if missed.gaps:
        size, logs = counted(missed.bytes, "byte"), counted(missed.logs, "log")
        last = utc(missed.gaps[-1].at_ns)
        yield (
            f"MISSING: {size} of {logs} went before they were read, the last at {last}, "
            "and no check counts them; `slotgate report` names them"
        )


def _on(value: bool) -> str:
    return "on" if value else "off"


def _checks(checks: Sequence[Check]) -> Iterator[str]:
    if not checks:
        return
    rows = [
        (
            check.name.value if check.version is None else f"{check.name} of {check.version}",
            f"{check.bad:,}/{check.of:,}",
            "-" if check.rate is None else percent(check.rate),
            f"{percent(check.lower)} .. {percent(check.upper)}",
            limit(check.expand),
            limit(check.stop),
            check.state.value,
            _needs(check),
        )
        for check in checks
    ]
    head = ("check", "bad/of", "rate", "true rate within", "expand at", "stop over", "state", "needs")
    yield "checks:"
    yield from table(head, rows, (1, 2, 3, 4, 5))


def _needs(check: Check) -> str:
    if check.needs is None:
        return ""
    days = "" if check.needs_days is None else f", about {span(check.needs_days * 86_400)}"
    return f"{check.needs:,} more clean{days}"


def _findings(evidence: Evidence) -> Iterator[str]:
    if not evidence.findings:
        yield f"gate audit: nothing found in {counted(evidence.lines + evidence.probes, 'line')}"
        return
    yield "gate audit:"
    rows = [
        (
            found.severity.value,
            found.code,
            counted(found.lines, "line"),
            counted(found.jobs, "job"),
            f"{found.excused:,} in grace" if found.excused else "",
            f"slotgate gate-audit --revision {evidence.revision} --code {found.code}",
        )
        for found in evidence.findings
    ]
    yield from table(("severity", "code", "lines", "jobs", "", "show them"), rows, (2, 3))


def _latency(seen: Percentiles) -> Iterator[str]:
    if seen.count == 0:
        return
    calls = f"latency of {counted(seen.count, 'completed call')}"
    if seen.count < _FEW or seen.p50 is None or seen.p95 is None or seen.p99 is None:
        yield f"{calls}, too few for percentiles: {', '.join(map(milliseconds, seen.points))}"
        return
    p50, p95, p99 = map(milliseconds, (seen.p50, seen.p95, seen.p99))
    yield f"{calls}: p50 {p50}, p95 {p95}, p99 {p99}"


def _reference(before: Reference) -> str:
    slow = (
        ""
        if before.p50_ms is None or before.p95_ms is None
        else f", p50 {milliseconds(before.p50_ms)}, p95 {milliseconds(before.p95_ms)}"
    )
    return (
        f"before: {before.step}, revision {before.revision}, approved {utc(before.approved_at_ns)}: "
        f"{before.failed:,} of {before.jobs:,} failed{slow} (a before/after comparison, no control group)"
    )


def _evidence(question: Question, evidence: Evidence) -> Iterator[str]:
    last = "nothing but probes" if evidence.probes else "no line with a time"
    if evidence.last_line_ns is not None:
        age = (question.now_ns - evidence.last_line_ns) / _SECOND_NS
        last = f"last line {span(age)} ago" if age >= 0 else f"last line {span(-age)} ahead of this clock"
    yield (
        f"evidence: {counted(evidence.lines, 'line')} of {counted(evidence.jobs, 'job')}, "
        f"{counted(evidence.probes, 'probe')}, {counted(evidence.hours, 'hour')} with lines; {last}"
    )
    state = evidence.ingest
    if state.failure is not None:
        yield f"ingest: the last pass failed: {state.failure}"
    elif state.behind_bytes or state.unaudited:
        yield (
            f"ingest: {state.behind_bytes:,} bytes of the spool not read, "
            f"{counted(state.unaudited, 'line')} not audited; `slotgate ingest load` reads them"
        )
    number = question.thresholds.version_number
    yield f"thresholds: {'the defaults' if number == 0 else f'version {number}'}; digest {evidence.digest}"


def _history(question: Question, reviews: Sequence[ReviewRow]) -> Iterator[str]:
    if not reviews:
        return
    yield f"reviews of {question.step}:"
    if len(reviews) > _REVIEWS_SHOWN:
        yield f"  … {len(reviews) - _REVIEWS_SHOWN:,} earlier ones"
    for row in reviews[-_REVIEWS_SHOWN:]:
        about = "" if row.request_number is None else f" for request {row.request_number}"
        kept = "" if row.evidence_digest is None else f"; slotgate review --show {row.evidence_digest}"
        yield (
            f"  {utc(row.at_ns)}  revision {row.revision}  {row.verdict.value.replace('_', ' ')}"
            f"  {row.moment.value} by {row.actor_id}{about}{kept}"
        )
