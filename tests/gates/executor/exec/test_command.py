"""`slotgate exec` as its users see it: everything as without it, and the controls as they stand."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.gates.executor.builders import controls, environment, slot_job, spec, spec_bytes
from tests.gates.executor.exec.commands import (
    LINE,
    RESULT,
    messages,
    publish,
    runs,
    spooled,
    start,
    under,
    until,
    words,
)

NAMES = ("FEATURE_SLOTGEN_AI", "SLOTGEN_AI_KILL", "SLOTGEN_AI_ROLLOUT_PERCENT", "SLOTGEN_ALLOWLIST_PATH")
SHOW = "env | grep -E '^(FEATURE_)?SLOTGEN'"


def variables(home: Path, **narrowing: str) -> dict[str, str]:
    shown = under(home, "sh", "-c", SHOW, environ=environment(**narrowing)).stdout.decode()
    return dict(line.split("=", 1) for line in shown.splitlines())


class TestVariables:
    def test_are_the_controls_of_the_moment(self, home: Path) -> None:
        found = variables(home)
        assert [found[name] for name in NAMES[:3]] == ["true", "false", "100"]
        path = Path(found["SLOTGEN_ALLOWLIST_PATH"])
        assert json.loads(path.read_text()) == controls()["allowlist"]
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.is_relative_to(home)
        assert variables(home) == found  # the kept reading says the same
        publish(home, revision=8, percent=10)
        assert variables(home)["SLOTGEN_AI_ROLLOUT_PERCENT"] == "10"

    def test_the_allowlist_of_a_revision_is_never_replaced(self, home: Path) -> None:
        before = Path(variables(home)["SLOTGEN_ALLOWLIST_PATH"])
        content = before.read_bytes()
        narrower = {**controls()["allowlist"], "rules": []}
        publish(home, allowlist=narrower)  # the same number again, as after an old store was restored
        after = Path(variables(home)["SLOTGEN_ALLOWLIST_PATH"])
        assert after != before
        assert before.read_bytes() == content
        assert json.loads(after.read_text()) == narrower

    def test_a_kill_reaches_the_next_start(self, home: Path) -> None:
        variables(home)
        publish(home, kill=True)
        assert variables(home)["SLOTGEN_AI_KILL"] == "true"
        publish(home, kill=False, revision=9)
        assert variables(home)["SLOTGEN_AI_KILL"] == "false"

    @pytest.mark.parametrize("broken", ["gone", "empty", "unreadable", "a folder"])
    def test_controls_that_cannot_be_read_kill(self, home: Path, broken: str) -> None:
        variables(home)  # so that there is a kept reading
        path = home / "controls" / "control.json"
        path.unlink()
        if broken == "empty":
            path.touch()
        elif broken == "unreadable":
            path.write_text('{"version": "controls.v1", "kill": {"version":"v1","jobId":"x"}}')
        elif broken == "a folder":
            path.mkdir()
        ended = under(home, "sh", "-c", f"{SHOW}; echo {LINE!r} >&2")
        assert b"SLOTGEN_AI_KILL=true" in ended.stdout
        assert b"FEATURE_SLOTGEN_AI=false" in ended.stdout
        said, line = ended.stderr.decode().splitlines()
        assert said.startswith("slotgate exec: ")
        assert said.endswith("the command runs with the kill switch on")
        assert "{" not in said
        assert line == LINE
        assert b"slotgate exec" not in spooled(home)

    def test_without_a_home_the_command_runs_killed(self, tmp_path: Path) -> None:
        for place in (tmp_path / "missing", tmp_path / "home" / "job.json"):
            ended = under(place, "sh", "-c", f"{SHOW}; exit 5")
            assert ended.returncode == 5
            assert b"SLOTGEN_AI_KILL=true" in ended.stdout
            assert not place.exists()
        ended = subprocess.run(
            [words(tmp_path, "x")[0], "exec", "--", "sh", "-c", SHOW],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            check=False,
        )
        assert b"SLOTGEN_AI_KILL=true" in ended.stdout
        assert b"no home is named" in ended.stderr

    def test_its_own_variables_only_narrow(self, home: Path) -> None:
        assert variables(home, SLOTGEN_AI_KILL="yes")["SLOTGEN_AI_KILL"] == "true"
        assert variables(home, FEATURE_SLOTGEN_AI="false")["FEATURE_SLOTGEN_AI"] == "false"
        assert variables(home, SLOTGEN_AI_ROLLOUT_PERCENT="5")["SLOTGEN_AI_ROLLOUT_PERCENT"] == "5"
        publish(home, kill=True)
        assert variables(home, SLOTGEN_AI_KILL="false")["SLOTGEN_AI_KILL"] == "true"

    def test_percent_zero_is_no_gate_for_them_so_nothing_is_permitted(self, home: Path) -> None:
        publish(home, percent=0)
        found = variables(home)
        assert found["SLOTGEN_AI_ROLLOUT_PERCENT"] == "0"
        assert json.loads(Path(found["SLOTGEN_ALLOWLIST_PATH"]).read_text())["enabled"] is False


class TestAsWithout:
    """Each of these says what the same command does by itself."""

    @pytest.mark.parametrize("code", [0, 1, 3, 77, 255])
    def test_exit_codes(self, home: Path, code: int) -> None:
        assert under(home, "sh", "-c", f"exit {code}").returncode == code

    @pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGSEGV", "SIGINT", "SIGHUP", "SIGPIPE"])
    def test_ends_by_the_signal_that_ended_the_command(self, home: Path, name: str) -> None:
        ended = under(home, "sh", "-c", f"kill -{name[3:]} $$")
        assert ended.returncode == -signal.Signals[name]
        assert runs(home)[0]["signal"] == signal.Signals[name]

    @pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1", "SIGWINCH", "SIGRTMIN"])
    def test_a_signal_to_us_reaches_the_command(self, home: Path, name: str) -> None:
        script = f"trap 'echo got; exit 9' {name[3:]}; echo ready; while :; do sleep 0.02; done"
        shell = "bash" if name == "SIGRTMIN" else "sh"
        with start(home, shell, "-c", script) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            process.send_signal(signal.Signals[name])
            assert process.stdout.read() == b"got\n"
            assert process.wait() == 9

    def test_an_ignored_signal_stays_ignored(self, home: Path) -> None:
        ended = subprocess.run(
            [
                "sh",
                "-c",
                "trap '' HUP TERM; exec \"$@\"",
                "sh",
                *words(home, "sh", "-c", "kill -TERM $$; echo on"),
            ],
            env=environment(),
            capture_output=True,
            check=False,
        )
        assert ended.stdout == b"on\n"

    def test_killing_us_kills_the_command(self, home: Path) -> None:
        with start(home, "sh", "-c", "echo $$; exec sleep 60") as process:
            assert process.stdout is not None
            child = int(process.stdout.readline())
            process.kill()
            process.wait()

        def is_gone() -> bool:
            try:
                return "Z" in Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                return True

        until(is_gone)

    def test_a_command_that_is_not_there_or_cannot_run(self, home: Path, tmp_path: Path) -> None:
        assert under(home, "there-is-no-such-command").returncode == 127
        (tmp_path / "plain").write_text("echo hello")
        assert under(home, str(tmp_path / "plain")).returncode == 126
        (tmp_path / "plain").chmod(0o755)
        assert under(home, str(tmp_path / "plain")).stdout == b"hello\n"  # as a shell runs it
        assert len(runs(home)) == 1

    @pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
    def test_closed_streams_stay_closed(self, home: Path, closed: str) -> None:
        look = "import os,sys\nfor n in (0,1,2):\n  try: os.fstat(n)\n  except OSError: sys.exit(40+n)\n"
        command = words(home, sys.executable, "-c", f"{look}sys.exit(0)")
        bare = subprocess.run(["sh", "-c", f'"$@" {closed}', "sh", *command[5:]], check=False)
        ended = subprocess.run(["sh", "-c", f'"$@" {closed}', "sh", *command], env=environment(), check=False)
        assert ended.returncode == bare.returncode != 0

    def test_binary_stderr_is_the_same_and_captured_whole(self, home: Path) -> None:
        data = bytes(range(256)) * 64 + b"\n\n\r\n" + os.urandom(100_000)
        (home / "data").write_bytes(data)
        ended = under(home, "sh", "-c", f"cat {home}/data >&2")
        assert ended.stderr == data
        assert messages(spooled(home)).removesuffix(b"\n") == data.removesuffix(b"\n")

    def test_stdin_is_the_commands_own(self, home: Path) -> None:
        with start(home, "sh", "-c", "read a; echo got $a") as process:
            assert process.stdin is not None
            process.stdin.write(b"one\ntwo\n")
            process.stdin.flush()
            assert process.stdout is not None
            assert process.stdout.readline() == b"got one\n"
        # What the command did not read is still there for the next one.
        script = '"$@"; cat'
        rest = subprocess.run(
            ["sh", "-c", script, "sh", *words(home, "true")],
            input=b"untouched",
            env=environment(),
            capture_output=True,
            check=False,
        )
        assert rest.stdout == b"untouched"

    def test_stdout_and_stderr_in_one_keep_their_order(self, home: Path, tmp_path: Path) -> None:
        script = "for n in $(seq 300); do echo out $n; echo err $n >&2; done"
        with (tmp_path / "all").open("wb") as both:
            subprocess.run(
                words(home, "sh", "-c", script), stdout=both, stderr=both, env=environment(), check=True
            )
        wanted = [f"{which} {n}" for n in range(1, 301) for which in ("out", "err")]
        assert (tmp_path / "all").read_text().splitlines() == wanted

    def test_a_reader_who_goes_ends_the_command(self, home: Path) -> None:
        for redirection in ("", "2>&1 >/dev/null"):
            which = ">&2" if redirection else ""
            script = f'("$@" {redirection}; echo $? >{home}/code) | head -c 10 >/dev/null'
            command = words(home, "sh", "-c", f"exec yes {which}")
            subprocess.run(["bash", "-c", script, "sh", *command], env=environment(), check=True, timeout=30)
            assert int((home / "code").read_text()) in (141, 1)

    def test_a_child_that_outlives_the_command(self, home: Path, tmp_path: Path) -> None:
        go = tmp_path / "go"
        os.mkfifo(go)
        with start(home, "sh", "-c", f"(read x <{go}; echo late >&2) & echo early >&2; exit 4") as process:
            assert process.wait(20) == 4  # while the child still holds stderr
            go.write_text("now\n")
            assert process.stderr is not None
            assert process.stderr.read() == b"early\nlate\n"
        until(lambda: messages(spooled(home)) == b"early\nlate\n")
        assert runs(home)[0]["spool"]["to"] < len(spooled(home))

    def test_as_the_first_process_of_a_container(self, home: Path) -> None:
        container = ["unshare", "--fork", "--pid", "--mount-proc"]
        if subprocess.run([*container, "true"], capture_output=True, check=False).returncode:
            pytest.skip("this kernel gives us no process namespace")
        command = words(home, "sh", "-c", "kill -TERM $$")
        assert subprocess.run([*container, *command], env=environment(), check=False).returncode == 128 + 15
        script = "trap 'exit 3' TERM; kill -TERM $PPID; while :; do sleep 0.02; done"
        command = words(home, "sh", "-c", script)
        assert subprocess.run([*container, *command], env=environment(), check=False).returncode == 3

    def test_group_and_other_descriptors_are_inherited(self, home: Path) -> None:
        reading, writing = os.pipe()
        with start(
            home, "bash", "-c", f"ps -o pgid= -p $$; echo to-three >&{writing}", pass_fds=[writing]
        ) as process:
            os.close(writing)
            assert process.stdout is not None
            assert int(process.stdout.read()) == os.getpgrp()
        with os.fdopen(reading) as given:
            assert given.read() == "to-three\n"


class TestRecord:
    def test_of_a_job(self, home: Path) -> None:
        job = spec_bytes()
        ended = under(home, "sh", "-c", f"cat >/dev/null; echo '{LINE}' >&2; echo '{RESULT}'", stdin=job)
        assert (ended.stdout.decode(), ended.stderr.decode()) == (RESULT + "\n", LINE + "\n")
        [run] = runs(home)
        assert (run["revision"], run["exitCode"], run["signal"], run["kind"]) == (7, 0, None, "job")
        assert run["result"] == {"state": "valid", "jobId": "job-00000", "status": "STUB", "problem": None}
        assert run["spec"]["jobId"] == "job-00000"
        assert re.fullmatch(r"sha256:[0-9a-f]{64}", run["spec"]["digest"])
        spool = home / "spool" / run["spool"]["file"]
        stretch = spool.read_bytes()[run["spool"]["from"] : run["spool"]["to"]]
        assert messages(stretch).decode() == LINE + "\n"
        assert spool.stat().st_mode & 0o777 == 0o600
        [facts] = (home / "specs").glob("*.jsonl")
        assert json.loads(facts.read_text())["jobId"] == "job-00000"
        assert b"photosynthesis" not in facts.read_bytes() + (next((home / "runs").iterdir())).read_bytes()

    def test_sees_the_spec_in_a_file_a_socket_and_a_slow_pipe(self, home: Path, tmp_path: Path) -> None:
        (tmp_path / "job").write_bytes(b"before\n" + spec_bytes(jobId="in-file"))
        with (tmp_path / "job").open("rb", buffering=0) as file:
            file.seek(7)
            subprocess.run(
                words(home, "cat"), stdin=file, stdout=subprocess.DEVNULL, env=environment(), check=True
            )
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.sendall(spec_bytes(jobId="in-socket"))
            ours.shutdown(socket.SHUT_WR)
            command = words(home, sys.executable, "-c", "import sys; sys.stdin.read()")
            subprocess.run(command, stdin=theirs.fileno(), env=environment(), check=True)
        big = spec_bytes(jobId="in-big-pipe", jobs=[slot_job(input={"text": "x" * 200_000})])
        with start(
            home, sys.executable, "-c", "import sys, time; time.sleep(0.5); sys.stdin.read()"
        ) as process:
            assert process.stdin is not None
            process.stdin.write(big)
            process.stdin.close()
        with start(home, "sh", "-c", "echo up; sleep 0.5; cat >/dev/null") as process:
            assert process.stdout is not None
            assert process.stdin is not None
            process.stdout.readline()
            process.stdin.write(spec_bytes(jobId="in-slow-pipe"))
            process.stdin.close()
        seen = [run["spec"] and run["spec"]["jobId"] for run in runs(home)]
        assert seen == ["in-file", "in-socket", "in-big-pipe", "in-slow-pipe"]

    @pytest.mark.parametrize(
        ("stdout", "state"),
        [("", "missing"), ("hello", "invalid"), (RESULT + RESULT, "invalid"), (f"```{RESULT}```", "invalid")],
    )
    def test_of_a_result_that_is_none(self, home: Path, stdout: str, state: str) -> None:
        under(home, "printf", "%s", stdout)
        assert runs(home)[0]["result"]["state"] == state

    def test_runs_at_once_write_into_files_of_their_own(self, home: Path) -> None:
        script = 'for n in $(seq 200); do echo "$0 $n" >&2; done'
        processes = [start(home, "sh", "-c", script, str(number)) for number in range(4)]
        for process in processes:
            process.communicate(timeout=30)
        for number, process in enumerate(processes):
            assert process.returncode == 0, number
        for run in runs(home):
            content = (home / "spool" / run["spool"]["file"]).read_bytes()
            lines = messages(content[run["spool"]["from"] : run["spool"]["to"]]).split()
            assert lines[1::2] == [str(n).encode() for n in range(1, 201)]
            assert len(set(lines[::2])) == 1

    def test_the_next_run_mends_what_a_killed_one_left(self, home: Path) -> None:
        under(home, "true")
        (home / "spool" / "exec-exec-000.log").write_bytes(b'2026-11-21T02:22:53.836000000Z stderr F {"vers')
        under(home, "sh", "-c", "echo whole >&2")
        assert spooled(home).split(b"\n")[1].endswith(b" stderr F whole")

    def test_of_another_source(self, home: Path) -> None:
        under(home, "sh", "-c", "echo x >&2", options=["--source", "lessons.v2"])
        assert (home / "spool" / "exec-lessons.v2-000.log").exists()
        assert runs(home)[0]["source"] == "lessons.v2"
        assert under(home, "true", options=["--source", "../x"]).returncode == 2


def test_specs_are_noted_as_a_run_notes_them() -> None:
    from gates.decision import job_from_spec
    from gates.executor.exec.run_record import facts_of
    from gates.executor.job_facts import facts_line

    document = spec(jobId="named")
    noted = json.loads(facts_line(job_from_spec(document), 0))
    assert {"version": noted["version"], "at": noted["at"], **(facts_of(document) or {})} == noted
