"""A shell script, a Python script and a Node script under `slotgate exec`, none of which knows of slotgate.

What does not depend on the language is in tests/gates/executor/exec.
"""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import dashboard.demo
from dashboard.demo.openai_stub import Behaviour, StubServer
from gates.decision import Denied, compile_controls, decide, job_from_spec
from ingest.loading.load import Surroundings, load
from ingest.store import TelemetryStore
from schemas.codes import Path as Route
from tests.gates.executor.builders import KEY, allowlist, controls, environment, home_with, slot_job, spec
from tests.gates.executor.exec.commands import messages, publish, runs, spooled, start, under, until, words

HERE = Path(__file__).parent
NODE = Path(dashboard.demo.__path__[0]) / "node_executor.mjs"
EXECUTORS = {
    "sh": ("sh", str(HERE / "executor.sh")),
    "python": (sys.executable, "-IS", str(HERE / "executor.py")),
    "node": ("node", str(NODE)),
}
SLOW_S = 3.0


@dataclass
class Bench:
    """One of them, a home whose gates are open, and the server that stands for the model's."""

    command: tuple[str, ...]
    home: Path
    server: StubServer

    def environment(self, **changes: str) -> dict[str, str]:
        return {**environment(OPENAI_API_KEY=KEY, OPENAI_BASE_URL=self.server.base_url), **changes}

    def job(self, document: dict[str, Any], **changes: str) -> "subprocess.CompletedProcess[bytes]":
        """Run one under exec, with other variables."""
        stdin = json.dumps(document, ensure_ascii=False).encode()
        return under(self.home, *self.command, stdin=stdin, environ=self.environment(**changes))

    def said(self, number: int) -> tuple[str, str | None]:
        """What the telemetry line of run NUMBER says: path and errorCode."""
        line = line_of(self.job(spec(jobId=f"run-{number}")).stderr)
        return line["path"], line["errorCode"]


def line_of(stderr: bytes) -> dict[str, Any]:
    [line] = [line for line in stderr.decode().splitlines() if '"executorVersion"' in line]
    found: dict[str, Any] = json.loads(line)
    return found


def loaded(home: Path) -> tuple[int, int, int]:
    """Load the spool: lines accepted, records quarantined, jobs whose spec is known."""
    with TelemetryStore.open(home / "telemetry.duckdb") as store:
        around = Surroundings(None, lambda: 1, home / "spool", home / "specs", home / "runs")
        counts = load(store, [home / "spool"], None, surroundings=around).counts
        with store.cursor() as cursor:
            known = cursor.execute("SELECT count(*) FROM job_spec").fetchall()[0][0]
    return counts.accepted, counts.quarantined, known


@pytest.fixture(scope="module")
def served() -> Iterator[StubServer]:
    with StubServer() as server:
        yield server


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return home_with(tmp_path / "home")


@pytest.fixture(params=EXECUTORS)
def bench(request: pytest.FixtureRequest, home: Path, served: StubServer) -> Bench:
    served.behave(Behaviour())
    served.received.clear()
    return Bench(EXECUTORS[request.param], home, served)


CASES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"kill": True}, {}),
    ({"feature": False}, {}),
    ({"allowlist": {**allowlist(), "enabled": False}}, {}),
    ({"allowlist": {**allowlist(), "rules": []}, "kill": True}, {}),
    ({}, {"allow_ai": False}),
    ({"percent": 99}, {"jobId": "run-62"}),
    ({"percent": 1}, {"jobId": "run-15"}),
    ({"percent": 50}, {"jobId": "run-7"}),
    ({"percent": 50}, {"jobId": "run-70"}),
    ({"percent": 0}, {"jobId": "run-7"}),
    ({"percent": 0, "rolloutZero": "everyone"}, {"jobId": "run-7"}),
]


@pytest.mark.parametrize(("changes", "job"), CASES, ids=lambda value: re.sub(r"\W+", " ", str(value))[:60])
def test_decides_as_we_would(bench: Bench, changes: dict[str, Any], job: dict[str, Any]) -> None:
    publish(bench.home, **changes)
    document = spec(**{"jobId": "run-0", **job})
    ours = decide(compile_controls(controls(**changes), "test"), job_from_spec(document))
    line = line_of(bench.job(document).stderr)
    assert line["path"] == (Route.STUB if isinstance(ours, Denied) else Route.OPENAI)
    assert len(bench.server.received) == (0 if isinstance(ours, Denied) else 1)
    if changes == {
        "percent": 0
    }:  # for them that is no gate, so exec gives them an allowlist that permits nothing
        assert line["errorCode"] == "NOT_ALLOWLISTED"
    else:
        assert line["errorCode"] == (ours.error_code if isinstance(ours, Denied) else None)


