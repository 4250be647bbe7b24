"""A shell script, a Python script and a Node script as unmodified executors, killed and released."""

import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ingest.load import Surroundings, load
from ingest.store import TelemetryStore
from tests.gates.executor.builders import environment, home_with, spec_bytes
from tests.gates.executor.exec.commands import publish, runs, start, under, words

SHELL = r"""
spec=$(cat); id=$(printf %s "$spec" | sed 's/.*"jobId": "\(run-[0-9]*\)".*/\1/')
path=openai status=COMPLETED code=null output='{"content":"x"}'
if [ "$SLOTGEN_AI_KILL" = true ]; then path=stub status=STUB code='"KILL_SWITCH"' output=null; fi
echo "a line of chatter" >&2
printf '{"version":"v1","executorVersion":"shell.v1","jobId":"%s","path":"%s",' $id $path >&2
printf '"status":"%s","latencyMs":1,"errorCode":%s}\n' $status "$code" >&2
printf '{"version":"v1","jobId":"%s","status":"%s","generatedAt":"2026-11-21T02:22:53.836Z",' $id $status
printf '"output":%s}' "$output"
"""
PYTHON = """
import json, os, sys
spec = json.load(sys.stdin)
killed = os.environ.get("SLOTGEN_AI_KILL") == "true"
path, status, code = ("stub", "STUB", "KILL_SWITCH") if killed else ("openai", "COMPLETED", None)
print(json.dumps({"version": "v1", "executorVersion": "python.v1", "jobId": spec["jobId"], "path": path,
    "status": status, "latencyMs": 1, "errorCode": code}), file=sys.stderr)
print(json.dumps({"version": "v1", "jobId": spec["jobId"], "status": status,
    "generatedAt": "2026-11-21T02:22:53.836Z", "output": None if killed else {"content": "x"}}))
"""
NODE = """
const spec = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const killed = process.env.SLOTGEN_AI_KILL === 'true';
const [path, status, errorCode] = killed ? ['stub', 'STUB', 'KILL_SWITCH'] : ['openai', 'COMPLETED', null];
console.error(JSON.stringify({version: 'v1', executorVersion: 'node.v1', jobId: spec.jobId, path, status,
  latencyMs: 1, errorCode}));
console.log(JSON.stringify({version: 'v1', jobId: spec.jobId, status,
  generatedAt: new Date().toISOString(), output: killed ? null : {content: 'x'}}));
"""
EXECUTORS = {
    "sh": ("sh", "executor.sh", SHELL),
    "python": (sys.executable, "executor.py", PYTHON),
    "node": ("node", "executor.js", NODE),
}


@pytest.fixture(params=EXECUTORS)
def executor(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    program, name, text = EXECUTORS[request.param]
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not on PATH")
    (tmp_path / name).write_text(text)
    return program, str(tmp_path / name)


def path_of(ended: "subprocess.CompletedProcess[bytes]") -> str:
    line = ended.stderr.decode().splitlines()[-1]
    return str(json.loads(line)["path"])


def test_the_first_job_after_the_kill_stubs(executor: tuple[str, str], tmp_path: Path) -> None:
    home = home_with(tmp_path / "home")
    number = iter(range(10_000))

    def job() -> str:
        return path_of(under(home, *executor, stdin=spec_bytes(jobId=f"run-{next(number)}")))

    assert job() == "openai"
    # Jobs run all the while; those that start after the kill stub, whatever runs beside them.
    stopping = threading.Event()

    def keep_busy() -> None:
        while not stopping.is_set():
            job()

    busy = threading.Thread(target=keep_busy)
    busy.start()
    try:
        for revision in (8, 10):
            publish(home, kill=True, revision=revision)
            assert job() == "stub"
            publish(home, kill=False, revision=revision + 1)
            assert job() == "openai"
    finally:
        stopping.set()
        busy.join()
    seen = runs(home)
    assert {run["result"]["state"] for run in seen} == {"valid"}
    assert {run["spec"] is not None for run in seen} == {True}
    with TelemetryStore.open(home / "telemetry.duckdb") as store:
        around = Surroundings(None, lambda: 1, home / "spool", home / "specs", home / "runs")
        summary = load(store, [home / "spool"], None, surroundings=around)
        with store.cursor() as cursor:
            known = cursor.execute("SELECT count(*) FROM job_spec").fetchall()[0][0]
    assert summary.counts.accepted == known == len(seen)
    assert summary.counts.quarantined == 0


WORKER = r"""
import os, signal, sys, time
def told(*_):
    print("told", open(os.environ["SLOTGATE_EXEC_VARIABLES"]).read().split()[1], file=sys.stderr, flush=True)
signal.signal(signal.SIGHUP, told)
if "--deaf" in sys.argv: signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", os.environ["SLOTGEN_AI_KILL"], file=sys.stderr, flush=True)
while True: time.sleep(0.02)
"""


class TestWatch:
    @pytest.mark.parametrize("words_of_it", [[], ["--deaf"]])
    def test_a_change_starts_the_command_again(self, tmp_path: Path, words_of_it: list[str]) -> None:
        home = home_with(tmp_path / "home")
        command = (sys.executable, "-c", WORKER, *words_of_it)
        with start(home, *command, options=["--watch"]) as process:
            assert process.stderr is not None
            assert process.stderr.readline() == b"up false\n"
            publish(home, kill=True, revision=8)
            assert process.stderr.readline() == b"up true\n"
            publish(home, kill=False, revision=9)
            assert process.stderr.readline() == b"up false\n"
            (home / "controls" / "control.json").unlink()
            assert b"the kill switch is on for the command" in process.stderr.readline()
            assert process.stderr.readline() == b"up true\n"
            process.kill() if words_of_it else process.terminate()
            process.wait()
        if not words_of_it:
            assert process.returncode == -15
            assert [run["kind"] for run in runs(home)] == ["service"]

    def test_or_is_told_by_a_signal(self, tmp_path: Path) -> None:
        home = home_with(tmp_path / "home")
        with start(home, sys.executable, "-c", WORKER, options=["--watch=SIGHUP"]) as process:
            assert process.stderr is not None
            assert process.stderr.readline() == b"up false\n"
            publish(home, kill=True, revision=8)
            assert process.stderr.readline() == b"told SLOTGEN_AI_KILL=true\n"
            process.terminate()
            process.wait()
        assert list((home / "exec").glob("variables-*")) == []

    def test_ends_with_the_command(self, tmp_path: Path) -> None:
        home = home_with(tmp_path / "home")
        assert under(home, "sh", "-c", "echo out; exit 3", options=["--watch"]).returncode == 3
        assert under(home, "true", options=["--watch=SIGNOTHING"]).returncode == 2


def test_a_closed_home_is_no_home(tmp_path: Path) -> None:
    """An executor that reads percent 0 as everyone, under controls by which it means nobody."""
    home = home_with(tmp_path / "home")
    publish(home, percent=0)
    shown = subprocess.run(
        words(home, "sh", "-c", 'echo $SLOTGEN_AI_ROLLOUT_PERCENT; cat "$SLOTGEN_ALLOWLIST_PATH"'),
        env=environment(),
        capture_output=True,
        check=True,
    ).stdout
    percent, allowlist = shown.split(b"\n", 1)
    assert percent == b"0"
    assert json.loads(allowlist)["enabled"] is False
