"""Thresholds and their document, `thresholds.v1`: there, back, and what a change of it loosens."""

from collections.abc import Mapping
from typing import Any

from gates.verdict.thresholds import RateLimits, StepThresholds, Thresholds
from schemas.stages import Step

# Every plain number of the document: its key, its field, and which way it gets laxer. "either": no
# direction is safe to name, so any change counts.
_NUMBERS: tuple[tuple[str, str, str], ...] = (
    ("passAlpha", "pass_alpha", "higher"),
    ("failAlpha", "fail_alpha", "lower"),
    ("referenceFactor", "reference_factor", "higher"),
    ("referenceMinCompleted", "reference_min_completed", "either"),
    ("verificationLines", "verification_lines", "lower"),
    ("clockSkewSeconds", "clock_skew_s", "higher"),
    ("mediumShare", "medium_share", "higher"),
    ("sampleRatioLimit", "sample_ratio_limit", "higher"),
    ("sampleRatioWeight", "sample_ratio_weight", "either"),
    ("silenceMinSeconds", "silence_min_s", "higher"),
    ("silenceHorizonSeconds", "silence_horizon_s", "higher"),
    ("ingestLagSeconds", "ingest_lag_s", "higher"),
    ("killConfirmSeconds", "kill_confirm_s", "higher"),
    ("optInJump", "opt_in_jump", "higher"),
)


def thresholds_of(document: Mapping[str, Any]) -> Thresholds:
    """The thresholds that a document states; it has passed the checks of its contract."""
    return Thresholds(
        version_number=int(document["number"]),
        steps={Step(name): _step_of(asks) for name, asks in document["steps"].items()},
        latency_p50=_rate_of(document["latency"]["p50"]),
        latency_p95=_rate_of(document["latency"]["p95"]),
        **{field: document[key] for key, field, _ in _NUMBERS},
    )


def document_of(thresholds: Thresholds) -> dict[str, Any]:
    """The document that states these thresholds."""
    return {
        "version": "thresholds.v1",
        "number": thresholds.version_number,
        "steps": {step.value: _asks_of(asks) for step, asks in thresholds.steps.items()},
        "latency": {"p50": _limits_of(thresholds.latency_p50), "p95": _limits_of(thresholds.latency_p95)},
        **{key: getattr(thresholds, field) for key, field, _ in _NUMBERS},
    }


def loosens(before: Thresholds, after: Thresholds) -> tuple[str, ...]:
    """Everything that `after` asks less of than `before`, in words; empty when it is only stricter."""
    was, is_now = _flat(before), _flat(after)
    words = []
    for name in dict.fromkeys((*was, *is_now)):
        old, new = was.get(name), is_now.get(name)
        if old == new:
            continue
        if old is None or new is None:
            words.append(f"{name} {'added' if old is None else 'removed'}")
        elif _laxer(name, old, new):
            words.append(f"{name} {old:g} -> {new:g}")
    return tuple(words)


def _laxer(name: str, old: float, new: float) -> bool:
    direction = _DIRECTION[name.rpartition(".")[2]]
    return direction == "either" or (new > old) is (direction == "higher")


_DIRECTION = {key: direction for key, _, direction in _NUMBERS} | {
    "stop": "higher",
    "expand": "higher",
    "dwellSeconds": "lower",
    "minHours": "lower",
    "minJobs": "lower",
}


def _flat(thresholds: Thresholds) -> dict[str, float]:
    """Every number of the document but its own, under its path: `steps.canary-1.failures.stop`."""
    found: dict[str, float] = {}

    def walk(path: str, value: Any) -> None:
        if isinstance(value, dict):
            for key, below in value.items():
                walk(f"{path}.{key}" if path else key, below)
        elif not isinstance(value, str) and path != "number":
            found[path] = value

    walk("", document_of(thresholds))
    return found


def _step_of(asks: Mapping[str, Any]) -> StepThresholds:
    return StepThresholds(
        failures=_rate_of(asks["failures"]) if "failures" in asks else None,
        slice_failures=_rate_of(asks["sliceFailures"]) if "sliceFailures" in asks else None,
        dwell_s=asks["dwellSeconds"],
        min_hours=int(asks["minHours"]),
        min_jobs=int(asks["minJobs"]),
    )


def _asks_of(asks: StepThresholds) -> dict[str, Any]:
    rates = {"failures": asks.failures, "sliceFailures": asks.slice_failures}
    return {key: _limits_of(limits) for key, limits in rates.items() if limits is not None} | {
        "dwellSeconds": asks.dwell_s,
        "minHours": asks.min_hours,
        "minJobs": asks.min_jobs,
    }


def _rate_of(limits: Mapping[str, Any]) -> RateLimits:
    return RateLimits(stop=limits["stop"], expand=limits["expand"])


def _limits_of(limits: RateLimits) -> dict[str, float]:
    return {"stop": limits.stop, "expand": limits.expand}
