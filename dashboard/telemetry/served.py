"""Telemetry by asking the process that owns the file, over loopback."""

import os
import secrets
import ssl
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, Any, TypeVar

from dashboard.errors import NotServed, ServerFailed
from dashboard.telemetry import calls
from dashboard.telemetry.port import STDIN, KillQuestion, LinesQuestion, Loaded, LoadRequest
from dashboard.telemetry.proof import NONCE_BYTES, NONCE_HEADER, PROOF_HEADER, is_proven, proof
from dashboard.telemetry.retaining import Retained, RetainRequest
from dashboard.telemetry.serving import Place
from dashboard.telemetry.watching import watched
from gates.spending.used import DayUsage
from gates.verdict.evidence import Evidence, KillFacts
from gates.verdict.question import Question
from ingest.archive.adopting import Adopted
from ingest.archive.looking import Archive, Depth
from ingest.errors import UnreadableSource
from ingest.gate_audit import Filter, Findings, Line
from ingest.progress import Tell, silent
from ingest.quarantine import Quarantine, QuarantineQuestion, Replayed, ReplayRequest
from ingest.recent_jobs import SeenJobs
from ingest.report.report import Selection
from ingest.retention.standing import Standing
from ingest.store.gaps import Gap
from ingest.upkeep.compacting import Compacted

if TYPE_CHECKING:
    from ingest.evidence import StepWindow

OK, FAILED = 200, 409
_MAX_BYTES = 256 << 20
Q = TypeVar("Q")
A = TypeVar("A")


def _connection(place: Place, seconds: float | None) -> HTTPConnection:
    """Who answers proves that they know the secret; a certificate for 127.0.0.1 nobody has."""
    if not place.tls:
        return HTTPConnection(place.host, place.port, timeout=seconds)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return HTTPSConnection(place.host, place.port, timeout=seconds, context=context)


