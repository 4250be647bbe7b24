"""Commands under `slotgate exec`, and what they leave in the home."""

import json
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.gates.executor.builders import SLOTGATE, controls, environment

PATIENCE_S = 30.0
LINE = (
    '{"version":"v1","executorVersion":"openai.v1","jobId":"job-00000","path":"stub","status":"STUB",'
    '"latencyMs":12,"errorCode":"KILL_SWITCH"}'
)
RESULT = (
    '{"version":"v1","jobId":"job-00000","status":"STUB","generatedAt":"2026-11-21T02:22:53.836Z",'
    '"output":null}'
)


def words(home: Path, *command: str, options: Sequence[str] = ()) -> list[str]:
    """The words of one call."""
    return [str(SLOTGATE), "exec", "--home", str(home), *options, "--", *command]


def under(
    home: Path,
    *command: str,
    stdin: bytes = b"",
    options: Sequence[str] = (),
    environ: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end, with pipes."""
    return subprocess.run(
        words(home, *command, options=options),
        input=stdin,
        env=environment() if environ is None else environ,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )


def start(home: Path, *command: str, options: Sequence[str] = (), **others: Any) -> "subprocess.Popen[bytes]":
    """Start a command, with pipes where `others` say nothing."""
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(
        words(home, *command, options=options), **{"env": environment(), **streams, **others}
    )


def runs(home: Path) -> list[dict[str, Any]]:
    """What is recorded of the runs."""
    return [
        json.loads(line)
        for path in sorted((home / "runs").glob("*.jsonl"))
        for line in path.read_text().splitlines()
    ]


def spooled(home: Path) -> bytes:
    """All files of the spool, one after another."""
    return b"".join(path.read_bytes() for path in sorted((home / "spool").glob("*.log")))


def messages(spool: bytes) -> bytes:
    """What the CRI lines of `spool` say, joined as a container runtime's reader joins them."""
    found = []
    for line in spool.split(b"\n")[:-1]:
        _, stream, tag, message = line.split(b" ", 3)
        assert stream == b"stderr"
        found.append(message + (b"\n" if tag == b"F" else b""))
    return b"".join(found)


def publish(home: Path, **changes: Any) -> None:
    """Other controls, as the publisher replaces them."""
    path = home / "controls" / "control.json"
    draft = path.with_suffix(".tmp")
    draft.write_text(json.dumps(controls(**changes)))
    draft.replace(path)


def until(holds: Callable[[], bool]) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.01)
