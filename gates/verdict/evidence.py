"""Evidence: what telemetry shows of one step under one revision. Values only, no rows.

Unless said otherwise only lines of managed sources count, and none of a probe (`probe:…`). A unit is
a distinct jobId within (step, executorVersion, revision). Times are epoch nanoseconds.
"""

from dataclasses import dataclass

from gates.verdict.clock_offset import ClockOff
from gates.verdict.counts import (
    NO_RUNS,
    FindingCount,
    LatencyLimits,
    OutcomeJobs,
    Percentiles,
    RunFacts,
    SampleRatio,
    Severity,
    SliceUnits,
    Units,
)
from gates.verdict.kills import KillFacts, KillOfSource, KillState
from schemas.stages import Step

__all__ = [
    "ClockOff",
    "ControlsInForce",
    "Evidence",
    "FindingCount",
    "IngestState",
    "KillFacts",
    "KillOfSource",
    "KillState",
    "LatencyLimits",
    "OutcomeJobs",
    "Percentiles",
    "RunFacts",
    "SampleRatio",
    "Severity",
    "SliceUnits",
    "Units",
    "VerificationFacts",
]


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
    `digest` names the set of rows: equal sets, equal digest, whatever their order. `clocks` are those that
    seem to be off. `unplaced_openai` lines of path openai may be of the window and are in none.
    `number_reused`: the revision's number stands for different controls at different times.
    `versions_together`: how many executorVersions are counted as if they were one, because they are so many.
    `runs` under `slotgate exec` that began in the window. `gone_before_ns`: lines of the window from before
    then may have been deleted; null: it has them all.
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
    clocks: tuple[ClockOff, ...] = ()
    unplaced_openai: int = 0
    number_reused: bool = False
    versions_together: int = 0
    runs: RunFacts = NO_RUNS
    gone_before_ns: int | None = None
