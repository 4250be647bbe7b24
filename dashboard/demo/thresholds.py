"""What the demo's verdicts ask for: the defaults of slotgate in kind, with minutes instead of hours."""

from dataclasses import replace

from gates.verdict.defaults import DEFAULT
from gates.verdict.thresholds import RateLimits, StepThresholds, Thresholds
from schemas.stages import Step

DWELL_S = 60.0
MIN_JOBS = 20
_LIMITS = RateLimits(stop=0.05, expand=0.1)
_FIRST_CANARY = RateLimits(stop=0.05, expand=0.2)


def _asks(step: Step, asks: StepThresholds) -> StepThresholds:
    if asks.failures is None:
        return replace(asks, dwell_s=DWELL_S)
    return StepThresholds(
        failures=_FIRST_CANARY if step is Step.CANARY_1 else _LIMITS,
        slice_failures=None if asks.slice_failures is None else _FIRST_CANARY,
        dwell_s=DWELL_S,
        min_hours=1,
        min_jobs=MIN_JOBS,
    )


# Every run of the live part is a process on this machine, which may be busy: it starts late, and its
# line is stamped late. So the budgets bound the latency, and the audit allows more skew.
THRESHOLDS: Thresholds = replace(
    DEFAULT,
    steps={step: _asks(step, asks) for step, asks in DEFAULT.steps.items()},
    reference_factor=4.0,
    clock_skew_s=3.0,
)
