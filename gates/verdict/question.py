"""What a review asks: gathered from the store, answered from telemetry. Values only."""

from dataclasses import dataclass

from gates.verdict.thresholds import Thresholds
from schemas.stages import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The last approved window, as its frozen evidence has it: a before/after comparison, no control group.

    Percentiles are milliseconds of openai COMPLETED, null where none completed.
    """

    revision: int
    step: Step
    approved_at_ns: int
    jobs: int
    failed: int
    completed: int
    p50_ms: float | None
    p95_ms: float | None
    jobs_per_hour: float | None
    opt_in_share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BadOutput:
    """An output that a person reviewed and found bad, not withdrawn since."""

    job_id: str
    reason: str
    reported_by: str
    at_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which evidence is wanted and what it is judged by.

    The window begins when `revision` took effect and ends at `now_ns` (for a past window: at
    `until_ns`, when the next one did). Budgets are milliseconds. `latched` says why ROLL BACK still
    stands. `killed`: the revision has the kill on; that is known also where no telemetry answers.
    """

    revision: int
    step: Step
    now_ns: int
    until_ns: int | None
    thresholds: Thresholds
    budget_p50_ms: float | None
    budget_p95_ms: float | None
    reference: Reference | None
    latched: str | None
    bad_outputs: tuple[BadOutput, ...]
    killed: bool = False
