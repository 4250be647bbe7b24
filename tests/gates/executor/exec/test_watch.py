"""`slotgate exec --watch`: commands that run on, and learn of every change."""

import sys
from pathlib import Path

import pytest

from tests.gates.executor.exec.commands import publish, runs, start, under

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
    def test_a_change_starts_the_command_again(self, home: Path, words_of_it: list[str]) -> None:
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

    def test_or_is_told_by_a_signal(self, home: Path) -> None:
        with start(home, sys.executable, "-c", WORKER, options=["--watch=SIGHUP"]) as process:
            assert process.stderr is not None
            assert process.stderr.readline() == b"up false\n"
            publish(home, kill=True, revision=8)
            assert process.stderr.readline() == b"told SLOTGEN_AI_KILL=true\n"
            process.terminate()
            process.wait()
        assert list((home / "exec").glob("variables-*")) == []

    def test_ends_with_the_command(self, home: Path) -> None:
        assert under(home, "sh", "-c", "echo out; exit 3", options=["--watch"]).returncode == 3
        assert under(home, "true", options=["--watch=SIGNOTHING"]).returncode == 2
