"""What the gate audit found, in sentences: first the answer, then what it cannot see. Pure."""

from dataclasses import dataclass

from dashboard.data import format as words
from gates.verdict.evidence import Severity
from ingest.gate_audit import Findings


@dataclass(frozen=True, slots=True)
class Headline:
    """`worst` is null where no violation stands; `answered` is false where nothing was judged."""

    worst: Severity | None
    answered: bool
    sentence: str
    limits: tuple[str, ...]


def headline(found: Findings) -> Headline:
    """The answer to: did any line contradict the controls of its time?"""
    violations = [one for one in found.found if one.lines]
    lines = words.count(found.judged)
    if violations:
        counts = ", ".join(
            f"{words.count(found.violations(severity))} {severity}"
            for severity in Severity
            if found.violations(severity)
        )
        first = violations[0]
        said = f"Worst is {first.severity}: `{first.code}`. Violations in {lines} audited lines: {counts}."
        return Headline(first.severity, True, said, _limits(found))
    if not found.judged:
        return Headline(None, False, "No answer: no line was judged against controls.", _limits(found))
    return Headline(None, True, f"No breach found in {lines} audited lines.", _limits(found))


def _limits(found: Findings) -> tuple[str, ...]:
    excused = sum(one.excused for one in found.found)
    said = []
    if excused:
        said.append(
            f"{_lines(excused)} in grace: legal under a neighbouring revision, within the clock skew of "
            f"{found.clock_skew_ns / 1e9:g} s or while that was being published; counted apart"
        )
    if found.unaudited:
        said.append(f"{_lines(found.unaudited)} not audited yet: the next pass of ingest does it")
    said += [f"{_lines(count)} not judged: {reason}" for reason, count in found.not_judged]
    if found.scope_unknown:
        said.append(
            f"not visible: opt-in and scope of {words.count(found.scope_unknown)} `NOT_ALLOWLISTED` "
            f"{'line' if found.scope_unknown == 1 else 'lines'} whose job spec is not known"
        )
    return tuple(said)


def _lines(count: int) -> str:
    return f"{words.count(count)} {'line' if count == 1 else 'lines'}"
