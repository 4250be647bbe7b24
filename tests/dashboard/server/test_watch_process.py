"""A served home as a process: what nobody reviewed is stopped, and it stands in the server's log."""

import json
import time
from pathlib import Path

import pytest

from gates.controls.publish import Publisher
from gates.controls.reader import ControlFile
from gates.home import Home
from tests.dashboard.cli.homes import answer, live
from tests.dashboard.server.processes import started


@pytest.mark.timeout(300)
def test_a_foreign_hand_in_the_control_file_is_stopped(tmp_path: Path) -> None:
    live(tmp_path)
    home = Home(tmp_path / ".slotgate")
    source = ControlFile(home.control_file)
    assert source.current().killed is None
    with started(tmp_path, "serve") as served:
        served.wait_until_ready()
        in_force = Publisher(home, time.time_ns).in_force().document
        assert in_force is not None
        home.control_file.write_text(json.dumps({**in_force, "percent": 100}))
        assert source.current().admits_below == 100
        deadline = time.monotonic() + 60
        while source.current().killed is None and time.monotonic() < deadline:
            time.sleep(0.1)
        assert source.current().killed is not None
        newest = answer(tmp_path, "controls", "history")["revisions"][-1]
        _, _, log = served.stop()
    assert "UNREVIEWED_CONTROLS: the control file holds what nobody reviewed" in log
    assert (newest["by"], newest["kind"]) == ("system|reconcile", "late")
