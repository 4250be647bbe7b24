"""Probes of many lines together: shares, failures, latencies, and the verdict itself."""

from gates.beta.line_probes import error_codes
from gates.beta.look import Look, count, held, without
from gates.beta.observed import Observed, Shown, fails, holds, silent
from gates.verdict.verdict import CheckName, CheckState, HoldCode
from gates.verdict.words import VerdictWord

OUTPUT_CODES = frozenset(
    {
        "OPENAI_NON_JSON_RESPONSE",
        "OPENAI_MISSING_CONTENT",
        "OPENAI_NON_JSON_CONTENT",
        "OPENAI_OUTPUT_NOT_OBJECT",
    }
)
_LATENCY = frozenset({CheckName.LATENCY_P50, CheckName.LATENCY_P95})
_FAILURES = frozenset({CheckName.FAILURES, CheckName.SLICE_FAILURES})


def latency(look: Look) -> Observed:
    """The latency checks of the verdict."""
    return _checked(look, _LATENCY, "no latency was measured under this revision yet")


def distribution(look: Look) -> Observed:
    """As many jobs reached the model as the buckets of the seen jobs admit."""
    lost = held(look, HoldCode.SAMPLE_RATIO)
    if lost is not None:
        return lost
    sample = look.seen.sample
    if not sample.visible or not sample.reached:
        return silent(sample.why or "no job has reached the rollout gate under this revision yet")
    return holds(
        f"{sample.admitted} of {count(sample.reached, 'job')} reached the model, as their buckets say"
    )


def outputs(look: Look) -> Observed:
    """Enough jobs completed, none with an output that is not what it should be."""
    reported = held(look, HoldCode.BAD_OUTPUT)
    if reported is not None:
        return reported
    bad = sum(one.jobs for one in look.seen.outcomes if one.error_code in OUTPUT_CODES)
    if bad:
        return fails(f"{count(bad, 'job')} failed by the output", VerdictWord.HOLD)
    completed, wanted = look.seen.units.completed, max(1, look.min_jobs)
    if completed < wanted:
        return silent(f"{count(completed, 'job')} completed; {wanted - completed} more are needed")
    return holds(f"{count(completed, 'job')} completed, none failed by the output")


def error_rates(look: Look) -> Observed:
    """The failure checks pass, and every errorCode is known."""
    known = error_codes(look)
    if known.shown is Shown.FAILS:
        return known
    return _checked(look, _FAILURES, "no job has reached the model under this revision yet")


def no_roll_back(look: Look) -> Observed:
    """The verdict is not ROLL BACK."""
    if look.verdict.word is VerdictWord.ROLL_BACK:
        return fails(look.verdict.sentence, VerdictWord.ROLL_BACK)
    return without(look, frozenset(), "nothing calls for a roll back")


def _checked(look: Look, names: frozenset[CheckName], nothing: str) -> Observed:
    checks = [check for check in look.verdict.checks if check.name in names]
    failing = [check.words for check in checks if check.state is CheckState.FAIL]
    if failing:
        return fails("; ".join(failing), VerdictWord.ROLL_BACK)
    waiting = [check.words for check in checks if check.state is not CheckState.PASS]
    if waiting or not checks:
        return silent("; ".join(waiting) or nothing)
    return holds("; ".join(check.words for check in checks))
