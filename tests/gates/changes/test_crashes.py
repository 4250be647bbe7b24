"""Killed with SIGKILL between two steps of a change, the next start converges.

Here at every seventeenth step; tests/soak does it at every one.
"""

import pytest

from tests.gates.changes.interruptions import SCENARIOS, points


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("start", "name"), list(enumerate(SCENARIOS, start=3)), ids=list(SCENARIOS))
def test_the_next_start_converges(name: str, start: int) -> None:
    assert points(name, start, stride=17) >= 4
