"""No decision that starts after a kill returned is anything but STUB; the long version is a benchmark."""

from pathlib import Path

from gates.home import Home
from tests.gates.changes.deciding import kills_and_releases


def test_the_next_decision_of_every_process_obeys(tmp_path: Path) -> None:
    outcome = kills_and_releases(Home(tmp_path / "home"), kills=40, processes=8)
    assert outcome.stale == 0
    assert outcome.admitted > 40
    assert len(outcome.latencies) == 40
