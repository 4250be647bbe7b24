"""Evidence laid out line by line, frozen beside live, and which of them differ. Pure."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from dashboard.data.format import MISSING, latency
from dashboard.review.document import review_of
from gates.changes.content import thawed
from gates.changes.latching import sentence_of
from gates.changes.requested import RequestFile
from gates.policy.evidence import ReviewEvidence, is_blind
from gates.verdict.evidence import Evidence, Severity
from gates.verdict.verdict import Check, Verdict
from gates.verdict.wording import percent

_FEW = 20
_SERIOUS = (Severity.CRITICAL, Severity.HIGH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the comparison. `live` is null where nobody looks at it any more."""

    name: str
    frozen: str
    live: str | None

    @property
    def differs(self) -> bool:
        """Whether both are known and not the same."""
        return self.live is not None and self.live != self.frozen


def frozen_of(file: RequestFile) -> ReviewEvidence | None:
    """The evidence frozen with the request; null where it is gone or cannot be read."""
    if file.evidence is None:
        return None
    try:
        document = json.loads(file.evidence)
        return thawed(file.row.evidence_digest, document, file.row.evidence_frozen_at_ns)
    except (ValueError, KeyError, TypeError):
        return None


def compared(frozen: ReviewEvidence, live: ReviewEvidence | None) -> tuple[Line, ...]:
    """Every line that either of them has, in the order of a review."""
    one, other = dict(_lines(frozen)), None if live is None else dict(_lines(live))
    names = [*one, *(name for name in other or {} if name not in one)]
    return tuple(
        Line(
            name=name,
            frozen=one.get(name, MISSING),
            live=None if other is None else other.get(name, MISSING),
        )
        for name in names
    )


def verdict_word(evidence: ReviewEvidence) -> str:
    """`ROLL BACK`."""
    return evidence.verdict.value.replace("_", " ")


def sentence(evidence: ReviewEvidence) -> str:
    """The verdict as it was said; where nobody could look, why."""
    if is_blind(evidence):
        return evidence.bound
    return sentence_of(evidence).removeprefix(f"{verdict_word(evidence)}: ")


def _lines(evidence: ReviewEvidence) -> Iterator[tuple[str, str]]:
    yield "verdict", verdict_word(evidence)
    yield "verification", evidence.verification.value.replace("_", " ")
    yield "revision", str(evidence.revision)
    try:
        _, seen, verdict = review_of(evidence.document)
    except (ValueError, TypeError):
        yield "high and critical findings", ", ".join(sorted(evidence.findings)) or "none"
        return
    yield from _counts(seen)
    for check in verdict.checks:
        yield _check_name(check), _check(check)
    yield from _gate_audit(seen)
    yield "holds", ", ".join(sorted({hold.code.value for hold in verdict.holds})) or "none"
    yield "still missing", _missing(verdict)


def _counts(seen: Evidence) -> Iterator[tuple[str, str]]:
    units = seen.units
    yield "lines / jobs", f"{seen.lines:,} / {seen.jobs:,}"
    small = f"; few: n = {units.jobs}" if units.jobs < _FEW else ""
    yield "jobs that reached the model", f"{units.jobs:,}{small}"
    yield "failed / completed", f"{units.failed:,} / {units.completed:,}"
    yield "probes", f"{seen.probes:,}"
    yield "hours with lines", f"{seen.hours}"
    points = seen.percentiles
    if points.count >= _FEW:
        yield "latency p50 / p95 / p99", " / ".join(map(latency, (points.p50, points.p95, points.p99)))
    else:
        yield "latency p50 / p95 / p99", f"too few calls (n = {points.count})"
    yield "invalid records", f"{seen.invalid:,}"


def _check_name(check: Check) -> str:
    return f"check: {check.name.value}" + ("" if check.version is None else f" of {check.version}")


def _check(check: Check) -> str:
    if check.of == 0:
        return f"{check.state.value}: nothing measured"
    return (
        f"{check.state.value}: {check.bad:,} of {check.of:,}, "
        f"true rate {percent(check.lower)} to {percent(check.upper)}"
    )


def _gate_audit(seen: Evidence) -> Iterator[tuple[str, str]]:
    found = [one for one in seen.findings if one.lines]
    serious = [f"{one.code} ({one.lines:,})" for one in found if one.severity in _SERIOUS]
    rest = [f"{one.code} ({one.lines:,})" for one in found if one.severity not in _SERIOUS]
    yield "high and critical findings", ", ".join(serious) or "none"
    yield "other findings", ", ".join(rest) or "none"


def _missing(verdict: Verdict) -> str:
    return "; ".join(verdict.missing) or "nothing"
