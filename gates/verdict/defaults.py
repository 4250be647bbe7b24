"""What a home asks for until somebody changes it (DESIGN section 6)."""

from gates.verdict.thresholds import RateLimits, StepThresholds, Thresholds
from schemas.stages import Step

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
# An hour of every quarter of a day: a fault that only shows at some times of day had its chance.
MIN_HOURS = 6
# Below 20 points the points themselves are shown, not a percentile.
MIN_JOBS = 20


def _live(stop: float, expand: float, *, slice_expand: float | None = None) -> StepThresholds:
    return StepThresholds(
        failures=RateLimits(stop=stop, expand=expand),
        slice_failures=None if slice_expand is None else RateLimits(stop=stop, expand=slice_expand),
        dwell_s=DAY_S,
        min_hours=MIN_HOURS,
        min_jobs=MIN_JOBS,
    )


_BASELINE = StepThresholds(failures=None, slice_failures=None, dwell_s=DAY_S, min_hours=1, min_jobs=100)
_BROADEN = _live(0.05, 0.05, slice_expand=0.1)

DEFAULT = Thresholds(
    version_number=0,
    steps={
        Step.BASELINE: _BASELINE,
        Step.CANARY_1: _live(0.05, 0.2),
        Step.CANARY_5: _live(0.05, 0.1),
        Step.EXPAND_10: _live(0.05, 0.1),
        Step.EXPAND_25: _live(0.05, 0.05),
        Step.EXPAND_50: _live(0.05, 0.05),
        Step.BROADEN_SUBJECT: _BROADEN,
        Step.BROADEN_BOARD: _BROADEN,
        Step.BROADEN_LEVEL: _BROADEN,
        Step.BROADEN_SPEC: _BROADEN,
        Step.BROADEN_KIND: _BROADEN,
        Step.BROADEN_SLOT: _BROADEN,
        Step.EXPAND_100: _live(0.05, 0.05),
        Step.STEADY: _live(0.02, 0.02),
    },
    latency_p50=RateLimits(stop=0.5, expand=0.6),
    latency_p95=RateLimits(stop=0.05, expand=0.1),
    pass_alpha=0.05,
    fail_alpha=0.01,
    reference_factor=1.25,
    # 59 is the smallest n of which the largest value is above the true p95 with probability 95 %.
    reference_min_completed=59,
    verification_lines=20,
    clock_skew_s=1.0,
    medium_share=0.01,
    sample_ratio_limit=200.0,
    sample_ratio_weight=20.0,
    silence_min_s=300.0,
    silence_horizon_s=30 * DAY_S,
    ingest_lag_s=60.0,
    kill_confirm_s=60.0,
    opt_in_jump=0.2,
)
