"""Telemetry by opening the file: for the length of each call, and to read only where nothing is written."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

import duckdb

from dashboard.telemetry.over_store import BringIn, StoreTelemetry, history_for
from dashboard.telemetry.port import KillQuestion, LinesQuestion, Loaded, LoadRequest
from dashboard.telemetry.private_files import private_files
from dashboard.telemetry.retaining import Retained, RetainRequest
from dashboard.telemetry.spool import Behind, Clock, SpoolPass, behind
from gates.errors import HomeError
from gates.home import Home
from gates.spending.used import DayUsage
from gates.verdict.evidence import Evidence, KillFacts
from gates.verdict.question import Question
from ingest.archive.adopting import Adopted
from ingest.archive.looking import Archive, Depth
from ingest.errors import IngestError
from ingest.gate_audit import Filter, Findings, Line
from ingest.progress import Tell, silent
from ingest.quarantine import Quarantine, QuarantineQuestion, Replayed, ReplayRequest
from ingest.recent_jobs import SeenJobs
from ingest.report.report import Selection
from ingest.retention.standing import Standing
from ingest.store import TelemetryStore
from ingest.store.failures import in_words
from ingest.store.gaps import Gap
from ingest.store.migrations import make_tables
from ingest.upkeep.compacting import Compacted
from ingest.upkeep.renewing import open_renewed

if TYPE_CHECKING:
    from ingest.evidence import StepWindow

SMALL_BYTES = 64 << 20
"""A review brings in at most so much of the spool itself: some seconds of work."""


class Opened:
    """The telemetry of `home`, where no other process owns its file; else `StoreInUse`.

    A home without a file answers as one without telemetry. A review first brings in what lies in the
    spool, if that is little.
    """

    def __init__(
        self,
        home: Home,
        clock: Clock = time.time_ns,
        tell: Tell = silent,
        stdin: BinaryIO | None = None,
    ) -> None:
        self._home = home
        self._clock = clock
        self._tell = tell
        self._stdin = stdin

    def telling(self, tell: Tell) -> "Opened":
        """See the port."""
        return Opened(self._home, self._clock, tell, self._stdin)

    def report(self, selection: Selection) -> dict[str, Any]:
        """See the port."""
        with self._reading() as telemetry:
            return telemetry.report(selection)

    def recent_jobs(self, now_ns: int) -> SeenJobs:
        """See the port."""
        with self._reading() as telemetry:
            return telemetry.recent_jobs(now_ns)

    def load(self, request: LoadRequest) -> Loaded:
        """See the port."""
        history_for(self._home, request)  # what is wrong with it is said before there is a file
        with private_files():
            renewed = open_renewed(self._home.telemetry, self._clock)
            with renewed.store as store:
                if renewed.aside is not None:
                    SpoolPass(self._home, store, self._clock)()
                return self._over(store, _nothing).load(request)

    def evidence(self, question: Question) -> Evidence:
        """See the port."""
        with self._up_to_date(question.thresholds.clock_skew_s) as telemetry:
            return telemetry.evidence(question)

    def kill_facts(self, question: KillQuestion) -> KillFacts | None:
        """See the port."""
        with self._up_to_date() as telemetry:
            return telemetry.kill_facts(question)

    def gate_findings(self, chosen: Filter) -> Findings:
        """See the port."""
        with self._up_to_date() as telemetry:
            return telemetry.gate_findings(chosen)

    def gate_lines(self, question: LinesQuestion) -> tuple[Line, ...]:
        """See the port."""
        with self._reading() as telemetry:
            return telemetry.gate_lines(question)

    def step_windows(self) -> "tuple[StepWindow, ...]":
        """See the port."""
        with self._reading() as telemetry:
            return telemetry.step_windows()

    def bucket_counts(self) -> tuple[int, ...]:
        """See the port."""
        with self._reading() as telemetry:
            return telemetry.bucket_counts()

    def day_usage(self, day_no: int) -> DayUsage:
        """See the port."""
        with self._reading() as telemetry:
            return telemetry.day_usage(day_no)

    def gaps(self) -> tuple[Gap, ...]:
        """See the port."""
        with self._reading() as telemetry:
            return telemetry.gaps()

    def quarantine(self, question: QuarantineQuestion) -> Quarantine:
        """See the port."""
        with self._reading() as telemetry:
            return telemetry.quarantine(question)

    def replay(self, request: ReplayRequest) -> tuple[Replayed, ...]:
        """See the port."""
        with self._owning() as telemetry:
            return telemetry.replay(request)

    def copy_to(self, target: str) -> int:
        """See the port."""
        with self._owning() as telemetry:
            return telemetry.copy_to(target)

    def archive(self, depth: Depth) -> Archive:
        """See the port."""
        with self._reading() as telemetry:
            return telemetry.archive(depth)

    def adopt_archive(self) -> tuple[Adopted, ...]:
        """See the port."""
        with private_files(), TelemetryStore.open(self._home.telemetry) as store:
            return self._over(store, _nothing).adopt_archive()

    def retention(self) -> Standing:
        """See the port."""
        with self._reading() as telemetry:
            return telemetry.retention()

    def retain(self, request: RetainRequest) -> Retained:
        """See the port."""
        with self._owning() as telemetry:
            return telemetry.retain(request)

    def rebuild_rollups(self) -> int:
        """See the port."""
        if not self._is_there():
            return 0
        with self._owning() as telemetry:
            return telemetry.rebuild_rollups()

    def compact(self) -> Compacted | None:
        """See the port."""
        if not self._is_there():
            return None
        with self._owning() as telemetry:
            return telemetry.compact()

    @contextmanager
    def _owning(self) -> Iterator[StoreTelemetry]:
        """Over the file, to write into it; over an empty one that nobody keeps where there is none."""
        if self._is_there():
            with private_files(), TelemetryStore.open(self._home.telemetry) as store:
                yield self._over(store, _nothing)
        else:
            with _empty(self._home) as empty:
                yield self._over(empty, _nothing)

    @contextmanager
    def _reading(self) -> Iterator[StoreTelemetry]:
        with self._looked_into(self._is_there()) as store:
            yield self._over(store, _nothing)

    @contextmanager
    def _up_to_date(self, clock_skew_s: float | None = None) -> Iterator[StoreTelemetry]:
        is_there = self._is_there()
        with self._looked_into(is_there) as store:
            missing = self._behind(store, clock_skew_s)
            if not is_there and missing.spool_bytes == 0:
                # Looking at a home without telemetry leaves no file behind.
                yield self._over(store, SpoolPass(self._home, store, self._clock))
                return
            if not missing or missing.spool_bytes > SMALL_BYTES:
                yield self._over(store, _nothing)
                return
        with private_files(), TelemetryStore.open(self._home.telemetry) as store:
            yield self._over(store, SpoolPass(self._home, store, self._clock))

    def _looked_into(self, is_there: bool) -> TelemetryStore:
        """The store to read from, an empty one where there is none; close it after use."""
        if is_there:
            return TelemetryStore.open_for_reading(self._home.telemetry)
        return _empty(self._home)

    def _behind(self, store: TelemetryStore, clock_skew_s: float | None) -> Behind:
        """Nothing where that cannot be told: the ingest state then says why."""
        with in_words(self._home.telemetry), store.cursor() as cursor:
            try:
                return behind(cursor, self._home, clock_skew_s)
            except IngestError:
                return Behind(0, 0, audit=False)

    def _is_there(self) -> bool:
        """Raises `HomeError` where the home is no folder, `StoreError` where it cannot be looked into."""
        with in_words(self._home.telemetry):
            if self._home.telemetry.exists():
                return True
            if self._home.root.exists() and not self._home.root.is_dir():
                raise HomeError(f"the home `{self._home.root}` is not a folder; name another one with --home")
            return False

    def _over(self, store: TelemetryStore, bring_in: BringIn) -> StoreTelemetry:
        return StoreTelemetry(
            self._home,
            store,
            bring_in,
            seconds=None,
            clock=self._clock,
            tell=self._tell,
            stdin=self._stdin,
        )


def _nothing(_clock_skew_s: float | None) -> None:
    """Nothing is brought in."""


def _empty(home: Home) -> TelemetryStore:
    connection = duckdb.connect()
    make_tables(connection)
    return TelemetryStore(home.telemetry, connection)
