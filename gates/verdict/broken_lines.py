"""Holds for lines that say something wrong: unreadable, against the contract, against the controls."""

from gates.verdict.evidence import Evidence, Severity
from gates.verdict.gate_audit import GateCode
from gates.verdict.question import Question
from gates.verdict.verdict import Hold, HoldCode
from gates.verdict.wording import count, percent

NEW_REVISION = "a new revision starts the count anew"
MENDED = f"once mended, {NEW_REVISION}"


def exposure_unknown(question: Question, evidence: Evidence) -> Hold | None:
    """Quarantined records that claim path openai: what they did cannot be known."""
    del question
    if evidence.invalid_openai == 0:
        return None
    records = count(evidence.invalid_openai, "unreadable record claims", "unreadable records claim")
    words = f"{records} path openai: what that did is unknown"
    return Hold(code=HoldCode.EXPOSURE_UNKNOWN, words=f"{words}; {NEW_REVISION}")


def unplaced(question: Question, evidence: Evidence) -> Hold | None:
    """Lines of the model that count nowhere: a failure among them would be hidden."""
    del question
    if evidence.unplaced_openai == 0:
        return None
    lines = count(evidence.unplaced_openai, "line")
    words = (
        f"{lines} of path openai cannot be tied to a revision: without a time, or with a latency of hours; "
        f"let the log give each line its time; {MENDED}"
    )
    return Hold(code=HoldCode.UNPLACED, words=words)


def schema_invalid(question: Question, evidence: Evidence) -> Hold | None:
    """Records that broke the telemetry contract."""
    del question
    if evidence.invalid == 0:
        return None
    words = f"{count(evidence.invalid, 'record')} broke the telemetry contract and stand in quarantine"
    return Hold(code=HoldCode.SCHEMA_INVALID, words=f"{words}; {MENDED}")


def gate_audit(question: Question, evidence: Evidence) -> Hold | None:
    """High findings always hold; medium ones when they are frequent among the newest lines."""
    high = [f for f in evidence.findings if f.severity is Severity.HIGH and f.lines > 0]
    found = [f"{f.code} ({count(f.lines, 'line')})" for f in high]
    if evidence.runs.silent:
        found.append(f"{GateCode.SILENT_PATH} ({count(evidence.runs.silent, 'run')})")
    if found:
        codes = ", ".join(found)
        return Hold(code=HoldCode.GATE_AUDIT, words=f"the gate audit found {codes}; {MENDED}")
    medium = [f for f in evidence.findings if f.severity is Severity.MEDIUM and f.of_last > 0]
    recent = sum(f.of_last for f in medium)
    if not recent or recent <= question.thresholds.medium_share * evidence.last_lines:
        return None
    codes = ", ".join(f.code for f in medium)
    words = (
        f"the gate audit found {codes} in {recent:,} of the last {count(evidence.last_lines, 'line')}, "
        f"{percent(question.thresholds.medium_share)} is the most; it ends as lines that agree come in"
    )
    return Hold(code=HoldCode.GATE_AUDIT, words=words)


def unexpected_code(question: Question, evidence: Evidence) -> Hold | None:
    """errorCodes that nobody has explained."""
    del question
    if not evidence.unknown_codes:
        return None
    codes = ", ".join(f"{code} ({lines:,})" for code, lines in evidence.unknown_codes)
    words = f"errorCodes that the contract does not list: {codes}; once understood, {NEW_REVISION}"
    return Hold(code=HoldCode.UNEXPECTED_CODE, words=words)
