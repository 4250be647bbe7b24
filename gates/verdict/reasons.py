"""Why the verdict is what it is, and what would change it: every verdict has both."""

from typing import assert_never

from gates.verdict import bounds
from gates.verdict.actions import ACK
from gates.verdict.checks import fail_alpha
from gates.verdict.clock_offset import clock_words
from gates.verdict.evidence import Evidence, Severity
from gates.verdict.grounds import Grounds
from gates.verdict.latency import origin
from gates.verdict.missing_lines import sample_words
from gates.verdict.question import Reference
from gates.verdict.verdict import CheckName, CheckState
from gates.verdict.wording import count, ordered
from gates.verdict.words import VerdictWord


def why(grounds: Grounds) -> tuple[str, ...]:
    """Everything that was found, what weighs most first."""
    question, evidence = grounds.question, grounds.evidence
    latched = () if question.latched is None else (f"ROLL BACK is not acknowledged: {question.latched}",)
    said = {check.words for check in grounds.checks}
    # While nothing may reach the model, what its jobs still lack is no reason for anything.
    checks = [check for check in grounds.checks if check.of or not grounds.killed]
    order = (CheckState.FAIL, CheckState.OPEN, CheckState.PASS)
    checks.sort(key=lambda check: order.index(check.state))
    return (
        *((grounds.kill.sentence,) if grounds.killed and grounds.kill is not None else ()),
        *latched,
        *(stop for stop in grounds.stops if stop not in said),
        *(f"{check.name} {check.state}: {check.words}" for check in checks),
        *(f"{hold.code}: {hold.words}" for hold in grounds.holds),
        *(f"missing: {lack}" for lack in (() if grounds.killed else grounds.missing)),
        _seen(evidence),
        *(origin(question, evidence.limits) if checks else ()),
        *_notes(evidence, question.reference),
    )


def _seen(evidence: Evidence) -> str:
    """How much there is to judge by, so that a small n is never hidden."""
    jobs = f"{count(evidence.jobs, 'job')} in {count(evidence.lines, 'line')}"
    reached = f"{count(evidence.units.jobs, 'job')} reached the model"
    hours = count(evidence.model_hours, "distinct hour")
    probes = f", besides {count(evidence.probes, 'probe')}" if evidence.probes else ""
    return f"seen under revision {evidence.revision}: {jobs}{probes}; {reached} in {hours}"


def would_change(word: VerdictWord, grounds: Grounds) -> tuple[str, ...]:
    """What would bring another word, the nearest first."""
    latched = (f"the ROLL BACK stands until it is acknowledged: {ACK}",) if grounds.question.latched else ()
    match word:
        case VerdictWord.KILLED:
            return (grounds.readiness_words, *latched, "a release of the kill, verified and by two people")
        case VerdictWord.ROLL_BACK:
            anew = ("a kill, or a narrower revision, starts the count anew",) if grounds.stops else ()
            return (*anew, *latched) or (f"an acknowledgement: {ACK}",)
        case VerdictWord.HOLD | VerdictWord.NOT_ENOUGH_DATA | VerdictWord.EXPAND:
            return (
                *(f"{hold.code}: {hold.words}" for hold in grounds.holds),
                *(f"{check.name}: {check.words}" for check in grounds.opens),
                *grounds.missing,
                *_worse(grounds),
            )
        case _:
            assert_never(word)


def _worse(grounds: Grounds) -> tuple[str, ...]:
    """How near ROLL BACK is: never said as if it were far."""
    checks = [check for check in grounds.checks if check.name is CheckName.FAILURES]
    if not checks:
        return ("any job that reaches the model would make it ROLL BACK",)
    more = min(
        bounds.bad_until_fail(
            check.bad, check.of, check.stop, fail_alpha(grounds.question, grounds.evidence, check.version)
        )
        for check in checks
    )
    return (f"{count(more, 'more failure')} in a row, or one breach of a gate, would make it ROLL BACK",)


def _notes(evidence: Evidence, reference: Reference | None) -> list[str]:
    """What is worth knowing and decides nothing by itself."""
    notes = [sample_words(evidence)] if evidence.units.jobs else []
    if reference is not None:
        notes.append(
            f"before/after: {reference.failed:,} of {count(reference.jobs, 'job')} failed in the last "
            f"approved window, revision {reference.revision} ({reference.step}); no control group"
        )
    excused = sum(finding.excused for finding in evidence.findings)
    if excused:
        notes.append(f"{count(excused, 'line')} legal only by the grace for clock skew and publication")
    notes += [clock_words(clock) for clock in evidence.clocks]
    minor = [
        f"{finding.code} ({finding.lines:,})"
        for finding in evidence.findings
        if finding.severity in (Severity.MEDIUM, Severity.LOW) and finding.lines
    ]
    if minor:
        notes.append(f"counted by the gate audit: {ordered(minor)}")
    if evidence.unattributed:
        notes.append(f"{count(evidence.unattributed, 'line')} without a revision count nowhere")
    return notes
