"""The telemetry of a home, whoever owns its file: the running server answers, else the file is opened."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

from dashboard.errors import NotServed
from dashboard.telemetry.kept_input import kept_input
from dashboard.telemetry.opened import Opened
from dashboard.telemetry.port import STDIN, KillQuestion, LinesQuestion, Loaded, LoadRequest, Telemetry
from dashboard.telemetry.retaining import Retained, RetainRequest
from dashboard.telemetry.serving import announced
from dashboard.telemetry.spool import Clock
from gates.home import Home
from gates.spending.used import DayUsage
from gates.verdict.evidence import Evidence, KillFacts
from gates.verdict.question import Question
from ingest.archive.adopting import Adopted
from ingest.archive.looking import Archive, Depth
from ingest.gate_audit import Filter, Findings, Line
from ingest.progress import Tell, silent
from ingest.quarantine import Quarantine, QuarantineQuestion, Replayed, ReplayRequest
from ingest.recent_jobs import SeenJobs
from ingest.report.report import Selection
from ingest.retention.standing import Standing
from ingest.store.failures import in_words
from ingest.store.gaps import Gap
from ingest.upkeep.compacting import Compacted

if TYPE_CHECKING:
    from dashboard.telemetry.served import Served
    from ingest.evidence import StepWindow

A = TypeVar("A")


class HomeTelemetry:
    """Looks for a server at every call. `tell` is told how far long work is, whoever does it."""

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
        self._opened = Opened(home, clock, tell, stdin)

    def telling(self, tell: Tell) -> "HomeTelemetry":
        """See the port."""
        return HomeTelemetry(self._home, self._clock, tell, self._stdin)

    def report(self, selection: Selection) -> dict[str, Any]:
        """See the port."""
        return self._ask(lambda telemetry: telemetry.report(selection))

    def recent_jobs(self, now_ns: int) -> SeenJobs:
        """See the port."""
        return self._ask(lambda telemetry: telemetry.recent_jobs(now_ns))

    def load(self, request: LoadRequest) -> Loaded:
        """See the port. A server gets standard input as a file when it has ended; it is gone afterwards."""
        server = self._server()
        if server is None or self._stdin is None or STDIN not in request.paths:
            return self._ask(lambda telemetry: telemetry.load(request))
        with in_words(self._home.telemetry), kept_input(self._home.root, self._stdin, self._tell) as path:
            passed_on = replace(request, stdin=path)
            return self._ask(lambda telemetry: telemetry.load(passed_on))

    def evidence(self, question: Question) -> Evidence:
        """See the port."""
        return self._ask(lambda telemetry: telemetry.evidence(question))

    def kill_facts(self, question: KillQuestion) -> KillFacts | None:
        """See the port."""
        return self._ask(lambda telemetry: telemetry.kill_facts(question))

    def gate_findings(self, chosen: Filter) -> Findings:
        """See the port."""
        return self._ask(lambda telemetry: telemetry.gate_findings(chosen))

    def gate_lines(self, question: LinesQuestion) -> tuple[Line, ...]:
        """See the port."""
        return self._ask(lambda telemetry: telemetry.gate_lines(question))

    def step_windows(self) -> "tuple[StepWindow, ...]":
        """See the port."""
        return self._ask(lambda telemetry: telemetry.step_windows())

    def bucket_counts(self) -> tuple[int, ...]:
        """See the port."""
        return self._ask(lambda telemetry: telemetry.bucket_counts())

    def day_usage(self, day_no: int) -> DayUsage:
        """See the port."""
        return self._ask(lambda telemetry: telemetry.day_usage(day_no))

    def gaps(self) -> tuple[Gap, ...]:
        """See the port."""
        return self._ask(lambda telemetry: telemetry.gaps())

    def quarantine(self, question: QuarantineQuestion) -> Quarantine:
        """See the port."""
        return self._ask(lambda telemetry: telemetry.quarantine(question))

    def replay(self, request: ReplayRequest) -> tuple[Replayed, ...]:
        """See the port."""
        return self._ask(lambda telemetry: telemetry.replay(request))

    def copy_to(self, target: str) -> int:
        """See the port."""
        return self._ask(lambda telemetry: telemetry.copy_to(target))

    def archive(self, depth: Depth) -> Archive:
        """See the port."""
        return self._ask(lambda telemetry: telemetry.archive(depth))

    def adopt_archive(self) -> tuple[Adopted, ...]:
        """See the port."""
        return self._ask(lambda telemetry: telemetry.adopt_archive())

    def retention(self) -> Standing:
        """See the port."""
        return self._ask(lambda telemetry: telemetry.retention())

    def retain(self, request: RetainRequest) -> Retained:
        """See the port."""
        return self._ask(lambda telemetry: telemetry.retain(request))

    def rebuild_rollups(self) -> int:
        """See the port."""
        return self._ask(lambda telemetry: telemetry.rebuild_rollups())

    def compact(self) -> Compacted | None:
        """See the port."""
        return self._ask(lambda telemetry: telemetry.compact())

    def _ask(self, ask: Callable[[Telemetry], A]) -> A:
        server = self._server()
        if server is not None:
            try:
                return ask(server)
            except NotServed:
                pass  # it ended meanwhile
        return ask(self._opened)

    def _server(self) -> "Served | None":
        """The server of this home; null also where one was killed and left its announcement behind."""
        place = announced(self._home)
        if place is None:
            return None
        from dashboard.telemetry.served import Served

        server = Served(place, self._tell)
        try:
            server.ping()
        except NotServed:
            return None
        return server
