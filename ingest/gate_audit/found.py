"""What one asks of the gate audit, and what it answers."""

from dataclasses import dataclass
from typing import Any

from gates.verdict.evidence import Severity
from gates.verdict.gate_audit import GateCode
from ingest.instants import rfc3339
from schemas.instant import SECOND
from schemas.stages import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which findings: null for no restriction. `history` is 'home', or the id of an imported history.

    `executor_version` and `job_id` are as the lines say them, `source_id` as the store numbers sources.
    """

    revision: int | None = None
    step: Step | None = None
    since_ns: int | None = None
    code: GateCode | None = None
    history: str | None = None
    severity: Severity | None = None
    executor_version: str | None = None
    source_id: int | None = None
    job_id: str | None = None

    def parameters(self) -> dict[str, Any]:
        """As the queries take them."""
        return {
            "revision": self.revision,
            "step": self.step.value if self.step else None,
            "since": self.since_ns,
            "code": self.code.value if self.code else None,
            "history": self.history,
            "severity": self.severity.value if self.severity else None,
            "version": self.executor_version,
            "source": self.source_id,
            "job": self.job_id,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCode:
    """Violations of one code under one history: `lines`, of so many `jobs`; `excused` lines are in grace."""

    history: str | None
    code: GateCode
    severity: Severity
    lines: int
    jobs: int
    excused: int
    first_ns: int | None
    last_ns: int | None

    def as_record(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "history": self.history,
            "code": self.code.value,
            "severity": self.severity.value,
            "lines": self.lines,
            "jobs": self.jobs,
            "excused": self.excused,
            "from": rfc3339(self.first_ns),
            "to": rfc3339(self.last_ns),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """The whole answer. `not_judged` says why, and how many lines; `unaudited` lines wait.

    `scope_unknown` counts NOT_ALLOWLISTED lines of jobs whose spec is not known: nobody can check them.
    `gone_before_ns`: lines from before then are deleted, with what was found in them; null: none that was
    asked for.
    """

    found: tuple[FoundCode, ...]
    judged: int
    not_judged: tuple[tuple[str, int], ...]
    scope_unknown: int
    unaudited: int
    clock_skew_ns: int
    gone_before_ns: int | None = None

    def violations(self, severity: Severity) -> int:
        """How many findings of a severity are violations."""
        return sum(one.lines for one in self.found if one.severity is severity)

    def as_record(self) -> dict[str, Any]:
        """For `--json`; docs/command-line.md lists its keys."""
        return {
            "judged": self.judged,
            "not_judged": [{"reason": reason, "count": count} for reason, count in self.not_judged],
            "unaudited": self.unaudited,
            "scope_unknown": self.scope_unknown,
            "clock_skew_s": self.clock_skew_ns / SECOND,
            "violations": {severity.value: self.violations(severity) for severity in Severity},
            "findings": [one.as_record() for one in self.found],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One finding with its line. `bucket` of the job; times are epoch nanoseconds, latency milliseconds.

    `words` say what is wrong with it. They quote the log: escape them for where they are shown.
    """

    source_id: int
    source: str
    trust: str
    line_offset: int
    record_index: int
    code: GateCode
    severity: Severity
    history: str | None
    interval_no: int | None
    revision: int | None
    step: str | None
    explained_by: int | None
    job_id: str
    executor_version: str
    line_time_ns: int | None
    decided_from_ns: int | None
    path: str
    status: str
    error_code: str | None
    bucket: int
    latency_ms: float
    contradiction: str | None
    words: str

    def as_record(self) -> dict[str, Any]:
        """For `--json`, with names as in a telemetry line."""
        return {
            "time": rfc3339(self.line_time_ns),
            "decided_from": rfc3339(self.decided_from_ns),
            "jobId": self.job_id,
            "executorVersion": self.executor_version,
            "path": self.path,
            "status": self.status,
            "errorCode": self.error_code,
            "latencyMs": self.latency_ms,
            "bucket": self.bucket,
            "code": self.code.value,
            "severity": self.severity.value,
            "explained_by": self.explained_by,
            "history": self.history,
            "revision": self.revision,
            "step": self.step,
            "source": self.source,
            "trust": self.trust,
            "offset": self.line_offset,
            "index": self.record_index,
            "words": self.words,
        }
