"""Holds for telemetry that should be there and is not: silence, volume, lines lost from one arm.

They see only what the counts show. That no traffic was expected is never a reason to pass.
"""

from math import log

from gates.verdict.evidence import Evidence
from gates.verdict.question import Question
from gates.verdict.sample_ratio import log_evidence
from gates.verdict.silence import HOUR_S, log_evidence_of_drop, silence_limit_s
from gates.verdict.verdict import Hold, HoldCode
from gates.verdict.wording import SECOND_NS, count, percent, rate, span

# From so many lines on the window's own pace is known well enough; before, the reference speaks.
_OWN_PACE = 20
# A pace of half the reference is still no reason to hold: days differ.
_HALF = 0.5


def silence(question: Question, evidence: Evidence) -> Hold | None:
    """No line for longer than the pace of lines explains."""
    began = evidence.from_ns if evidence.last_line_ns is None else evidence.last_line_ns
    pace, whose = _pace(question, evidence)
    if began is None or pace is None:
        return None
    quiet = (evidence.until_ns - began) / SECOND_NS
    thresholds = question.thresholds
    most = silence_limit_s(pace, thresholds.silence_min_s, thresholds.silence_horizon_s)
    if quiet <= most:
        return None
    since = "the last line came" if evidence.last_line_ns is not None else "no line has come since"
    ago = f"{span(quiet)} ago" if evidence.last_line_ns is not None else f"the revision, {span(quiet)} ago"
    return Hold(
        code=HoldCode.SILENCE,
        words=f"{since} {ago}; at {rate(pace)} an hour{whose} chance explains {span(most)}; "
        "it ends with the next line",
    )


def _pace(question: Question, evidence: Evidence) -> tuple[float | None, str]:
    """Lines an hour, over the whole window, silence included: few lines never make an alarm by themselves."""
    if evidence.lines < _OWN_PACE and question.reference and question.reference.jobs_per_hour:
        return question.reference.jobs_per_hour, f" as under revision {question.reference.revision}"
    hours = _hours(evidence)
    return (evidence.lines / hours if hours > 0 and evidence.lines else None), ""


def volume(question: Question, evidence: Evidence) -> Hold | None:
    """Far fewer jobs an hour than in the last approved window, stub and openai together.

    Looked at from the dwell time on, so that a day is compared with a day, and safe at any time after.
    """
    asks, reference = question.thresholds.steps.get(question.step), question.reference
    hours = _hours(evidence)
    if asks is None or reference is None or not reference.jobs_per_hour or hours * HOUR_S < asks.dwell_s:
        return None
    expected = reference.jobs_per_hour * hours * _HALF
    if log_evidence_of_drop(evidence.jobs, expected) < log(question.thresholds.sample_ratio_limit):
        return None
    seen = f"{count(evidence.jobs, 'job')} in {span(hours * HOUR_S)}"
    return Hold(
        code=HoldCode.VOLUME,
        words=f"{seen}, {rate(evidence.jobs / hours)} an hour: more than twice as many came under revision "
        f"{reference.revision} ({rate(reference.jobs_per_hour)}); it ends when jobs come as before",
    )


def sample_ratio(question: Question, evidence: Evidence) -> Hold | None:
    """Fewer or more jobs at the model than their buckets say, so that lines of one arm are lost."""
    sample, thresholds = evidence.sample, question.thresholds
    if not sample.visible or sample.expected_share is None or sample.reached == 0:
        return None
    shown = log_evidence(
        sample.admitted, sample.reached, sample.expected_share, thresholds.sample_ratio_weight
    )
    if shown < log(thresholds.sample_ratio_limit):
        return None
    few = sample.admitted < sample.expected_share * sample.reached
    return Hold(
        code=HoldCode.SAMPLE_RATIO,
        words=f"{sample.admitted:,} of {count(sample.reached, 'job')} that reached the bucket went to the "
        f"model ({percent(sample.admitted / sample.reached, sample.expected_share)}), their buckets say "
        f"{percent(sample.expected_share)}: lines of the {'openai' if few else 'stub'} arm are lost; "
        "it ends when the counts agree again",
    )


def sample_words(evidence: Evidence) -> str:
    """What the sample ratio can say, also that it sees nothing yet."""
    sample = evidence.sample
    if not sample.visible or sample.expected_share is None:
        return f"lines lost from one arm could not be seen yet: {sample.why or 'no job reached the bucket'}"
    return (
        f"{sample.admitted:,} of {sample.reached:,} jobs that reached the bucket went to the model, "
        f"{percent(sample.expected_share)} expected from their buckets"
    )


def _hours(evidence: Evidence) -> float:
    if evidence.from_ns is None:
        return 0.0
    return max(0, evidence.until_ns - evidence.from_ns) / SECOND_NS / HOUR_S
