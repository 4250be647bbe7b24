"""An in-memory twin of the telemetry port: answers with what a program puts into it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from dashboard.telemetry.port import KillQuestion, LinesQuestion, Loaded, LoadRequest
from dashboard.telemetry.retaining import Retained, RetainRequest
from gates.spending.used import DayUsage
from gates.verdict.evidence import Evidence, KillFacts
from gates.verdict.question import Question
from ingest.archive.adopting import Adopted
from ingest.archive.looking import Archive, Depth
from ingest.errors import StoreError
from ingest.evidence import StepWindow
from ingest.gate_audit import Filter, Findings, Line
from ingest.loading.summary import LoadSummary
from ingest.progress import Tell
from ingest.quarantine import Quarantine, QuarantineQuestion, Replayed, ReplayRequest
from ingest.recent_jobs import SeenJobs
from ingest.report.report import Selection, empty_report
from ingest.retention.run import Passed
from ingest.retention.standing import NOTHING_GONE, Standing
from ingest.store import TelemetryStore
from ingest.store.gaps import Gap
from ingest.store.migrations import VERSION
from ingest.upkeep.compacting import Compacted

_NO_FINDINGS = Findings(
    found=(), judged=0, not_judged=(), scope_unknown=0, unaudited=0, clock_skew_ns=1_000_000_000
)


class HeldTelemetry:
    """Answers `held` as evidence of whatever revision is asked for; null: the telemetry cannot be read."""

    def __init__(self, held: Evidence | None = None, gone: tuple[Gap, ...] = ()) -> None:
        self.held = held
        self._gone = gone
        self.asked: list[Question] = []

    def telling(self, tell: Tell) -> "HeldTelemetry":
        """Nothing that it does takes long."""
        del tell
        return self

    def report(self, selection: Selection) -> dict[str, Any]:
        """Nothing was loaded."""
        return empty_report(selection)

    def recent_jobs(self, now_ns: int) -> SeenJobs:
        """No job was seen."""
        del now_ns
        return SeenJobs((), 0.0, None)

    def load(self, request: LoadRequest) -> Loaded:
        """Nothing is there to load."""
        del request
        return Loaded(summary=LoadSummary(()), history=None, revisions=0)

    def evidence(self, question: Question) -> Evidence:
        """What is held. Raises `StoreError` where nothing is."""
        self.asked.append(question)
        if self.held is None:
            raise StoreError("the telemetry store cannot be used: it holds nothing; put evidence into it")
        return replace(self.held, revision=question.revision, step=question.step)

    def kill_facts(self, question: KillQuestion) -> KillFacts | None:
        """Those of the evidence that is held."""
        del question
        return None if self.held is None else self.held.kill

    def gate_findings(self, chosen: Filter) -> Findings:
        """The audit found nothing."""
        del chosen
        return _NO_FINDINGS

    def gate_lines(self, question: LinesQuestion) -> tuple[Line, ...]:
        """No lines."""
        del question
        return ()

    def step_windows(self) -> tuple[StepWindow, ...]:
        """No history."""
        return ()

    def bucket_counts(self) -> tuple[int, ...]:
        """No job was seen."""
        return (0,) * 100

    def day_usage(self, day_no: int) -> DayUsage:
        """Nothing was used."""
        del day_no
        return DayUsage(used=())

    def gaps(self) -> tuple[Gap, ...]:
        """What it was given as gone."""
        return self._gone

    def quarantine(self, question: QuarantineQuestion) -> Quarantine:
        """Nothing is in quarantine."""
        del question
        return Quarantine(causes=(), records=())

    def replay(self, request: ReplayRequest) -> tuple[Replayed, ...]:
        """There is nothing to read again."""
        del request
        return ()

    def copy_to(self, target: str) -> int:
        """A telemetry file without a line. Raises `StoreError` where something is at `target`."""
        path = Path(target)
        if path.exists():
            raise StoreError(f"`{path}` is there already; move it away or name another file")
        TelemetryStore.open(path).close()
        return VERSION

    def archive(self, depth: Depth) -> Archive:
        """Nothing is in the archive."""
        del depth
        return Archive()

    def adopt_archive(self) -> tuple[Adopted, ...]:
        """There is none."""
        return ()

    def retention(self) -> Standing:
        """Nothing was ever stored."""
        return NOTHING_GONE

    def retain(self, request: RetainRequest) -> Retained:
        """There is nothing to delete."""
        del request
        return Retained(passed=Passed(said="no telemetry was ingested yet"))

    def rebuild_rollups(self) -> int:
        """There is nothing to count."""
        return 0

    def compact(self) -> Compacted | None:
        """There is no file."""
        return None
