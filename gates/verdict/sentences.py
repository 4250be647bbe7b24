"""The one sentence of a verdict (DESIGN section 7), and what the data cannot rule out."""

from collections.abc import Sequence
from typing import assert_never

from gates.verdict.evidence import Evidence
from gates.verdict.grounds import Grounds
from gates.verdict.wording import clock, count, ordered, percent, span
from gates.verdict.words import VerdictWord

_DAY_S = 86_400


def sentence(word: VerdictWord, grounds: Grounds) -> str:
    """`ROLL BACK: 5 of 15 failed; at least 5.2 %, limit 5 %.`"""
    match word:
        case VerdictWord.KILLED:
            kill = grounds.kill
            words = (
                f"{_killed(grounds.evidence)}; {kill.sentence if kill else 'telemetry has not confirmed it'}"
            )
        case VerdictWord.ROLL_BACK:
            words = (
                _first(grounds.stops)
                if grounds.stops
                else f"not acknowledged yet: {grounds.question.latched}"
            )
        case VerdictWord.HOLD:
            words = _first([hold.words for hold in grounds.holds])
        case VerdictWord.EXPAND:
            words = f"no evidence of harm yet: {_shown(grounds)}"
        case VerdictWord.NOT_ENOUGH_DATA:
            words = _lacking(grounds)
        case _:
            assert_never(word)
    return f"{word.replace('_', ' ')}: {words.rstrip('.')}."


def bound(grounds: Grounds) -> str:
    """What the data cannot rule out, for whoever signs an exception."""
    check = grounds.failures
    if check is None:
        return f"no job may reach the model here: {count(grounds.evidence.stub_jobs, 'stub job')} seen"
    if check.of == 0:
        return "no job has reached the model: any failure rate is possible"
    alpha = grounds.question.thresholds.pass_alpha
    seen = f"{check.bad:,} of {count(check.of, 'job')} failed"
    return f"{seen}: a failure rate of up to {percent(check.upper)} is possible (alpha {alpha:g})"


def _first(reasons: Sequence[str]) -> str:
    more = len(reasons) - 1
    return reasons[0] + (f" (and {count(more, 'more reason')})" if more else "")


def _killed(evidence: Evidence) -> str:
    if evidence.controls is not None and evidence.controls.removed:
        return f"the control file was removed at {clock(evidence.controls.effective_ns)}"
    since = "" if evidence.controls is None else f" since {clock(evidence.controls.effective_ns)}"
    return f"revision {evidence.revision} with the kill on{since}"


def _shown(grounds: Grounds) -> str:
    check = grounds.failures
    if check is None:
        return f"{count(grounds.evidence.stub_jobs, 'stub job')}, none reached the model"
    return check.words


def _lacking(grounds: Grounds) -> str:
    if not grounds.opens:
        return f"{_shown(grounds)}; still needed: {ordered(grounds.missing)}"
    first = grounds.opens[0]
    longest = max(grounds.opens, key=lambda check: check.needs or 0)
    if (longest.needs or 0) <= (first.needs or 0):
        return first.words
    pace = "" if longest.needs_days is None else f", about {span(longest.needs_days * _DAY_S)}"
    whose = "" if longest.version is None else f" of {longest.version}"
    return f"{first.words}; {longest.name}{whose} needs {longest.needs:,} more{pace}"
