"""Everything about one job in the order of time. Pure.

What people and executors wrote stands in `words` as it is: show it as text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.data import format as said
from dashboard.data.triage.jobs import JobFound, Seen
from gates.store.review_rows import BadOutputRow
from gates.verdict.evidence import Severity
from ingest.gate_audit import Line
from schemas.codes import Path
from schemas.instant import epoch_ns

_STEP_OVER = 160


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `kind` is a word; `place` names a line or a quarantined record.

    `severity` is that of the worst finding, null without one. `seq` numbers an audit record.
    """

    at_ns: int | None
    kind: str
    words: str
    place: str | None = None
    severity: Severity | None = None
    revision: int | None = None
    seq: int | None = None


def story(
    found: JobFound, reports: Sequence[BadOutputRow], audit: Sequence[dict[str, Any]]
) -> tuple[Event, ...]:
    """The whole, oldest first; what has no time comes last."""
    events = [_line(line, found.findings) for line in found.lines]
    if found.spec is not None:
        events.append(Event(found.spec.first_ns, "spec", _spec(found)))
    for held in found.quarantined:
        why = f"{held.cause}: {held.detail}"
        events.append(
            Event(held.line_time_ns, "quarantined", f"a record that names it, {why}", str(held.place))
        )
    for report in reports:
        words = f"reported bad by {report.reported_by}, under revision {report.revision}: {report.reason}"
        events.append(Event(report.at_ns, "bad output", words, revision=report.revision))
        if report.withdrawn_at_ns is not None:
            back = f"report taken back by {report.withdrawn_by}: {report.withdrawn_because}"
            events.append(Event(report.withdrawn_at_ns, "withdrawn", back))
    for record in audit:
        words = (
            f"{record.get('actor')}: {record.get('action')} {str(record.get('target') or '')[:_STEP_OVER]}"
        )
        events.append(Event(epoch_ns(str(record.get("time"))), "audit", words, seq=record.get("seq")))
    return tuple(sorted(events, key=lambda one: (one.at_ns is None, one.at_ns or 0)))


def outcome(line: Seen) -> str:
    """What the line says, in words."""
    took = said.latency(line.latency_ms)
    if line.path == Path.OPENAI:
        code = f", {line.error_code}" if line.error_code else ""
        return f"called the model: {line.status}{code}, after {took}"
    code = line.error_code or "no errorCode: the feature was off"
    return f"got the stub: {code}, after {took}"


def _line(line: Seen, findings: Sequence[Line]) -> Event:
    own = [one for one in findings if f"{one.source_id}:{one.line_offset}:{one.record_index}" == line.place]
    wrong = [one for one in own if one.explained_by is None]
    where = "" if line.revision is None else f", decided under revision {line.revision} ({line.step})"
    crossing = line.revision_at_line is not None and line.revision_at_line != line.revision
    later = f", written under revision {line.revision_at_line}" if crossing else ""
    codes = "".join(
        f"; {one.code}{'' if one.explained_by is None else ' in grace'}: {one.words}" for one in own
    )
    order = list(Severity)
    worst = min((one.severity for one in wrong), key=order.index, default=None)
    return Event(
        line.line_time_ns, "line", f"{outcome(line)}{where}{later}{codes}", line.place, worst, line.revision
    )


def _spec(found: JobFound) -> str:
    assert found.spec is not None
    if found.spec.opted_in is None:
        return "its runs told different job specs; none is trusted"
    opted = "opts in to AI" if found.spec.opted_in else "does not opt in to AI"
    return f"its job spec is known from here on: it {opted}; {found.spec.document}"
