"""Control files for tests, written the plain way: the publisher is tested elsewhere."""

import json
import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gates.controls.source import ControlSource
from gates.decision import Admitted, Decision, Denied, Gate, decide
from tests.gates.decision.builders import controls, job

SPEC = {
    "version": "v1",
    "appliesTo": {"subject": "Biology", "level": "GCSE", "board": "AQA", "specVersion": "v1"},
    "jobs": [
        {
            "jobId": "J1",
            "slotId": "S1",
            "kind": "explanatory",
            "mode": "generate",
            "input": {},
            "output": {"field": "content", "type": "text"},
            "sources": [],
            "required": True,
        }
    ],
    "metadata": {"requiresReview": False, "allowAI": True},
}


def encoded(**changes: Any) -> bytes:
    return json.dumps(controls(**changes)).encode()


def put(path: Path, data: bytes) -> None:
    """Replace `path` in one step, whatever stands there."""
    draft = path.with_name(f"{path.name}.draft")
    draft.write_bytes(data)
    if os.path.isdir(path) and not os.path.islink(path):
        path.rmdir()
    draft.replace(path)


def settle(path: Path, source: ControlSource) -> None:
    """Wait until the reader trusts the file's times, so that a test meets the cached state."""
    while time.time_ns() - path.stat().st_ctime_ns < 150_000_000:
        time.sleep(0.01)
    source.current()


def answer(source: ControlSource) -> Decision:
    return decide(source.current(), job())


def assert_admits(source: ControlSource) -> None:
    assert isinstance(answer(source), Admitted), answer(source)


def assert_unknown(source: ControlSource) -> str:
    decision = answer(source)
    assert isinstance(decision, Denied)
    assert decision.gate is Gate.CONTROLS
    assert decision.error_code == "KILL_SWITCH"
    return decision.reason


@contextmanager
def full_disk(free: int) -> Iterator[None]:
    """No file can grow beyond `free` bytes: writes fail half way, for every user, on every file system."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (free, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def in_child(work: Any) -> bool:
    """Run `work` in a forked child; tell whether it returned True."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            code = 0 if work() is True else 1
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
