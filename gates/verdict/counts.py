"""What was counted in a window, as values; `gates.verdict.evidence` says which lines count."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeJobs:
    """How many lines and distinct jobs ended so."""

    path: str
    status: str
    error_code: str | None
    lines: int
    jobs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """The units of one executorVersion (or of all together): jobs that reached the model.

    `failed` had any FAILED attempt; `completed` had a COMPLETED one; `over_p50` and `over_p95` are the
    completed ones slower than the limit in force, null where there is no limit. `in_use`: seen among
    the last 200 lines that reached the model.
    """

    executor_version: str
    jobs: int
    failed: int
    completed: int
    over_p50: int | None
    over_p95: int | None
    in_use: bool
    first_ns: int | None
    last_ns: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyLimits:
    """Milliseconds: min(budget, factor x last approved percentile); null where there is neither."""

    p50_ms: float | None
    p95_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentiles:
    """Exact nearest-rank percentiles of openai COMPLETED in ms; `points` holds all below 20 of them."""

    count: int
    p50: float | None
    p95: float | None
    p99: float | None
    points: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRatio:
    """Distinct jobs that reached the bucket, how many of them went to the model, and the share of the seen
    jobIds whose bucket admits them. `visible` is false where a loss could not be seen yet, `why` says so.
    """

    reached: int
    admitted: int
    expected_share: float | None
    visible: bool
    why: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceUnits:
    """The new slice of a broaden step: jobs that the revision before would not have admitted.

    Not `visible` where too few job specs are known; `why` says so.
    """

    visible: bool
    why: str | None
    units: Units | None


class Severity(StrEnum):
    """How bad a gate-audit finding is: critical rolls back, high holds, medium holds when frequent."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingCount:
    """Lines of one gate-audit code in the window, of any source; `excused` are those in grace (not counted
    in `lines`); `of_last` how many of the last 200 lines.
    """

    code: str
    severity: Severity
    lines: int
    jobs: int
    excused: int
    of_last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """Runs of one job each under `slotgate exec`, of which everything they said was read: `judged`.

    `silent` ones did not say exactly one line. The result of the others was `invalid` against its contract,
    `missing` although the run went well, or `contradicting` its line. `wrong` runs are any of these, once.
    """

    judged: int = 0
    silent: int = 0
    invalid: int = 0
    missing: int = 0
    contradicting: int = 0
    wrong: int = 0


NO_RUNS = RunFacts()