class Served:
    """The telemetry that the process at `place` owns.

    Every method raises `NotServed` when nobody answers there who knows the secret, and `ServerFailed`
    when the answer does not come to its end. `tell` is told how far long work is there; whoever ends the
    wait for it with Ctrl-C, or by `WorkStopped`, ends it there.
    """

    def __init__(self, place: Place, tell: Tell = silent) -> None:
        self._place = place
        self._tell = tell

    def telling(self, tell: Tell) -> "Served":
        """See the port."""
        return Served(self._place, tell)

    def ping(self) -> None:
        """Whether the owner of the file answers. Raises `NotServed`."""
        try:
            self._ask(calls.PING, None)
        except ServerFailed as error:
            raise NotServed(str(error)) from error

    def report(self, selection: Selection) -> dict[str, Any]:
        """See the port."""
        return self._ask(calls.REPORT, selection)

    def recent_jobs(self, now_ns: int) -> SeenJobs:
        """See the port."""
        return self._ask(calls.RECENT_JOBS, now_ns)

    def load(self, request: LoadRequest) -> Loaded:
        """See the port."""
        return self._ask(calls.LOAD, _wherever(request))

    def evidence(self, question: Question) -> Evidence:
        """See the port."""
        return self._ask(calls.EVIDENCE, question)

    def kill_facts(self, question: KillQuestion) -> KillFacts | None:
        """See the port."""
        return self._ask(calls.KILL_FACTS, question)

    def gate_findings(self, chosen: Filter) -> Findings:
        """See the port."""
        return self._ask(calls.GATE_FINDINGS, chosen)

    def gate_lines(self, question: LinesQuestion) -> tuple[Line, ...]:
        """See the port."""
        return self._ask(calls.GATE_LINES, question)

    def step_windows(self) -> "tuple[StepWindow, ...]":
        """See the port."""
        return self._ask(calls.STEP_WINDOWS, None)

    def bucket_counts(self) -> tuple[int, ...]:
        """See the port."""
        return self._ask(calls.BUCKET_COUNTS, None)

    def day_usage(self, day_no: int) -> DayUsage:
        """See the port."""
        return self._ask(calls.DAY_USAGE, day_no)

    def gaps(self) -> tuple[Gap, ...]:
        """See the port."""
        return self._ask(calls.GAPS, None)

    def quarantine(self, question: QuarantineQuestion) -> Quarantine:
        """See the port."""
        return self._ask(calls.QUARANTINE, question)

    def replay(self, request: ReplayRequest) -> tuple[Replayed, ...]:
        """See the port."""
        return self._ask(calls.REPLAY, request)

    def copy_to(self, target: str) -> int:
        """See the port."""
        return self._ask(calls.COPY_TO, _absolute(target))

    def archive(self, depth: Depth) -> Archive:
        """See the port."""
        return self._ask(calls.ARCHIVE, depth)

    def adopt_archive(self) -> tuple[Adopted, ...]:
        """See the port."""
        return self._ask(calls.ADOPT_ARCHIVE, None)

    def retention(self) -> Standing:
        """See the port."""
        return self._ask(calls.RETENTION, None)

    def retain(self, request: RetainRequest) -> Retained:
        """See the port."""
        return self._ask(calls.RETAIN, request)

    def rebuild_rollups(self) -> int:
        """See the port."""
        return self._ask(calls.REBUILD_ROLLUPS, None)

    def compact(self) -> Compacted | None:
        """See the port."""
        return self._ask(calls.COMPACT, None)

    def _ask(self, call: calls.Call[Q, A], question: Q) -> A:
        try:
            body = call.question().dump_json(question)
        except ValueError:
            raise UnreadableSource(
                "a name that is no UTF-8 cannot be told to the running server; stop it, or rename the file"
            ) from None
        nonce = secrets.token_hex(NONCE_BYTES)
        with ExitStack() as held:
            if call.is_long:
                how_far = partial(self._ask, calls.HOW_FAR, nonce)
                held.enter_context(watched(how_far, partial(self._ask, calls.END_WORK, nonce), self._tell))
            status, answer = self._exchange(call, body, nonce)
        try:
            if status == OK:
                return call.answer().validate_json(answer)
            raise calls.failure_of(answer)
        except (ValueError, KeyError, TypeError) as error:
            raise ServerFailed(
                f"the server at {self._place.host}:{self._place.port} gave an answer that this slotgate "
                "cannot read; restart the server with the same version"
            ) from error

    def _exchange(self, call: calls.Call[Q, A], body: bytes, nonce: str) -> tuple[int, bytes]:
        place = self._place
        headers = {
            "Content-Type": "application/json",
            NONCE_HEADER: nonce,
            PROOF_HEADER: proof(place.secret, "ask", nonce, call.name, 0, body),
        }
        connection = _connection(place, call.seconds)
        with closing(connection):
            try:
                connection.connect()
            except OSError as error:
                raise NotServed(f"nobody answers at {place.host}:{place.port}") from error
            try:
                connection.request("POST", call.path, body, headers)
                answer = connection.getresponse()
                content = answer.read(_MAX_BYTES)
            except (OSError, HTTPException) as error:
                raise ServerFailed(
                    f"the server at {place.host}:{place.port} did not answer to the end: "
                    f"{str(error) or type(error).__name__}; try again, what was stored stands"
                ) from error
        given = answer.getheader(PROOF_HEADER)
        if not is_proven(place.secret, "answer", nonce, call.name, answer.status, content, given):
            raise NotServed(f"what answers at {place.host}:{place.port} is not the server of this home")
        return answer.status, content


def _wherever(request: LoadRequest) -> LoadRequest:
    """The same for a process that stands in another folder."""
    return replace(
        request,
        paths=tuple(path if path == STDIN else _absolute(path) for path in request.paths),
        controls=None if request.controls is None else _absolute(request.controls),
        stdin=None if request.stdin is None else _absolute(request.stdin),
    )


def _absolute(path: str) -> str:
    return os.path.abspath(path)  # noqa: PTH100  Path.absolute would keep `..`
