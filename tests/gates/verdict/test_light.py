"""What an executor and the kill load never brings scipy along: it costs time, and hosts lack it."""

import subprocess
import sys

import pytest

LIGHT = [
    "gates.policy.review",
    "gates.executor.run",
    "gates.kill",
    "gates.verdict.words",
    "gates.verdict.document",
    "gates.verdict.defaults",
    "gates.verdict.question",
    "gates.verdict.evidence",
    "gates.verdict.verdict",
    "dashboard.cli.run",
    "dashboard.cli.decide",
    "dashboard.cli.kill",
]


@pytest.mark.parametrize("module", LIGHT)
def test_it_loads_without_scipy(module: str) -> None:
    program = (
        f"import sys, {module}; print(sorted(name for name in sys.modules if name in ('scipy', 'numpy')))"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