OTHER_SLOT = [slot_job(1), slot_job(2, kind="statutory")]


@pytest.mark.parametrize("name", ["python", "node"])  # the shell script serves one course, and plain jobIds
@pytest.mark.parametrize(
    ("changes", "job"),
    [
        ({}, {"jobs": OTHER_SLOT}),
        ({}, {"jobs": [slot_job(1), slot_job(2)]}),
        ({"allowlist": allowlist(max_jobs=1)}, {"jobs": [slot_job(1), slot_job(2)]}),
        ({}, {"appliesTo": {"subject": "Physics", "level": "GCSE", "board": "AQA", "specVersion": "v1"}}),
        ({"percent": 40}, {"jobId": "größe-🌱-1"}),
        ({"percent": 90}, {"jobId": "größe-🌱-1"}),
    ],
)
def test_decides_as_we_would_on_every_fact(
    name: str, changes: dict[str, Any], job: dict[str, Any], home: Path, served: StubServer
) -> None:
    served.behave(Behaviour())
    publish(home, **changes)
    bench = Bench(EXECUTORS[name], home, served)
    ours = decide(compile_controls(controls(**changes), "test"), job_from_spec(spec(**job)))
    line = line_of(bench.job(spec(**job)).stderr)
    assert line["path"] == (Route.STUB if isinstance(ours, Denied) else Route.OPENAI)
    assert line["errorCode"] == (ours.error_code if isinstance(ours, Denied) else None)


def test_the_first_job_after_the_kill_stubs(bench: Bench) -> None:
    """Killed and released twice, while others run all the time; a kill lets no new call out."""
    stopping = threading.Event()

    def keep_busy() -> None:
        number = 1_000
        while not stopping.is_set():
            bench.said(number := number + 1)

    busy = threading.Thread(target=keep_busy)
    busy.start()
    try:
        for revision in (8, 10):
            publish(bench.home, kill=True, revision=revision)
            assert bench.said(revision) == ("stub", "KILL_SWITCH")
            publish(bench.home, kill=False, revision=revision + 1)
            assert bench.said(revision + 1) == ("openai", None)
    finally:
        stopping.set()
        busy.join()
    seen = runs(bench.home)
    assert {run["result"]["state"] for run in seen} == {"valid"}
    assert all(run["spec"] for run in seen)
    assert loaded(bench.home) == (len(seen), 0, len(seen))


def test_a_call_under_way_ends_and_no_other_begins(bench: Bench) -> None:
    bench.server.behave(Behaviour(median_s=SLOW_S))
    with start(bench.home, *bench.command, env=bench.environment()) as process:
        assert process.stdin is not None
        process.stdin.write(json.dumps(spec(jobId="run-1")).encode())
        process.stdin.close()
        until(lambda: len(bench.server.received) == 1)
        publish(bench.home, kill=True, revision=8)
        assert bench.said(2) == ("stub", "KILL_SWITCH")
        assert process.poll() is None, "the first job was to be under way all this time"
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.read())["status"] == "COMPLETED"
        assert line_of(process.stderr.read())["path"] == "openai"
        assert process.wait() == 0
    assert len(bench.server.received) == 1


def test_lines_stay_whole_where_the_text_before_them_has_no_end(bench: Bench) -> None:
    """What failed leaves a body without an end of line, and the next run's line comes right behind it."""
    bench.server.behave(Behaviour(scenarios={"503": 1.0}))
    for number in range(3):
        assert bench.said(number) == ("openai", "OPENAI_HTTP_ERROR")
    bench.server.behave(Behaviour())
    assert bench.said(3) == ("openai", None)
    assert loaded(bench.home) == (4, 0, 4)


