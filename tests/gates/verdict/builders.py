"""Evidence and questions for tests: clean, complete and enough, until a test says otherwise."""

from dataclasses import replace
from typing import Any

from gates.verdict.defaults import DEFAULT
from gates.verdict.evidence import (
    ControlsInForce,
    Evidence,
    FindingCount,
    IngestState,
    KillFacts,
    LatencyLimits,
    OutcomeJobs,
    Percentiles,
    SampleRatio,
    Severity,
    Units,
    VerificationFacts,
)
from gates.verdict.question import Question, Reference
from schemas.stages import Step

SECOND = 1_000_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
FROM = 20_000 * DAY  # midnight, UTC
NOW = FROM + 3 * DAY


def units(jobs: int, failed: int = 0, **others: Any) -> Units:
    """All completed but the failed ones, none slow."""
    facts: dict[str, Any] = {
        "executor_version": "openai.v1",
        "jobs": jobs,
        "failed": failed,
        "completed": jobs - failed,
        "over_p50": 0,
        "over_p95": 0,
        "in_use": jobs > 0,
        "first_ns": FROM if jobs else None,
        "last_ns": NOW - SECOND if jobs else None,
    }
    return Units(**facts | others)


def pooled(versions: tuple[Units, ...]) -> Units:
    def total(name: str) -> int:
        return sum(getattr(one, name) or 0 for one in versions)

    def slow(name: str) -> int | None:
        return total(name) if all(getattr(one, name) is not None for one in versions) else None

    return units(
        total("jobs"),
        total("failed"),
        executor_version="",
        completed=total("completed"),
        over_p50=slow("over_p50"),
        over_p95=slow("over_p95"),
    )


def controls(**others: Any) -> ControlsInForce:
    facts: dict[str, Any] = {
        "kill": False,
        "feature": True,
        "allowlist": True,
        "percent": 1,
        "removed": False,
        "effective_ns": FROM,
    }
    return ControlsInForce(**facts | others)


def evidence(*versions: Units, stub_jobs: int = 1000, **others: Any) -> Evidence:
    """Canary-1, three days old; without versions nothing reached the model."""
    seen = tuple(one for one in versions if one.jobs)
    of_all = pooled(versions) if versions else units(0, executor_version="")
    openai = (
        (
            OutcomeJobs(
                path="openai", status="COMPLETED", error_code=None, lines=of_all.jobs, jobs=of_all.jobs
            ),
        )
        if of_all.jobs
        else ()
    )
    stub = OutcomeJobs(
        path="stub", status="STUB", error_code="ROLLOUT_EXCLUDED", lines=stub_jobs, jobs=stub_jobs
    )
    lines = of_all.jobs + stub_jobs
    facts: dict[str, Any] = {
        "revision": 7,
        "step": Step.CANARY_1,
        "from_ns": FROM,
        "until_ns": NOW,
        "controls": controls(),
        "limits": LatencyLimits(p50_ms=5000.0, p95_ms=20000.0),
        "outcomes": (stub, *openai),
        "lines": lines,
        "jobs": lines,
        "stub_jobs": stub_jobs,
        "probes": 0,
        "hours": 48,
        "model_hours": 24 if of_all.jobs else 0,
        "jobs_per_hour": lines / 72,
        "last_line_ns": NOW - 60 * SECOND if lines else None,
        "units": of_all,
        "versions": seen,
        "new_slice": None,
        "percentiles": Percentiles(count=of_all.completed, p50=900.0, p95=2500.0, p99=3000.0, points=()),
        "unknown_codes": (),
        "invalid": 0,
        "invalid_openai": 0,
        "sample": SampleRatio(reached=0, admitted=0, expected_share=None, visible=False, why="no specs"),
        "opt_in_share": None,
        "findings": (),
        "last_lines": min(200, lines),
        "verification": VerificationFacts(lines=lines, schema_invalid=0, violations=0),
        "ingest": IngestState(last_pass_ns=NOW - SECOND, behind_bytes=0, unaudited=0, failure=None),
        "kill": None,
        "unattributed": 0,
        "newer_revision": None,
        "digest": "sha256:0",
    }
    return Evidence(**facts | others)


def question(**others: Any) -> Question:
    facts: dict[str, Any] = {
        "revision": 7,
        "step": Step.CANARY_1,
        "now_ns": NOW,
        "until_ns": None,
        "thresholds": DEFAULT,
        "budget_p50_ms": 5000.0,
        "budget_p95_ms": 20000.0,
        "reference": None,
        "latched": None,
        "bad_outputs": (),
    }
    return Question(**facts | others)


def at(step: Step, found: Evidence, **others: Any) -> tuple[Question, Evidence]:
    """The same evidence at another step."""
    return question(step=step, **others), replace(found, step=step)


def reference(**others: Any) -> Reference:
    facts: dict[str, Any] = {
        "revision": 4,
        "step": Step.CANARY_1,
        "approved_at_ns": FROM - HOUR,
        "jobs": 240,
        "failed": 1,
        "completed": 239,
        "p50_ms": 1000.0,
        "p95_ms": 4000.0,
        "jobs_per_hour": 14.0,
        "opt_in_share": None,
    }
    return Reference(**facts | others)


def finding(code: str, severity: Severity, lines: int = 1, **others: Any) -> FindingCount:
    facts: dict[str, Any] = {"jobs": lines, "excused": 0, "of_last": lines}
    return FindingCount(code=code, severity=severity, lines=lines, **facts | others)


def kill(**others: Any) -> KillFacts:
    """A kill of a minute ago: the last call 1.2 s before it, three in flight, 14 stubbed since."""
    facts: dict[str, Any] = {
        "revision": 8,
        "engaged_ns": NOW - 60 * SECOND,
        "released_ns": None,
        "stubbed_since": 14,
        "first_stub_ns": NOW - 58 * SECOND,
        "openai_since": 0,
        "last_openai_start_ns": NOW - 61_200_000_000,
        "in_flight": 3,
        "in_flight_ended_ns": NOW - 35 * SECOND,
        "sources": (),
    }
    return KillFacts(**facts | others)
