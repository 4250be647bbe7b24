"""Telemetry over an open store: what both adapters do in the process that owns the file."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import duckdb

from dashboard.data.time_limit import time_limit
from dashboard.telemetry.port import KillQuestion, LinesQuestion, Loaded, LoadRequest
from dashboard.telemetry.retaining import Retained, RetainRequest, pass_over
from dashboard.telemetry.spool import Behind, Clock, behind
from gates.errors import HomeError
from gates.home import Home
from gates.spending.used import DayUsage
from gates.verdict.evidence import Evidence, IngestState, KillFacts
from gates.verdict.question import Question
from ingest.archive.adopting import Adopted, adopt
from ingest.archive.looking import Archive, Depth, look
from ingest.archive.part import parts
from ingest.errors import IngestError, UnreadableSource, reason_of
from ingest.gate_audit import Filter, Findings, Line, findings, lines_of
from ingest.history.controls import ControlHistory, read_history, read_home_history
from ingest.loading.load import Surroundings, load
from ingest.progress import Tell, silent
from ingest.quarantine import Quarantine, QuarantineQuestion, Replayed, ReplayRequest, quarantine, replay
from ingest.recent_jobs import SeenJobs, recent_jobs
from ingest.report.report import Selection, report
from ingest.retention.standing import Standing, standing
from ingest.rollups.rebuilding import rebuild_rollups
from ingest.store import TelemetryStore
from ingest.store.failures import in_words
from ingest.store.gaps import Gap, open_gaps
from ingest.store.migrations import VERSION
from ingest.upkeep.aside import missing as lost
from ingest.upkeep.compacting import Compacted, compact
from ingest.upkeep.copying import copy_store
from ingest.usage import day_usage

if TYPE_CHECKING:
    from ingest.evidence import StepWindow

QUERY_SECONDS = 30.0
_SECONDS_A_PART = 5.0
_LOOKS = 3
BringIn = Callable[[float | None], int | None]


def history_for(home: Home, request: LoadRequest) -> ControlHistory | None:
    """The history that a load follows. Raises `InvalidHistory` and `UnreadableSource`."""
    if request.controls is None:
        return read_home_history(home.history)
    return read_history(Path(request.controls), request.zero_admits)


class StoreTelemetry:
    """Answers from `store`. `bring_in` loads what is new in the spool, and audits it with the clock skew
    that it is given in seconds, null for the one before. It answers null where it did not look; it may
    raise what ingest raises.

    `seconds` bounds each query, null for no bound.
    """

    def __init__(
        self,
        home: Home,
        store: TelemetryStore,
        bring_in: BringIn,
        *,
        seconds: float | None = QUERY_SECONDS,
        clock: Clock = time.time_ns,
        tell: Tell = silent,
        stdin: BinaryIO | None = None,
    ) -> None:
        self._home = home
        self._store = store
        self._bring_in = bring_in
        self._seconds = seconds
        self._clock = clock
        self._tell = tell
        self._stdin = stdin
        self._last_pass_ns: int | None = None

    def telling(self, tell: Tell) -> "StoreTelemetry":
        """See the port."""
        other = copy(self)
        other._tell = tell
        return other

    def report(self, selection: Selection) -> dict[str, Any]:
        """See the port. Each part of an archive takes its time, and is given ten times that."""
        with self._asking(_SECONDS_A_PART * self._parts()) as cursor:
            return report(cursor, selection, self._home.archive)

    def recent_jobs(self, now_ns: int) -> SeenJobs:
        """See the port."""
        with self._asking() as cursor:
            return recent_jobs(cursor, now_ns)

    def load(self, request: LoadRequest) -> Loaded:
        """See the port. Raises `InvalidHistory` and `UnreadableSource` before anything is loaded."""
        history = history_for(self._home, request)
        with self._input(request) as stdin:
            around = Surroundings(stdin, self._clock, self._home.spool, self._home.specs, self._home.runs)
            paths = [Path(path) for path in request.paths]
            summary = load(self._store, paths, history, self._tell, around)
        return Loaded(
            summary=summary,
            history=None if history is None else history.name,
            revisions=0 if history is None else len(history.intervals),
        )

    def evidence(self, question: Question) -> Evidence:
        """See the port. What the spool still holds back is said in its ingest state."""
        for _ in range(_LOOKS):
            found = self._evidence(question)
            if found.ingest.unaudited == 0:
                break  # else another load has stored lines and not audited them yet: look behind it
        return found

    def kill_facts(self, question: KillQuestion) -> KillFacts | None:
        """See the port."""
        from ingest.evidence import kill_facts

        self._brought_in()
        with self._asking() as cursor:
            return kill_facts(cursor, question.now_ns, question.skew_ns)

    def gate_findings(self, chosen: Filter) -> Findings:
        """See the port."""
        self._brought_in()
        with self._asking() as cursor:
            return findings(cursor, chosen)

    def gate_lines(self, question: LinesQuestion) -> tuple[Line, ...]:
        """See the port."""
        with self._asking() as cursor:
            return lines_of(
                cursor,
                question.chosen,
                question.limit,
                question.offset,
                with_excused=question.with_excused,
            )

    def step_windows(self) -> "tuple[StepWindow, ...]":
        """See the port."""
        from ingest.evidence import step_windows

        with self._asking() as cursor:
            return step_windows(cursor)

    def bucket_counts(self) -> tuple[int, ...]:
        """See the port."""
        from ingest.evidence import bucket_counts

        with self._asking() as cursor:
            return bucket_counts(cursor)

    def day_usage(self, day_no: int) -> DayUsage:
        """See the port."""
        with self._asking() as cursor:
            return day_usage(cursor, day_no)

    def gaps(self) -> tuple[Gap, ...]:
        """See the port."""
        with self._asking() as cursor:
            return open_gaps(cursor)

    def quarantine(self, question: QuarantineQuestion) -> Quarantine:
        """See the port."""
        with self._asking() as cursor:
            return quarantine(cursor, question)

    def replay(self, request: ReplayRequest) -> tuple[Replayed, ...]:
        """See the port."""
        return replay(self._store, request, self._clock)

    def copy_to(self, target: str) -> int:
        """See the port."""
        copy_store(self._store, Path(target), self._tell)
        return VERSION

    def archive(self, depth: Depth) -> Archive:
        """See the port. However many bytes there are to read: only DuckDB's part of it is bounded."""
        with self._asking() as cursor:
            return look(cursor, self._home.archive, depth)

    def adopt_archive(self) -> tuple[Adopted, ...]:
        """See the port."""
        return adopt(self._store, self._home.archive, self._clock)

    def retention(self) -> Standing:
        """See the port."""
        with self._asking() as cursor:
            return standing(cursor)

    def retain(self, request: RetainRequest) -> Retained:
        """See the port."""
        return pass_over(self._home, self._store, request, self._clock, tell=self._tell)

    def rebuild_rollups(self) -> int:
        """See the port."""
        return rebuild_rollups(self._store, self._tell)

    def compact(self) -> Compacted:
        """See the port."""
        return compact(self._store, self._clock(), self._tell)

    def _evidence(self, question: Question) -> Evidence:
        from ingest.evidence import evidence

        pass_ = self._brought_in(question.thresholds.clock_skew_s)
        with self._asking() as cursor:
            return evidence(cursor, question, self._state(cursor, pass_))

    def _brought_in(self, clock_skew_s: float | None = None) -> "_Pass":
        began_ns = self._clock()
        try:
            looked = self._bring_in(clock_skew_s)
        except (IngestError, HomeError) as error:
            return _Pass(None, str(error))
        if looked is not None:
            self._last_pass_ns = began_ns
        return _Pass(self._last_pass_ns, None)

    def _state(self, cursor: duckdb.DuckDBPyConnection, pass_: "_Pass") -> IngestState:
        """What came after a pass began is behind; where none was made, nothing may be."""
        failure, last_pass_ns, missing = pass_.failure, pass_.began_ns, Behind(0, 0, audit=False)
        try:
            missing = behind(cursor, self._home)
            failure = failure or lost(self._home.telemetry)
        except IngestError as error:
            failure = failure or str(error)
        if last_pass_ns is None and failure is None:
            if not missing:
                last_pass_ns = self._clock()
            else:
                failure = (
                    f"{missing.spool_bytes:,} bytes of the spool and what is not audited yet wait for a load "
                    "that is under way, or for `slotgate ingest load` of the spool"
                )
        return IngestState(
            last_pass_ns=last_pass_ns, behind_bytes=missing.spool_bytes, unaudited=0, failure=failure
        )

    def _parts(self) -> int:
        with self._asking() as cursor:
            return len(parts(cursor))

    @contextmanager
    def _asking(self, more_seconds: float = 0.0) -> Iterator[duckdb.DuckDBPyConnection]:
        with (
            in_words(self._store.path),
            self._store.cursor() as cursor,
            nullcontext() if self._seconds is None else time_limit(cursor, self._seconds + more_seconds),
        ):
            yield cursor

    @contextmanager
    def _input(self, request: LoadRequest) -> Iterator[BinaryIO | None]:
        """What stands for standard input, if anything does."""
        if request.stdin is None:
            yield self._stdin
            return
        with ExitStack() as held:
            try:
                file = held.enter_context(Path(request.stdin).open("rb"))
            except OSError as error:
                raise UnreadableSource(f"standard input could not be passed on: {reason_of(error)}") from None
            yield file


@dataclass(frozen=True, slots=True)
class _Pass:
    """When the newest pass over the spool began that came to its end, and why one failed; both null: none."""

    began_ns: int | None
    failure: str | None
