"""`slotgate exec` in a terminal: the command has it, and job control works as without us."""

import os
import pty
import re
import select
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

import pytest

from tests.gates.executor.builders import environment
from tests.gates.executor.exec.commands import PATIENCE_S, messages, runs, spooled, words


class Terminal:
    """A shell with job control in a terminal of its own."""

    def __init__(self) -> None:
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            environ = environment(PS1="> ", TERM="dumb", HISTFILE="/dev/null")
            os.execve("/bin/bash", ["bash", "--norc", "--noediting", "-i"], environ)
        self._seen = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._master)
        with suppress(OSError):
            os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def expect(self, pattern: str) -> str:
        """Wait until `pattern` was shown; what was shown up to its end is then done with."""
        deadline = time.monotonic() + PATIENCE_S
        while (found := re.search(pattern, self._seen)) is None:
            left = deadline - time.monotonic()
            assert left > 0, f"{pattern!r} did not come: {self._seen!r}"
            if select.select([self._master], [], [], left)[0]:
                self._seen += os.read(self._master, 65_536).decode(errors="replace")
        self._seen = self._seen[found.end() :]
        return found[0]


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    with Terminal() as opened:
        opened.expect("> $")
        yield opened


def line(home: Path, script: str) -> str:
    return shlex.join(words(home, "sh", "-c", script)) + "\n"


def ended_with(terminal: Terminal, code: int) -> None:
    """The shell has the terminal again, and says so of the command."""
    terminal.expect("> $")
    terminal.type("echo code=$?\n")
    terminal.expect(f"code={code}\r\n")


def test_all_three_are_terminals(home: Path, terminal: Terminal) -> None:
    script = "for n in 0 1 2; do test -t $n && echo yes-$n; done; stty size; stty size <&2; echo on-err >&2"
    terminal.type("stty rows 31 cols 97\n" + line(home, script))
    terminal.expect(r"yes-0\r\nyes-1\r\nyes-2\r\n31 97\r\n31 97\r\non-err\r\n")
    terminal.expect("> $")
    assert messages(spooled(home)) == b"on-err\n"
    assert runs(home)[0]["result"]["state"] == "unseen"


COUNTING = """
import signal, time
got = []
signal.signal(signal.SIGINT, lambda *_: got.append(1))
print("re" + "ady", flush=True)
while not got: time.sleep(0.01)
time.sleep(0.3)
print("got", len(got), flush=True)
raise SystemExit(5)
"""


def test_ctrl_c_reaches_the_command_once(home: Path, terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "counting.py").write_text(COUNTING)
    terminal.type(line(home, f"exec {sys.executable} {tmp_path}/counting.py"))
    terminal.expect("ready\r\n")
    terminal.type("\x03")
    terminal.expect("got 1\r\n")
    ended_with(terminal, 5)


def test_ctrl_c_ends_what_does_not_catch_it(home: Path, terminal: Terminal) -> None:
    terminal.type(line(home, "echo rea''dy; exec sleep 30"))
    terminal.expect("ready\r\n")
    terminal.type("\x03")
    ended_with(terminal, 130)


def test_ctrl_z_stops_and_fg_goes_on(home: Path, terminal: Terminal) -> None:
    terminal.type(line(home, "while read x; do echo go''t-$x; echo err-$x >&2; done; exit 7"))
    for word in ("one", "two", "three"):
        terminal.type(f"{word}\n")
        terminal.expect(f"got-{word}\r\n")
        terminal.type("\x1a")
        terminal.expect("Stopped(?s:.*)> $")
        terminal.type("jobs -s\n")
        terminal.expect(r"\[1\].*Stopped(?s:.*)> $")
        terminal.type("fg\n")
        terminal.expect("fg\r\n.*exec.*\r\n")
    terminal.type("\x04")
    ended_with(terminal, 7)
    assert messages(spooled(home)) == b"err-one\nerr-two\nerr-three\n"


def test_reading_in_the_background_stops_for_the_terminal(home: Path, terminal: Terminal) -> None:
    terminal.type(line(home, "read x; echo read-$x").replace("\n", " &\n"))
    terminal.expect(r"\[1\]")
    terminal.type("until jobs -s | grep -q exec; do jobs >/dev/null; sleep 0.05; done; jobs\n")
    terminal.expect(r"\[1\].*Stopped.*\r\n> $")
    terminal.type("fg\n")
    terminal.type("two\n")
    terminal.expect("read-two\r\n")
