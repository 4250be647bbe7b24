"""Which latency limits are in force, and where they come from (DESIGN section 6)."""

from gates.verdict.evidence import LatencyLimits
from gates.verdict.question import Question, Reference
from gates.verdict.wording import milliseconds


def limits_of(question: Question) -> LatencyLimits:
    """min(budget, factor x percentile of the last approved window); null where there is neither."""
    before = _usable(question)
    factor = question.thresholds.reference_factor
    return LatencyLimits(
        p50_ms=_smaller(question.budget_p50_ms, before.p50_ms if before else None, factor),
        p95_ms=_smaller(question.budget_p95_ms, before.p95_ms if before else None, factor),
    )


def origin(question: Question, limits: LatencyLimits) -> tuple[str, ...]:
    """One sentence a limit in force: what it is and where it comes from."""
    before = _usable(question)
    found = (
        ("p50", limits.p50_ms, question.budget_p50_ms, before.p50_ms if before else None),
        ("p95", limits.p95_ms, question.budget_p95_ms, before.p95_ms if before else None),
    )
    return tuple(
        f"{name} limit {milliseconds(limit)}: {_from(question, budget, limit, percentile)}"
        for name, limit, budget, percentile in found
        if limit is not None
    )


def _from(question: Question, budget: float | None, limit: float, percentile: float | None) -> str:
    before = question.reference
    if percentile is None or before is None or (budget is not None and budget <= limit):
        return "the budget"
    return (
        f"{question.thresholds.reference_factor:g} x the {milliseconds(percentile)} of revision "
        f"{before.revision} ({before.step}), the last approved window; a before/after comparison, "
        "no control group"
    )


def _usable(question: Question) -> Reference | None:
    """The reference, where it has enough completed jobs for its percentiles to mean something."""
    reference = question.reference
    if reference is None or reference.completed < question.thresholds.reference_min_completed:
        return None
    return reference


def _smaller(budget: float | None, percentile: float | None, factor: float) -> float | None:
    bound = None if percentile is None else factor * percentile
    known = [value for value in (budget, bound) if value is not None]
    return min(known) if known else None
