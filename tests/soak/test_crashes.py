"""Killed with SIGKILL at every single step of every change, the next start converges."""

import pytest

from tests.gates.changes.interruptions import SCENARIOS, points


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", SCENARIOS)
def test_the_next_start_converges(name: str) -> None:
    killed = points(name, 1, stride=1)
    print(f"{name}: killed at {killed} points")
    assert killed > 80
