"""Evidence: what telemetry shows of one step under one revision. Values only, no rows.

Unless said otherwise only lines of managed sources count, and none of a probe (`probe:…`). A unit is
a distinct jobId within (step, executorVersion, revision). Times are epoch nanoseconds.
"""

from dataclasses import dataclass
from enum import StrEnum

from schemas.stages import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlsInForce:
    """What the window's revision says; `removed`: the control file was taken away."""

    kill: bool
    feature: bool
    allowlist: bool
    percent: int
    removed: bool
    effective_ns: int


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


class KillState(StrEnum):
    """Where the confirmation of a kill stands (DESIGN section 6)."""

    ENGAGED = "ENGAGED"
    DRAINING = "DRAINING"
    CONFIRMED = "CONFIRMED"
    BREACHED = "BREACHED"
    UNCONFIRMED = "UNCONFIRMED"


@dataclass(frozen=True, slots=True, kw_only=True)
class KillOfSource:
    """What one source showed since a kill. In flight: decided before it, line after it."""

    source: str
    stubbed_since: int
    openai_since: int
    last_openai_start_ns: int | None
    in_flight: int
    in_flight_ended_ns: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KillFacts:
    """What telemetry shows of the newest kill, engaged at `engaged_ns`; null `released_ns`: still on.

    Managed lines, probes included: they confirm kills. `stubbed_since` counts KILL_SWITCH lines
    decided after it, `openai_since` openai lines decided after it (beyond clock skew).
    """

    revision: int
    engaged_ns: int
    released_ns: int | None
    stubbed_since: int
    first_stub_ns: int | None
    openai_since: int
    last_openai_start_ns: int | None
    in_flight: int
    in_flight_ended_ns: int | None
    sources: tuple[KillOfSource, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceUnits:
    """The new slice of a broaden step: jobs that the revision before would not have admitted.

    Not `visible` where too few job specs are known; `why` says so.
    """

    visible: bool
    why: str | None
    units: Units | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationFacts:
    """Lines since the revision, probes included: how many agree with the controls, and what does not."""

    lines: int
    schema_invalid: int
    violations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestState:
    """How far ingest is. `last_pass_ns`: when the newest pass ended; `behind_bytes`: not read yet.

    `unaudited` lines were stored and not yet looked at by the gate audit. `failure` says why the last
    pass failed.
    """

    last_pass_ns: int | None
    behind_bytes: int
    unaudited: int
    failure: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything a verdict looks at.

    `controls` is null where the revision never took effect in the home's history. `lines` and `jobs`
    are of the window, stub and openai; `model_hours` how many distinct hours have lines that reached
    the model, `hours` any line. `jobs_per_hour` is over the time the window has run.
    `invalid` are quarantined records in the window, `invalid_openai` those that claim path openai.
    `digest` names the set of rows: equal sets, equal digest, whatever their order.
    """

    revision: int
    step: Step
    from_ns: int | None
    until_ns: int
    controls: ControlsInForce | None
    limits: LatencyLimits
    outcomes: tuple[OutcomeJobs, ...]
    lines: int
    jobs: int
    stub_jobs: int
    probes: int
    hours: int
    model_hours: int
    jobs_per_hour: float | None
    last_line_ns: int | None
    units: Units
    versions: tuple[Units, ...]
    new_slice: SliceUnits | None
    percentiles: Percentiles
    unknown_codes: tuple[tuple[str, int], ...]
    invalid: int
    invalid_openai: int
    sample: SampleRatio
    opt_in_share: float | None
    findings: tuple[FindingCount, ...]
    last_lines: int
    verification: VerificationFacts
    ingest: IngestState
    kill: KillFacts | None
    unattributed: int
    newer_revision: int | None
    digest: str
