"""What a run tells of its job spec: what the gates look at, so that the gate audit and previews know it.

One JSON line a run in the home's `specs/YYYY-MM-DD.jsonl` (docs/file-formats.md). Never `input` or
`sources`. Like the private log a convenience: whatever goes wrong with it is ignored.
"""

import json
import os
import time
from contextlib import suppress
from pathlib import Path

from gates.decision import Job
from gates.executor.clock import Clock, millisecond_timestamp

VERSION = "job-facts.v1"
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class JobFacts:
    """Appends to the files of `folder`, readable by their owner alone; it is made if its parent is there."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def note(self, job: Job) -> None:
        """Append the facts of one job in one write. Never raises."""
        with suppress(Exception):
            now_ns = self._clock.time_ns()
            line = facts_line(job, now_ns)
            day = time.strftime("%Y-%m-%d", time.gmtime(now_ns // 1_000_000_000))
            path = self._folder / f"{day}.jsonl"
            try:
                descriptor = os.open(path, _FLAGS, 0o600)
            except FileNotFoundError:
                self._folder.mkdir(mode=0o700, exist_ok=True)
                descriptor = os.open(path, _FLAGS, 0o600)
            try:
                os.write(descriptor, line)
            finally:
                os.close(descriptor)


def facts_line(job: Job, at_ns: int) -> bytes:
    """The line, with its newline; `at_ns` in nanoseconds since the epoch."""
    document = {
        "version": VERSION,
        "at": millisecond_timestamp(at_ns),
        "jobId": job.job_id,
        "allowAI": job.allow_ai,
        "appliesTo": {
            "subject": job.subject,
            "level": job.level,
            "board": job.board,
            "specVersion": job.spec_version,
        },
        "jobs": [{"slotId": slot.slot_id, "kind": slot.kind} for slot in job.slots],
    }
    return json.dumps(document, separators=(",", ":")).encode("ascii") + b"\n"
