"""Beside a running command: its streams are copied, its spec is looked at; at the end, the record."""

import os
import signal
import time
from threading import Thread
from typing import Any, NoReturn

from gates.executor.clock import millisecond_timestamp
from gates.executor.exec import run_record
from gates.executor.exec.copying import Copy
from gates.executor.exec.given import Prepared
from gates.executor.exec.prepared import Place
from gates.executor.exec.result_seen import StdoutCopy, read_schema
from gates.executor.exec.saying import say
from gates.executor.exec.spec_peek import SpecPeek
from gates.executor.exec.spool_file import SpoolFile
from gates.executor.exec.streams import Streams
from gates.executor.exec.task import Task
from gates.executor.exec.waiting import Child, end_as

_TO_LOOK_S = 1.0


class Attendance:
    """Begins to attend when it is made, right after the command was started."""

    def __init__(
        self,
        task: Task,
        place: Place,
        prepared: Prepared,
        streams: Streams,
        started_ns: int,
        peek: SpecPeek,
    ) -> None:
        self._task = task
        self._root = place.root
        self._prepared = prepared
        self._streams = streams
        self._started_ns = started_ns
        self._stdout = StdoutCopy()
        self._spec: dict[str, Any] | None = None
        self._schema = b""
        self.spool = None
        if self._root is not None:
            self.spool = SpoolFile(os.path.join(self._root, "spool"), task.source)
        self._copies = tuple(self._copied())
        for copy in self._copies:
            copy.start()
        ended, self._end_looking = os.pipe()
        self._looking = Thread(target=self._look, args=(peek, ended), daemon=True)
        if task.watch is None and self._root is not None:
            self._looking.start()

    def _copied(self) -> "list[Copy]":
        copies = []
        out, err = self._streams.stdout, self._streams.stderr
        if err is not None:
            listener = self.spool.write if self.spool is not None else _nobody
            copies.append(Copy(err, listener, is_strict=False))
        if out is not None:
            copies.append(Copy(out, self._stdout.add, is_strict=True))
        if self._task.watch is None:  # a command that is started again gets them again
            for stream in self._streams.all():
                os.close(stream.theirs)
        return copies

    def _look(self, peek: SpecPeek, ended: int) -> None:
        """The spec on stdin; and what the end will need is imported meanwhile."""
        self._schema = read_schema()
        found = peek.document(ended)
        if found is None or self._root is None:
            return
        facts = run_record.facts_of(found[0])
        if facts is not None:
            run_record.note_facts(os.path.join(self._root, "specs"), facts)
        self._spec = run_record.spec_seen(found[1], facts)

    def end(self, child: Child, prepared: Prepared) -> NoReturn:
        """Pass on what is left, record how it ended, and end like the command, which is gone."""
        assert child.status is not None
        if self._task.watch is not None:
            for stream in self._streams.all():
                os.close(stream.theirs)
        for copy in self._copies:
            copy.finish()
        if self.spool is not None and not any(copy.is_open for copy in self._copies if not copy.is_strict):
            self.spool.end()
        os.close(self._end_looking)
        if self._looking.ident is not None:
            self._looking.join(_TO_LOOK_S)
        self._prepared = prepared
        self._record(child)
        status, exit_code = self._outcome(child.status)
        if any(copy.is_open for copy in self._copies):
            self._leave_behind()
        end_as(status, exit_code)

    def _outcome(self, status: int) -> tuple[int, int]:
        """How we end: as the command did, but not with success when its result did not get out."""
        exit_code = os.waitstatus_to_exitcode(status)
        failed = [copy.failure for copy in self._copies if copy.failure is not None and copy.is_strict]
        if exit_code != 0 or not failed:
            return status, exit_code
        if isinstance(failed[0], BrokenPipeError):
            return int(signal.SIGPIPE), 0  # as the command would have, had it met the closed pipe itself
        say(f"stdout could not be written: {(failed[0].strerror or 'unknown error').lower()}; run it again")
        return status, 1

    def _record(self, child: Child) -> None:
        if self._root is None or child.status is None:
            return
        code = os.waitstatus_to_exitcode(child.status)
        is_job = self._task.watch is None
        spool = self.spool
        sees_result = is_job and self._streams.stdout is not None
        document = {
            "version": run_record.VERSION,
            "run": os.urandom(8).hex(),
            "source": self._task.source,
            "kind": "job" if is_job else "service",
            "startedAt": millisecond_timestamp(self._started_ns),
            "endedAt": millisecond_timestamp(time.time_ns()),
            "revision": self._prepared.revision,
            "controlsUnknown": self._prepared.unknown,
            "exitCode": code if code >= 0 else None,
            "signal": -code if code < 0 else None,
            "spool": None if spool is None or spool.name is None else spool.stretch(),
            "lostBytes": 0 if spool is None else spool.lost_bytes,
            "spec": self._spec,
            "result": self._stdout.seen(self._schema) if sees_result else run_record.UNSEEN,
        }
        trouble = run_record.append(os.path.join(self._root, "runs"), document)
        is_mid_line = any(copy.is_mid_line for copy in self._copies if not copy.is_strict)
        if spool is not None and spool.lost_bytes:
            say(
                f"{spool.lost_bytes} bytes of stderr were passed on but not captured: {spool.trouble}; "
                "mend that, or load them from where they went",
                is_mid_line=is_mid_line,
            )
        elif trouble is not None:
            say(f"how the run ended could not be recorded: {trouble}; mend that", is_mid_line=is_mid_line)

    def _leave_behind(self) -> None:
        """Somebody outlives the command and may still write: a process of ours copies on, and we can go."""
        if os.fork():
            return
        os.setsid()
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        still = [copy for copy in self._copies if copy.is_open]
        for descriptor in {0, 1, 2} - {copy.stream.target for copy in still}:
            os.close(descriptor)
        others = [Thread(target=copy.linger) for copy in still[1:]]
        for other in others:
            other.start()
        still[0].linger()
        for other in others:
            other.join()
        if self.spool is not None:
            self.spool.end()
        os._exit(0)


def _nobody(_piece: bytes) -> None:
    """Without a home nothing is captured."""
