"""`slotgate run` when the world around it breaks: signals, closed and full streams, many at once."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from subprocess import DEVNULL, PIPE
from tempfile import TemporaryFile
from threading import Event, Thread

import pytest

from dashboard.demo.openai_stub import Behaviour, StubServer
from tests.gates.executor.builders import (
    KEY,
    SLOTGATE,
    environment,
    only_line,
    open_gates,
    spec_bytes,
)
from tests.warm import commands


@pytest.fixture
def server() -> Iterator[StubServer]:
    with StubServer() as running:
        yield running


def shell(command: str, stdin: bytes, env: dict[str, str], cwd: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["/bin/sh", "-c", command.replace("slotgate", str(SLOTGATE))],
        input=stdin,
        env=env,
        cwd=cwd,
        capture_output=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("scenario", ["slow", "drip"])
def test_a_signal_during_the_call(
    tmp_path: Path, server: StubServer, number: signal.Signals, scenario: str
) -> None:
    server.behave(Behaviour(scenarios={scenario: 1.0}, drip_s=1.0))
    env = open_gates(tmp_path, OPENAI_API_KEY=KEY, OPENAI_BASE_URL=server.base_url)
    with commands.Command(["run"], tmp_path, env) as process:
        process.stdin.write(spec_bytes().decode())
        process.stdin.close()
        while not server.received:
            Event().wait(0.01)
        process.send_signal(number)
        process.send_signal(number)  # a volley, as `timeout` sends it
        out, err = process.communicate()
    assert process.returncode == 128 + number
    assert out == ""
    line = only_line(err.encode())
    assert (line["path"], line["status"], line["errorCode"]) == ("openai", "FAILED", "OPENAI_REQUEST_FAILED")


def test_a_signal_before_the_decision_leaves_no_line(tmp_path: Path) -> None:
    with subprocess.Popen(
        [SLOTGATE, "run"], stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment(), cwd=tmp_path
    ) as process:
        status = Path(f"/proc/{process.pid}/status")
        while not _catches(status.read_text(), signal.SIGTERM):
            Event().wait(0.005)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert (out, err) == (b"", b"")


def _catches(status: str, number: int) -> bool:
    mask = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(mask, 16) >> (number - 1) & 1)


def test_a_second_signal_ends_a_run_whose_stderr_nobody_reads(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    while True:
        try:
            os.write(writer, b" " * 4096)
        except BlockingIOError:
            break
    os.set_blocking(writer, True)
    process = subprocess.Popen(
        [SLOTGATE, "run"], stdin=PIPE, stdout=DEVNULL, stderr=writer, env=environment(), cwd=tmp_path
    )
    with process:
        os.close(writer)
        assert process.stdin is not None
        process.stdin.write(spec_bytes())
        process.stdin.close()
        status = Path(f"/proc/{process.pid}/status")
        asleep = 0
        while asleep < 30:  # on the write that nobody takes
            asleep = asleep + 1 if "State:\tS" in status.read_text() else 0
            Event().wait(0.01)
        process.send_signal(signal.SIGTERM)
        Event().wait(2.2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 128 + signal.SIGTERM
    os.close(reader)


def test_an_ignored_signal_stays_ignored(tmp_path: Path, server: StubServer) -> None:
    server.behave(Behaviour(median_s=0.5))
    env = open_gates(tmp_path, OPENAI_API_KEY=KEY, OPENAI_BASE_URL=server.base_url)
    command = "trap '' HUP; slotgate run & pid=$!; sleep 0.05; kill -HUP $pid; wait $pid"
    ended = shell(f"exec 3<&0; {command.replace('run &', 'run <&3 &')}", spec_bytes(), env, tmp_path)
    assert ended.returncode == 0
    assert only_line(ended.stderr)["status"] == "COMPLETED"


# command, exit code, whether stderr has the line, whether stdout has the answer
CLOSED = {
    "stdin closed": ("slotgate run <&-", 3, False, False),
    "stdout closed": ("slotgate run >&-", 1, True, False),
    "stdout full": ("slotgate run >/dev/full", 1, True, False),
    "stderr closed": ("slotgate run 2>&-", 1, False, True),
    "stderr full": ("slotgate run 2>/dev/full", 1, False, True),
    "stdout and stderr closed": ("slotgate run >&- 2>&-", 1, False, False),
    "all closed": ("slotgate run <&- >&- 2>&-", 3, False, False),
}


@pytest.mark.parametrize(("command", "code", "has_line", "has_answer"), CLOSED.values(), ids=CLOSED.keys())
def test_streams_that_are_closed_or_full(
    tmp_path: Path, command: str, code: int, has_line: bool, has_answer: bool
) -> None:
    ended = shell(command, spec_bytes(), environment(), tmp_path)
    assert ended.returncode == code
    assert b"Traceback" not in ended.stderr
    lines = [line for line in ended.stderr.splitlines() if line.startswith(b"{")]
    assert len(lines) == has_line
    assert (json.loads(ended.stdout)["status"] == "STUB") if has_answer else ended.stdout == b""


def test_a_closed_stderr_does_not_let_the_line_into_a_socket(tmp_path: Path, server: StubServer) -> None:
    env = open_gates(tmp_path, OPENAI_API_KEY=KEY, OPENAI_BASE_URL=server.base_url)
    ended = shell("slotgate run 2>&-", spec_bytes(), env, tmp_path)
    assert ended.returncode == 1
    assert json.loads(ended.stdout)["status"] == "COMPLETED"
    assert [request.path for request in server.received] == ["/v1/chat/completions"]


def test_the_reader_of_stdout_is_gone(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        ended = subprocess.run(
            [SLOTGATE, "run"],
            input=spec_bytes(),
            stdout=writer,
            stderr=PIPE,
            env=environment(),
            cwd=tmp_path,
            timeout=60,
            check=False,
        )
    finally:
        os.close(writer)
    assert ended.returncode == 1
    first, second = ended.stderr.splitlines()
    assert json.loads(first)["status"] == "STUB"
    assert second.startswith(b"slotgate: the result could not be written")


def test_a_reader_of_stdout_that_sleeps_does_not_hold_back_the_line(
    tmp_path: Path, server: StubServer
) -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)  # as some parents leave it
    while True:
        try:
            os.write(writer, b" " * 4096)
        except BlockingIOError:
            break
    process = subprocess.Popen(
        [SLOTGATE, "run"], stdin=PIPE, stdout=writer, stderr=PIPE, env=environment(), cwd=tmp_path
    )
    with process, open(reader, "rb") as pipe:
        os.close(writer)
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(spec_bytes())
        process.stdin.close()
        assert json.loads(process.stderr.readline())["status"] == "STUB"
        assert json.loads(pipe.read())["status"] == "STUB"
        assert process.wait(60) == 0


def test_lines_of_parallel_runs_do_not_mix(tmp_path: Path) -> None:
    long_id = "x" * 3_000
    reader, writer = os.pipe()
    collected: list[bytes] = []
    with open(reader, "rb") as pipe, open(os.devnull, "wb") as nowhere, ExitStack() as running:
        collecting = Thread(target=lambda: collected.append(pipe.read()))
        collecting.start()
        processes = []
        for number in range(24):
            stdin = running.enter_context(TemporaryFile())
            stdin.write(spec_bytes(jobId=f"{number}-{long_id}"))
            stdin.seek(0)
            streams = stdin.fileno(), nowhere.fileno(), writer
            processes.append(
                running.enter_context(commands.Forked(["run"], tmp_path, environment(), streams))
            )
        os.close(writer)
        assert [process.wait() for process in processes] == [0] * 24
        collecting.join()
    lines = [json.loads(line) for line in collected[0].splitlines()]
    assert {line["jobId"] for line in lines} == {f"{number}-{long_id}" for number in range(24)}


PROBE = """
import os, sys
opened, read = [], []
class Recording(dict):
    def __getitem__(self, key): read.append(key); return super().__getitem__(key)
    def get(self, key, default=None): read.append(key); return super().get(key, default)
    def __contains__(self, key): read.append(key); return super().__contains__(key)
