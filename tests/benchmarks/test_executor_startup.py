"""A stub run, the whole process, against a bare `import pydantic`: the cost of one job in one process."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.gates.executor.builders import SLOTGATE, controls, environment, home_with, slotgate_run, spec_bytes

ROUNDS = 40


def seconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def python(code: str, cwd: Path) -> None:
    subprocess.run([sys.executable, "-c", code], env=environment(), cwd=cwd, check=True)


def test_start_up(tmp_path: Path) -> None:
    home = home_with(tmp_path / "home", controls(kill=True))
    big = controls(kill=True)
    rule = big["allowlist"]["rules"][0]
    big["allowlist"] = big["allowlist"] | {"rules": [{**rule, "id": f"rule-{n}"} for n in range(1_000)]}
    big_home = home_with(tmp_path / "big", big)
    in_environment = tmp_path / "elsewhere"
    in_environment.mkdir()

    def run(*words: str) -> None:
        ended = slotgate_run(spec_bytes(), environment(), in_environment, words)
        assert json.loads(ended.stderr)["path"] == "stub"

    cases: dict[str, Callable[[], object]] = {
        "python -c 'import pydantic'": lambda: python("import pydantic", tmp_path),
        "python -c pass": lambda: python("pass", tmp_path),
        f"{SLOTGATE.name} run, environment": run,
        f"{SLOTGATE.name} run, home": lambda: run("--home", str(home)),
        f"{SLOTGATE.name} run, home, 1,000 rules": lambda: run("--home", str(big_home)),
    }
    took: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(ROUNDS):  # interleaved, so that a busy moment hits all alike
        for name, action in cases.items():
            took[name].append(seconds(action))
    medians = {name: statistics.median(values) for name, values in took.items()}
    peer = medians["python -c 'import pydantic'"]
    print()
    for name, median in medians.items():
        print(f"{name:42} {median * 1000:6.1f} ms   {median / peer:5.2f} x import pydantic")
    share = medians["slotgate run, home"] / (2 * peer)
    print(f"a stub run: {share:.2f} of twice a bare import of pydantic, which it may cost")
