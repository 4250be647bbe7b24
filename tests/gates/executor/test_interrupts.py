"""Signals where an exception cannot pass. Each test in a process of its own: handlers are global."""

import subprocess
import sys

PROGRAM = """
import signal, sys, time
from gates.executor.interrupts import Interrupted, Interrupts

interrupts = Interrupts()
interrupts.install()
{body}
print("exit", interrupts.exit_code)
"""


def outcome(body: str) -> tuple[str, str]:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(body=body)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return ended.stdout, ended.stderr


def test_outside_the_block_a_signal_is_remembered_and_inside_it_raises() -> None:
    body = """
signal.raise_signal(signal.SIGTERM)
print("deferred")
try:
    with interrupts.raising():
        print("not reached")
except Interrupted:
    print("raised")
"""
    assert outcome(body) == ("deferred\nraised\nexit 143\n", "")


def test_a_signal_in_a_destructor_is_raised_again() -> None:
    body = """
class Grave:
    def __del__(self):
        signal.raise_signal(signal.SIGTERM)
try:
    with interrupts.raising():
        Grave()
        while True:
            time.sleep(1)
except Interrupted:
    print("raised")
"""
    assert outcome(body) == ("raised\nexit 143\n", "")


def test_other_errors_of_destructors_are_still_told() -> None:
    body = """
class Grave:
    def __del__(self):
        raise ValueError("told")
Grave()
"""
    out, err = outcome(body)
    assert out == "exit None\n"
    assert "ValueError: told" in err


def test_nothing_came() -> None:
    assert outcome("with interrupts.raising(): print('fine')") == ("fine\nexit None\n", "")