os.environ = Recording(os.environ)
heavy = {"openai", "httpx2", "pydantic", "asyncio", "ssl", "argparse"}
def hook(event, arguments):
    if event.startswith("socket."): opened.append(event)
sys.addaudithook(hook)
from dashboard.cli import main
code = main(["run"])
print(code, sorted(set(opened)), sorted(heavy & set(sys.modules)), "OPENAI_API_KEY" in read, file=sys.stderr)
"""


def probe(env: dict[str, str], cwd: Path) -> bytes:
    """What a run did, as its last line on stderr: exit code, socket events, heavy modules, key read."""
    ended = subprocess.run(
        [sys.executable, "-c", PROBE],
        input=spec_bytes(),
        env=env,
        cwd=cwd,
        capture_output=True,
        timeout=60,
        check=True,
    )
    return ended.stderr.splitlines()[-1]


def test_a_stub_opens_no_socket_builds_no_client_and_reads_no_key(tmp_path: Path) -> None:
    env = open_gates(tmp_path, OPENAI_API_KEY=KEY, SLOTGEN_AI_KILL="true")
    assert probe(env, tmp_path) == b"0 [] [] False"


def test_the_probe_sees_what_an_admitted_run_does(tmp_path: Path, server: StubServer) -> None:
    env = open_gates(tmp_path, OPENAI_API_KEY=KEY, OPENAI_BASE_URL=server.base_url)
    seen = probe(env, tmp_path)
    assert b"'socket.connect'" in seen
    assert b"'openai'" in seen
    assert seen.endswith(b"True")
