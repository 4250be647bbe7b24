"""The verification that enable steps and the release of a kill need (DESIGN section 5)."""

from gates.verdict.evidence import Evidence, KillState
from gates.verdict.question import Question
from gates.verdict.verdict import KillConfirmation, Readiness
from gates.verdict.wording import count


def readiness(question: Question, evidence: Evidence, kill: KillConfirmation | None) -> tuple[Readiness, str]:
    """Whether telemetry since the revision shows the controls obeyed, and why. Unknown is never PASSED."""
    facts, wanted = evidence.verification, question.thresholds.verification_lines
    against = []
    if facts.violations:
        against.append(f"{count(facts.violations, 'line')} against the controls")
    if facts.schema_invalid:
        against.append(f"{count(facts.schema_invalid, 'invalid record')}")
    if evidence.unplaced_openai:
        against.append(f"{count(evidence.unplaced_openai, 'line')} of path openai that cannot be placed")
    if kill is not None and kill.state is KillState.BREACHED:
        against.append("the kill is BREACHED")
    if against:
        return Readiness.FAILED, f"not verified: {', '.join(against)}; `slotgate gate-audit` shows them"
    unknown = _unknown(evidence)
    if unknown is not None:
        return Readiness.NOT_ENOUGH, f"not verified: {unknown}"
    if facts.lines < wanted:
        return Readiness.NOT_ENOUGH, (
            f"not verified: {facts.lines:,} of {wanted:,} lines since revision {evidence.revision}; "
            f"`slotgate probe --count {wanted - facts.lines}`"
        )
    return (
        Readiness.PASSED,
        f"verified: {count(facts.lines, 'line')} since revision {evidence.revision}, all as the controls say",
    )


def _unknown(evidence: Evidence) -> str | None:
    if evidence.controls is None:
        return f"revision {evidence.revision} has not taken effect"
    if evidence.gone_before_ns is not None:
        return f"lines of revision {evidence.revision} were deleted"
    if evidence.ingest.failure is not None:
        return f"ingest fails: {evidence.ingest.failure}"
    if evidence.ingest.unaudited:
        return f"{count(evidence.ingest.unaudited, 'line')} not audited yet"
    return None
