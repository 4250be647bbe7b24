"""The calls of the port as they go over loopback: their names, and their values as JSON.

Questions and answers are the frozen values themselves, written and checked by pydantic. Failures are
named from a closed set, so that both adapters raise the same errors.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import TypeAdapter

from dashboard.errors import QueryTimeout
from dashboard.telemetry.port import KillQuestion, LinesQuestion, Loaded, LoadRequest, Telemetry
from dashboard.telemetry.retaining import Retained, RetainRequest
from dashboard.telemetry.works import Working
from gates.errors import HomeError
from gates.spending.used import DayUsage
from gates.verdict.evidence import Evidence, KillFacts
from gates.verdict.question import Question
from ingest import errors
from ingest.archive.adopting import Adopted
from ingest.archive.looking import Archive, Depth
from ingest.gate_audit import Filter, Findings, Line
from ingest.quarantine import Quarantine, QuarantineQuestion, Replayed, ReplayRequest
from ingest.recent_jobs import SeenJobs
from ingest.report.report import Selection
from ingest.retention.standing import Standing
from ingest.store.gaps import Gap
from ingest.upkeep.compacting import Compacted

if TYPE_CHECKING:
    from ingest.evidence import StepWindow

Q = TypeVar("Q")
A = TypeVar("A")
PREFIX = "/local/v1"


@dataclass(frozen=True, slots=True)
class Call(Generic[Q, A]):
    """One call: `ask` puts its question to a telemetry; the adapters are made on demand.

    Who asks waits `seconds` for each sign of life, null for as long as it takes: the server bounds a
    query itself, and a wait for its turn comes on top.
    """

    name: str
    question: Callable[[], TypeAdapter[Q]]
    answer: Callable[[], TypeAdapter[A]]
    ask: Callable[[Telemetry, Q], A]
    seconds: float | None = 90.0

    @property
    def is_long(self) -> bool:
        """Whether it may take any time: then it can be asked how far it is, and ended."""
        return self.seconds is None

    @property
    def path(self) -> str:
        """Of its route."""
        return f"{PREFIX}/{self.name}"

    def answered(self, telemetry: Telemetry, body: bytes) -> bytes:
        """The answer to a question in JSON. Raises what the port raises, and `ValueError`."""
        return self.answer().dump_json(self.ask(telemetry, self.question().validate_json(body)))


def _adapter(kind: Any) -> Callable[[], TypeAdapter[Any]]:
    """Made when it is first needed: each takes some milliseconds."""
    return cache(lambda: TypeAdapter(kind))


@cache
def _step_windows() -> "TypeAdapter[tuple[StepWindow, ...]]":
    from ingest.evidence import StepWindow

    return TypeAdapter(tuple[StepWindow, ...])


REPORT: Call[Selection, dict[str, Any]] = Call(
    "report",
    _adapter(Selection),
    _adapter(dict[str, Any]),
    lambda to, asked: to.report(asked),
    seconds=None,  # an archive may have any number of parts
)
RECENT_JOBS: Call[int, SeenJobs] = Call(
    "recent-jobs", _adapter(int), _adapter(SeenJobs), lambda to, asked: to.recent_jobs(asked)
)
LOAD: Call[LoadRequest, Loaded] = Call(
    "load", _adapter(LoadRequest), _adapter(Loaded), lambda to, asked: to.load(asked), seconds=None
)
EVIDENCE: Call[Question, Evidence] = Call(
    "evidence", _adapter(Question), _adapter(Evidence), lambda to, asked: to.evidence(asked)
)
KILL_FACTS: Call[KillQuestion, KillFacts | None] = Call(
    "kill-facts",
    _adapter(KillQuestion),
    _adapter(KillFacts | None),
    lambda to, asked: to.kill_facts(asked),
)
GATE_FINDINGS: Call[Filter, Findings] = Call(
    "gate-findings", _adapter(Filter), _adapter(Findings), lambda to, asked: to.gate_findings(asked)
)
GATE_LINES: Call[LinesQuestion, tuple[Line, ...]] = Call(
    "gate-lines",
    _adapter(LinesQuestion),
    _adapter(tuple[Line, ...]),
    lambda to, asked: to.gate_lines(asked),
)
STEP_WINDOWS: "Call[None, tuple[StepWindow, ...]]" = Call(
    "step-windows",
    _adapter(None),
    _step_windows,
    lambda to, _asked: to.step_windows(),
)
BUCKET_COUNTS: Call[None, tuple[int, ...]] = Call(
    "bucket-counts",
    _adapter(None),
    _adapter(tuple[int, ...]),
    lambda to, _asked: to.bucket_counts(),
)
DAY_USAGE: Call[int, DayUsage] = Call(
    "day-usage", _adapter(int), _adapter(DayUsage), lambda to, asked: to.day_usage(asked)
)
GAPS: Call[None, tuple[Gap, ...]] = Call(
    "gaps", _adapter(None), _adapter(tuple[Gap, ...]), lambda to, _asked: to.gaps()
)
QUARANTINE: Call[QuarantineQuestion, Quarantine] = Call(
    "quarantine",
    _adapter(QuarantineQuestion),
    _adapter(Quarantine),
    lambda to, asked: to.quarantine(asked),
)
REPLAY: Call[ReplayRequest, tuple[Replayed, ...]] = Call(
    "replay",
    _adapter(ReplayRequest),
    _adapter(tuple[Replayed, ...]),
    lambda to, asked: to.replay(asked),
    seconds=None,
)
COPY_TO: Call[str, int] = Call(
    "copy-to", _adapter(str), _adapter(int), lambda to, asked: to.copy_to(asked), seconds=None
)
ARCHIVE: Call[Depth, Archive] = Call(
    "archive", _adapter(Depth), _adapter(Archive), lambda to, asked: to.archive(asked), seconds=None
)
ADOPT_ARCHIVE: Call[None, tuple[Adopted, ...]] = Call(
    "adopt-archive",
    _adapter(None),
    _adapter(tuple[Adopted, ...]),
    lambda to, _asked: to.adopt_archive(),
    seconds=None,
)
RETENTION: Call[None, Standing] = Call(
    "retention", _adapter(None), _adapter(Standing), lambda to, _asked: to.retention()
)
RETAIN: Call[RetainRequest, Retained] = Call(
    "retain", _adapter(RetainRequest), _adapter(Retained), lambda to, asked: to.retain(asked), seconds=None
)
REBUILD_ROLLUPS: Call[None, int] = Call(
    "rebuild-rollups",
    _adapter(None),
    _adapter(int),
    lambda to, _asked: to.rebuild_rollups(),
    seconds=None,
)
COMPACT: Call[None, Compacted | None] = Call(
    "compact",
    _adapter(None),
    _adapter(Compacted | None),
    lambda to, _asked: to.compact(),
    seconds=None,
)
PING: Call[None, None] = Call("ping", _adapter(None), _adapter(None), lambda _to, _asked: None, seconds=5.0)
HOW_FAR: Call[str, Working | None] = Call(
    "how-far", _adapter(str), _adapter(Working | None), lambda _to, _asked: None, seconds=5.0
)
"""How far the work is that was asked for with this nonce. Like `PING`, `HOW_FAR` and `END_WORK` are asked of
the process, not of the telemetry."""

END_WORK: Call[str, None] = Call(
    "end-work", _adapter(str), _adapter(None), lambda _to, _asked: None, seconds=5.0
)
CALLS: tuple[Call[Any, Any], ...] = (
    PING,
    HOW_FAR,
    END_WORK,
    REPORT,
    RECENT_JOBS,
    LOAD,
    EVIDENCE,
    KILL_FACTS,
    GATE_FINDINGS,
    GATE_LINES,
    STEP_WINDOWS,
    BUCKET_COUNTS,
    DAY_USAGE,
    GAPS,
    QUARANTINE,
    REPLAY,
    COPY_TO,
    ARCHIVE,
    ADOPT_ARCHIVE,
    RETENTION,
    RETAIN,
    REBUILD_ROLLUPS,
    COMPACT,
)

FAILURES: dict[str, type[Exception]] = {
    kind.__name__: kind
    for kind in (
        errors.SourceGone,
        errors.UnreadableSource,
        errors.InvalidHistory,
        errors.ArchiveError,
        errors.WorkStopped,
        errors.StoreInUse,
        errors.StoreDamaged,
        errors.StoreNewer,
        errors.StoreError,
        errors.IngestError,
        HomeError,
        QueryTimeout,
    )
}


def failure_body(error: Exception) -> bytes | None:
    """The error for the other side; null where it is none that the port raises."""
    kind = next((one.__name__ for one in type(error).__mro__ if one.__name__ in FAILURES), None)
    return None if kind is None else json.dumps({"kind": kind, "words": str(error)}).encode()


def failure_of(body: bytes) -> Exception:
    """The error of the other side. Raises `ValueError`, `KeyError` or `TypeError` where it is none."""
    said = json.loads(body)
    return FAILURES[said["kind"]](str(said["words"]))
