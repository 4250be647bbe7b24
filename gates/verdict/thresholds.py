"""The thresholds of a verdict as values: what each step asks for (DESIGN section 6)."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.stages import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits:
    """A rate passes when its upper bound is at most `expand`, fails when its lower bound exceeds `stop`."""

    stop: float
    expand: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StepThresholds:
    """What one step asks for. `failures` is null where no job may reach the model (the baseline).

    `slice_failures` are the limits of a broaden step in its new slice alone. `dwell_s` is in
    seconds, from the moment the revision took effect; `min_jobs` counts distinct jobs.
    """

    failures: RateLimits | None
    slice_failures: RateLimits | None
    dwell_s: float
    min_hours: int
    min_jobs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """A whole document, `thresholds.v1`. Its `version_number` counts its guarded changes.

    `pass_alpha` and `fail_alpha` are the error probabilities of the bounds U and L. `verification_lines`
    is what an enable step needs. `clock_skew_s` and `medium_share` (of the last 200 lines) belong to the
    gate audit; `reference_factor` times the last approved percentile bounds a latency limit;
    `silence_horizon_s` is T of the silence rule; `ingest_lag_s` how far ingest may be behind.
    """

    version_number: int
    steps: Mapping[Step, StepThresholds]
    latency_p50: RateLimits
    latency_p95: RateLimits
    pass_alpha: float
    fail_alpha: float
    reference_factor: float
    reference_min_completed: int
    verification_lines: int
    clock_skew_s: float
    medium_share: float
    sample_ratio_limit: float
    sample_ratio_weight: float
    silence_min_s: float
    silence_horizon_s: float
    ingest_lag_s: float
    kill_confirm_s: float
    opt_in_jump: float