@pytest.mark.parametrize(
    ("scenario", "job", "changes"),
    [
        ("ok", spec(jobId="run-1"), {}),
        ("503", spec(jobId="run-1"), {}),
        ("reset", spec(jobId="run-1"), {}),
        ("ok", spec(jobId="run-1"), {"OPENAI_API_KEY": ""}),
        ("ok", {"version": "v1"}, {}),
    ],
    ids=["completed", "an error of the server", "no answer", "no key", "no job spec"],
)
def test_says_and_ends_as_without_exec(
    bench: Bench, scenario: str, job: dict[str, Any], changes: dict[str, str]
) -> None:
    bench.server.behave(Behaviour(scenarios={scenario: 1.0}))
    with_it = bench.job(job, **changes)
    [path] = (bench.home / "exec").glob("revision-*.json")
    opened = {"FEATURE_SLOTGEN_AI": "true", "SLOTGEN_AI_ROLLOUT_PERCENT": "100"}
    bare = subprocess.run(
        bench.command,
        input=json.dumps(job).encode(),
        env=bench.environment(**opened, SLOTGEN_ALLOWLIST_PATH=str(path), **changes),
        capture_output=True,
        check=False,
    )
    assert (with_it.returncode, _timeless(with_it.stdout)) == (bare.returncode, _timeless(bare.stdout))
    assert _timeless(with_it.stderr) == _timeless(bare.stderr)


def _timeless(output: bytes) -> bytes:
    """Without what is another each time."""
    return re.sub(rb'"latencyMs":\s*\d+|"generatedAt":\s*"[^"]+"|run-\d+|Stub text \d+|:\d{5}\b', b"", output)


def test_a_signal_during_the_call_ends_it(bench: Bench) -> None:
    bench.server.behave(Behaviour(median_s=600.0))
    with start(bench.home, *bench.command, env=bench.environment(), stderr=subprocess.DEVNULL) as process:
        assert process.stdin is not None
        process.stdin.write(json.dumps(spec(jobId="run-1")).encode())
        process.stdin.close()
        until(lambda: len(bench.server.received) == 1)
        process.terminate()
        assert process.wait(60) == -signal.SIGTERM
    assert runs(bench.home)[0]["signal"] == signal.SIGTERM


PROGRAMS = {
    "python": {
        "closed": "import sys; print(sys.stdin is None)",
        "bytes": "import os, sys; data = open(sys.argv[1], 'rb').read()\n"
        "while data: data = data[os.write(2, data):]",
        "orphan": "import subprocess, sys; subprocess.Popen(['sh', '-c', sys.argv[1]]); sys.exit(4)",
    },
    "node": {
        "closed": "console.log(require('fs').readFileSync(0).length)",
        "bytes": "process.stderr.write(require('fs').readFileSync(process.argv[1]))",
        "orphan": "require('child_process').spawn('sh', ['-c', process.argv[1]], {stdio: 'inherit'}).unref();"
        "process.exit(4)",
    },
}
INTERPRETERS = {"python": (sys.executable, "-ISc"), "node": ("node", "-e")}


@pytest.mark.parametrize("name", PROGRAMS)
class TestWhatARuntimeDoesWithItsStreams:
    """Node makes streams of its own of the three descriptors, and opens those that are closed."""

    def test_a_closed_stdin(self, home: Path, name: str) -> None:
        command = [*INTERPRETERS[name], PROGRAMS[name]["closed"]]
        ended = [
            subprocess.run(
                ["sh", "-c", '"$@" <&-', "sh", *one], env=environment(), capture_output=True, check=True
            )
            for one in (command, words(home, *command))
        ]
        assert ended[0].stdout == ended[1].stdout != b""

    def test_ten_megabytes_of_any_bytes(self, home: Path, name: str) -> None:
        data = os.urandom(10_000_000)
        (home / "data").write_bytes(data)
        ended = under(home, *INTERPRETERS[name], PROGRAMS[name]["bytes"], str(home / "data"))
        assert ended.stderr == data
        assert messages(spooled(home)).removesuffix(b"\n") == data.removesuffix(b"\n")

    def test_a_child_that_outlives_the_command(self, home: Path, name: str, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "go")
        orphan = f"echo early >&2; read x < {tmp_path}/go; echo late >&2"
        with start(home, *INTERPRETERS[name], PROGRAMS[name]["orphan"], orphan) as process:
            assert process.wait(60) == 4  # while the child still holds stderr
            (tmp_path / "go").write_text("now\n")
            assert process.stderr is not None
            assert process.stderr.read() == b"early\nlate\n"
        until(lambda: messages(spooled(home)) == b"early\nlate\n")
