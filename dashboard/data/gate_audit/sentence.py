"""What the gate audit found, in sentences: first the answer, then what it cannot see. Pure."""

from dataclasses import dataclass

from dashboard.data import format as words
from gates.verdict.evidence import Severity
from ingest.gate_audit import Findings, FoundCode


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
        counts, first = _by_severity(found.found), violations[0]
        said = f"Worst is {first.severity}: `{first.code}`. Violations in {lines} audited lines: {counts}."
        return Headline(first.severity, True, said, _limits(found))
    if not found.judged:
        return Headline(None, False, "No answer: no line was judged against controls.", _limits(found))
    return Headline(None, True, f"No breach found in {lines} audited lines.", _limits(found))


def uncounted(found: tuple[FoundCode, ...], why: str) -> Headline:
    """The answer where the lines could not be counted in time: what was found, and no more."""
    violations = [one for one in found if one.lines]
    limits = (f"how many lines were audited is not known: {why}",)
    if not violations:
        return Headline(None, False, "No finding stands; of how many lines is not known.", limits)
    first = violations[0]
    said = f"Worst is {first.severity}: `{first.code}`. Violations: {_by_severity(found)}."
    return Headline(first.severity, True, said, limits)


def _by_severity(found: tuple[FoundCode, ...]) -> str:
    sums = {severity: sum(one.lines for one in found if one.severity is severity) for severity in Severity}
    return ", ".join(f"{words.count(count)} {severity}" for severity, count in sums.items() if count)


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
    if found.gone_before_ns is not None:
        said.append(f"{words.lines_kept_since(found.gone_before_ns)}, with what was found in them")
    said += [f"{_lines(count)} not judged: {reason}" for reason, count in found.not_judged]
    if found.scope_unknown:
        said.append(
            f"not visible: opt-in and scope of {words.count(found.scope_unknown)} `NOT_ALLOWLISTED` "
            f"{'line' if found.scope_unknown == 1 else 'lines'} whose job spec is not known"
        )
    return tuple(said)


def _lines(count: int) -> str:
    return f"{words.count(count)} {'line' if count == 1 else 'lines'}"
