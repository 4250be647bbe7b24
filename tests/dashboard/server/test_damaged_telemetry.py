"""A server whose telemetry file is damaged starts with a fresh one, counts the spool again, and says so."""

import json
import time
import urllib.request
from pathlib import Path

from gates.controls.reader import ControlFile
from ingest.store import TelemetryStore
from tests.dashboard.auth.town import now, town
from tests.dashboard.server.processes import serving, wait_for_two_more_passes
from tests.ingest.stored import cri, stored_jobs
from tests.warm.commands import run


def test_it_starts_afresh_counts_the_spool_and_stops_when_told(tmp_path: Path) -> None:
    here = town(tmp_path, clock=now())
    here.access.close()
    here.home.spool.mkdir(exist_ok=True)
    (here.home.spool / "one.log").write_bytes(cri(1, 2, 3))
    here.home.telemetry.write_bytes(b"nothing like a database" * 400)
    with serving(tmp_path, here.home) as served:
        wait_for_two_more_passes(served)
        request = urllib.request.Request(
            f"{served.url}/api/v1/kill",
            method="POST",
            headers={"X-Slotgate-Request": "1", "Authorization": f"Bearer {here.kill_token}"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert json.loads(answer.read())["killed"] is True
        assert ControlFile(here.home.control_file).current().killed is not None
        found = json.loads(run(tmp_path, "doctor", "--json", "--home", here.home.root).stdout)["findings"]
        code, _, log = served.stop()
    assert code == 0
    [aside] = here.home.root.glob("telemetry.duckdb.damaged-*Z")
    assert f"set aside at {time.strftime('%Y-', time.gmtime())}" in log
    assert aside.name in log
    [told] = [one for one in found if one["check"] == "damaged telemetry"]
    assert (told["ok"], aside.name in told["words"]) == (False, True)
    with TelemetryStore.open_for_reading(here.home.telemetry) as store:
        assert stored_jobs(store) == ["job-1", "job-2", "job-3"]
