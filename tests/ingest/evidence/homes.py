"""A home with its own control history and spool, for asking what its telemetry shows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gates.verdict.defaults import DEFAULT
from gates.verdict.evidence import Evidence, IngestState
from gates.verdict.question import Question
from ingest.evidence import evidence
from ingest.history.controls import HOME, ControlHistory, Interval
from ingest.instants import rfc3339
from ingest.loading.load import Surroundings, load
from ingest.store import TelemetryStore
from schemas.stages import STAGE_OF, Step

SECOND = 10**9
HOUR = 3600 * SECOND
START = 1_790_000_000 * SECOND
NOW = START + 48 * HOUR
STATE = IngestState(last_pass_ns=NOW, behind_bytes=0, unaudited=0, failure=None)
QUESTION = Question(
    revision=1,
    step=Step.EXPAND_50,
    now_ns=NOW,
    until_ns=None,
    thresholds=DEFAULT,
    budget_p50_ms=None,
    budget_p95_ms=None,
    reference=None,
    latched=None,
    bad_outputs=(),
)


def in_force(revision: int, after_s: float = 0, step: Step = Step.EXPAND_50, **changes: Any) -> Interval:
    """Revision in force from so many seconds after START; by default 50 % of everyone allowed."""
    stage = STAGE_OF[step]
    begun = Interval(
        from_ns=START + round(after_s * SECOND),
        to_ns=None,
        revision=revision,
        stage=None if stage is None else int(stage),
        step=step,
        kill=False,
        feature=True,
        percent=50,
        allowlist=True,
        zero_admits="nobody",
    )
    return replace(begun, **changes)


def removed(revision: int, after_s: float) -> Interval:
    """The control file is taken away."""
    return in_force(
        revision, after_s, Step.BASELINE, kill=True, feature=False, percent=0, allowlist=False, removed=True
    )


def history(*intervals: Interval) -> ControlHistory:
    """The home's history; each interval ends where the next begins."""
    ends = [*(one.from_ns for one in intervals[1:]), None]
    closed = tuple(replace(one, to_ns=end) for one, end in zip(intervals, ends, strict=True))
    return ControlHistory(HOME, HOME, closed)


def line(
    job: str,
    after_s: float = 60,
    path: str = "openai",
    code: str | None = None,
    status: str | None = None,
    version: str = "v1",
    ms: float = 100,
) -> str:
    """A log line so many seconds after START. A code on path openai is a failure, but for `status`."""
    ended = "STUB" if path == "stub" else "FAILED" if code else "COMPLETED"
    record = {
        "version": "v1",
        "executorVersion": version,
        "jobId": job,
        "path": path,
        "status": status or ended,
        "latencyMs": ms,
        "errorCode": code,
    }
    at = rfc3339(START + round(after_s * SECOND))
    return f"{at} stderr F {json.dumps(record, separators=(',', ':'))}\n"


def stub(job: str, code: str | None = "ROLLOUT_EXCLUDED", after_s: float = 60, version: str = "v1") -> str:
    """A log line of a job that did not reach the model."""
    return line(job, after_s, "stub", code, version=version)


@dataclass(frozen=True)
class Home:
    """A folder with telemetry and its store."""

    folder: Path
    store: TelemetryStore
    controls: ControlHistory

    def put(self, lines: Sequence[str] | str, name: str = "spool/a.log") -> None:
        """Append to a file and load it; only files in the spool are managed."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.writelines(lines)
        load(self.store, [path], self.controls, surroundings=self.surroundings)

    @property
    def surroundings(self) -> Surroundings:
        """The spool of this home, and a clock that stands."""
        return Surroundings(None, lambda: NOW, self.folder / "spool")

    def ask(self, revision: int = 1, **changes: Any) -> Evidence:
        """The evidence of a revision."""
        with self.store.cursor() as cursor:
            return evidence(cursor, replace(QUESTION, revision=revision, **changes), STATE)
