"""`slotgate exec` against the command by itself: what a start costs, and 100 MB of stderr.

A start is measured in processor time as well: on a busy machine the wall says more about the others.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from tests.gates.executor.builders import environment, home_with, spec_bytes
from tests.gates.executor.exec.commands import LINE, RESULT, runs, words

ROUNDS = 40
MOST_MS = 30.0
BYTES = 100_000_000
SCRIPT = f"cat >/dev/null; echo '{LINE}' >&2; echo '{RESULT}'"
WRITE = (
    "import os\nline = b'x' * 99 + b'\\n'\n"
    "for _ in range(1000):\n  data = line * 1000\n  while data: data = data[os.write(2, data):]\n"
)


def cost(action: Callable[[], object]) -> tuple[float, float]:
    """Wall and processor time of one call with its processes, in milliseconds."""
    before, began = getrusage(RUSAGE_CHILDREN), time.perf_counter()
    action()
    wall, after = time.perf_counter() - began, getrusage(RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall * 1000, cpu * 1000


def run(command: list[str], stderr: int) -> None:
    subprocess.run(
        command,
        input=spec_bytes(),
        stdout=subprocess.PIPE,
        stderr=stderr,
        env=environment(),
        check=True,
    )


def test_start(tmp_path: Path) -> None:
    home = home_with(tmp_path / "home")
    command = ["sh", "-c", SCRIPT]
    cases = {
        "by itself": command,
        "exec": words(home, *command),
        "python -c pass": [sys.executable, "-c", "pass"],
    }
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in cases}
    time.sleep(0.2)  # so that the control file is old enough for its reading to be kept
    for words_of_case in cases.values():
        run(words_of_case, subprocess.PIPE)
    for _ in range(ROUNDS):  # interleaved, so that a busy moment hits all alike
        for name, words_of_case in cases.items():
            took[name].append(cost(partial(run, words_of_case, subprocess.PIPE)))
    assert (home / "exec" / "reading").exists()
    assert {one["result"]["state"] for one in runs(home)} == {"valid"}
    wall = {name: statistics.median(one[0] for one in values) for name, values in took.items()}
    cpu = {name: statistics.median(one[1] for one in values) for name, values in took.items()}
    least = {name: min(one[0] for one in values) for name, values in took.items()}
    print()
    for name in cases:
        print(f"{name:16} wall {wall[name]:6.1f} (least {least[name]:6.1f})  cpu {cpu[name]:6.1f} ms")
    # The quickest of many is what it costs when nobody else works on the machine.
    overhead = least["exec"] - least["by itself"]
    print(f"{'overhead':16} wall {wall['exec'] - wall['by itself']:6.1f} (least {overhead:6.1f}) ms")
    print(
        f"{overhead / MOST_MS:.2f} of the {MOST_MS:.0f} ms that it may cost where nothing else is done, "
        f"{overhead / least['python -c pass']:.1f} times a bare start of Python in the same run"
    )


def test_stderr(tmp_path: Path) -> None:
    home = home_with(tmp_path / "home")
    command = [sys.executable, "-c", WRITE]

    def to_a_file(of: list[str]) -> None:
        descriptor = os.open(tmp_path / "stderr", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        try:
            run(of, descriptor)
        finally:
            os.close(descriptor)

    bare = min(cost(lambda: to_a_file(command)) for _ in range(5))
    under = min(cost(lambda: to_a_file(words(home, *command))) for _ in range(5))
    print()
    for name, (wall, cpu) in (("by itself", bare), ("exec", under)):
        speed = BYTES / wall / 1000
        print(f"{name:16} {speed:7.0f} MB/s  wall {wall:6.0f}  cpu {cpu:6.0f} ms, 1,000,000 lines")
    assert (tmp_path / "stderr").stat().st_size == BYTES
