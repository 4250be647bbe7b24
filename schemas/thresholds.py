"""`thresholds.v1`: what each step of a rollout asks for before it may be expanded."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import WHOLE, Document

# Nothing here can be set so that a verdict passes without data: every limit stays clear of 1, every
# count starts at 1, and the error probabilities stay small.
Limit = Annotated[float, Field(gt=0, le=0.5)]
MedianLimit = Annotated[float, Field(gt=0, le=0.9)]
Alpha = Annotated[float, Field(gt=0, le=0.2)]
Share = Annotated[float, Field(gt=0, le=1)]
Count = Annotated[int, Field(ge=1), WHOLE]


class Rate(Document):
    """A rate passes when its upper bound is at most `expand`, fails when its lower bound exceeds `stop`."""

    stop: Limit
    expand: Limit


class MedianRate(Document):
    """As `Rate`, for the share of jobs slower than the p50 limit, where one half is normal."""

    stop: MedianLimit
    expand: MedianLimit


class Latency(Document):
    """Limits for the share of completed jobs slower than the p50 and the p95 limit in force."""

    p50: MedianRate
    p95: Rate


class Baseline(Document):
    """The baseline, where no job may reach the model: `min_jobs` counts distinct stub jobs."""

    dwell_seconds: Annotated[float, Field(ge=1, le=31_536_000)]
    min_hours: Annotated[int, Field(ge=1, le=8760), WHOLE]
    min_jobs: Count


class StepAsks(Baseline):
    """A step under which jobs reach the model; `min_jobs` counts the distinct ones that did.

    `min_hours` distinct hours must have lines that reached the model; `dwell_seconds` count from
    the moment the revision took effect.
    """

    failures: Rate


class BroadenAsks(StepAsks):
    """A broaden step: `slice_failures` are the limits in its new slice alone."""

    slice_failures: Rate


class Steps(Document):
    """Every step that a rollout can stand at."""

    baseline: Baseline
    canary_1: Annotated[StepAsks, Field(alias="canary-1")]
    canary_5: Annotated[StepAsks, Field(alias="canary-5")]
    expand_10: Annotated[StepAsks, Field(alias="expand-10")]
    expand_25: Annotated[StepAsks, Field(alias="expand-25")]
    expand_50: Annotated[StepAsks, Field(alias="expand-50")]
    broaden_subject: Annotated[BroadenAsks, Field(alias="broaden-subject")]
    broaden_board: Annotated[BroadenAsks, Field(alias="broaden-board")]
    broaden_level: Annotated[BroadenAsks, Field(alias="broaden-level")]
    broaden_spec: Annotated[BroadenAsks, Field(alias="broaden-spec")]
    broaden_kind: Annotated[BroadenAsks, Field(alias="broaden-kind")]
    broaden_slot: Annotated[BroadenAsks, Field(alias="broaden-slot")]
    expand_100: Annotated[StepAsks, Field(alias="expand-100")]
    steady: StepAsks


class ThresholdsDocument(Document):
    """The whole document; nothing has a default, so nothing is asked for that does not stand in it.

    `number` counts its guarded changes; 0 are the defaults. `pass_alpha` and `fail_alpha` are the
    chances of a false PASS and of a false FAIL of one check, however often it is looked at.
    `reference_factor` times the percentile of the last approved window bounds latency, from
    `reference_min_completed` completed jobs on. `medium_share` is of the last 200 lines.
    `sample_ratio_limit` is the evidence at which lost lines hold, `sample_ratio_weight` how firmly
    the expected share is believed. `silence_horizon_seconds` is the time in which the silence rule may
    speak once without cause. `opt_in_jump` is a difference of shares.
    """

    version: Literal["thresholds.v1"]
    number: Annotated[int, Field(ge=0), WHOLE]
    pass_alpha: Alpha
    fail_alpha: Alpha
    steps: Steps
    latency: Latency
    reference_factor: Annotated[float, Field(ge=1, le=10)]
    reference_min_completed: Annotated[int, Field(ge=1, le=1_000_000), WHOLE]
    verification_lines: Annotated[int, Field(ge=1, le=1_000_000), WHOLE]
    clock_skew_seconds: Annotated[float, Field(ge=0, le=300)]
    medium_share: Annotated[float, Field(ge=0, le=0.5)]
    sample_ratio_limit: Annotated[float, Field(ge=5, le=1_000_000)]
    sample_ratio_weight: Annotated[float, Field(ge=1, le=1000)]
    silence_min_seconds: Annotated[float, Field(ge=1, le=86_400)]
    silence_horizon_seconds: Annotated[float, Field(ge=60, le=31_536_000)]
    ingest_lag_seconds: Annotated[float, Field(ge=1, le=3600)]
    kill_confirm_seconds: Annotated[float, Field(ge=1, le=86_400)]
    opt_in_jump: Share
