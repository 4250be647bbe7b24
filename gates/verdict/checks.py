"""The rate checks: k bad of n, with anytime-valid bounds, for all versions together and for each."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from gates.verdict import bounds
from gates.verdict.check_words import check_words
from gates.verdict.evidence import Evidence, Units
from gates.verdict.question import Question
from gates.verdict.thresholds import RateLimits
from gates.verdict.verdict import Check, CheckName, CheckState
from gates.verdict.wording import SECOND_NS

_DAY_NS = 86_400 * SECOND_NS
_PACE_FROM = 5  # fewer jobs since a change are no pace: "42 more, about 0.3 s" helps nobody


@dataclass(frozen=True, slots=True)
class _Rate:
    """What is counted; `slow_ms` is the limit of a latency check, `since_ns` where its pace begins."""

    name: CheckName
    limits: RateLimits
    bad: int
    of: int
    since_ns: int | None
    slow_ms: float | None = None


def checks(question: Question, evidence: Evidence) -> tuple[Check, ...]:
    """Every check of the step. A version's own is made where there are several, at alpha / versions."""
    found = [
        _check(question, evidence, rate, None)
        for rate in (*_rates(question, evidence, evidence.units), *_slice(question, evidence))
    ]
    if len(evidence.versions) > 1:
        found += [
            _check(question, evidence, rate, units.executor_version)
            for units in evidence.versions
            for rate in _rates(question, evidence, units)
        ]
    return tuple(found)


def fail_alpha(question: Question, evidence: Evidence, version: str | None) -> float:
    """The error probability of a FAIL: shared by the versions, so that many of them are no excuse."""
    alpha = question.thresholds.fail_alpha
    return alpha if version is None else alpha / max(1, len(evidence.versions))


def required(evidence: Evidence, check: Check) -> bool:
    """Whether EXPAND needs this check to pass: all but those of versions that are no longer in use."""
    in_use = {units.executor_version for units in evidence.versions if units.in_use}
    return check.version is None or check.version in in_use


def _rates(question: Question, evidence: Evidence, units: Units) -> Iterator[_Rate]:
    asks = question.thresholds.steps.get(question.step)
    if asks is None or asks.failures is None:
        return  # no job may reach the model: there is no rate
    since = evidence.from_ns if units is evidence.units else units.first_ns
    yield _Rate(CheckName.FAILURES, asks.failures, units.failed, units.jobs, since)
    slow = (
        (CheckName.LATENCY_P50, question.thresholds.latency_p50, units.over_p50, evidence.limits.p50_ms),
        (CheckName.LATENCY_P95, question.thresholds.latency_p95, units.over_p95, evidence.limits.p95_ms),
    )
    for name, limits, over, limit_ms in slow:
        if over is not None and limit_ms is not None:
            yield _Rate(name, limits, over, units.completed, since, limit_ms)


def _slice(question: Question, evidence: Evidence) -> Iterator[_Rate]:
    asks, new = question.thresholds.steps.get(question.step), evidence.new_slice
    if asks is None or asks.slice_failures is None or new is None or new.units is None:
        return
    units = new.units
    yield _Rate(CheckName.SLICE_FAILURES, asks.slice_failures, units.failed, units.jobs, evidence.from_ns)


def _check(question: Question, evidence: Evidence, rate: _Rate, version: str | None) -> Check:
    bad, of, stop, expand = rate.bad, rate.of, rate.limits.stop, rate.limits.expand
    pass_alpha, stop_alpha = question.thresholds.pass_alpha, fail_alpha(question, evidence, version)
    state = CheckState.OPEN
    if bounds.fails(bad, of, stop, stop_alpha):
        state = CheckState.FAIL
    elif bounds.passes(bad, of, expand, pass_alpha):
        state = CheckState.PASS
    needs = bounds.clean_needed(bad, of, expand, pass_alpha) if state is CheckState.OPEN else None
    check = Check(
        name=rate.name,
        version=version,
        bad=bad,
        of=of,
        rate=bad / of if of else None,
        lower=bounds.lower(bad, of, stop_alpha),
        upper=bounds.upper(bad, of, pass_alpha),
        stop=stop,
        expand=expand,
        state=state,
        needs=needs,
        needs_days=_days(needs, of, rate.since_ns, evidence.until_ns),
        words="",
    )
    return replace(check, words=check_words(check, rate.slow_ms))


def _days(needs: int | None, of: int, since_ns: int | None, until_ns: int) -> float | None:
    """How long `needs` more take at the pace since `since_ns`; null where too few came to have one."""
    if needs is None or of < _PACE_FROM or since_ns is None or until_ns <= since_ns:
        return None
    return needs * ((until_ns - since_ns) / of) / _DAY_NS
