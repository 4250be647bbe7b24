"""A telemetry file that cannot be used, and is not set aside, leaves the stop."""

import json
import signal
import time
import urllib.request
from pathlib import Path

from gates.controls.reader import ControlFile
from tests.dashboard.api.otlp.test_served import RECORDS_A_REQUEST, exported, send
from tests.dashboard.auth.town import now, town
from tests.dashboard.cli.homes import answer
from tests.dashboard.notify.loopback import OK, answering, receiving, until
from tests.dashboard.notify.test_notifying import add, told
from tests.dashboard.server.processes import refused, started


def test_what_is_no_file_leaves_the_stop(tmp_path: Path) -> None:
    here = town(tmp_path, clock=now())
    here.home.telemetry.mkdir()
    with started(tmp_path, "serve", "--home", str(here.home.root)) as served:
        for _ in range(300):
            try:
                status, _, body = served.get("/readyz")
                break
            except OSError:
                assert served.process.poll() is None
                time.sleep(0.1)
        assert status == 503
        assert json.loads(body)["reasons"]
        assert b"stop-page.js" in served.get("/stop")[2]
        assert served.get("/overview")[0] == 401
        request = urllib.request.Request(
            f"{served.url}/api/v1/kill",
            method="POST",
            headers={"X-Slotgate-Request": "1", "Authorization": f"Bearer {here.kill_token}"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert json.loads(answer.read())["killed"] is True
        controls = ControlFile(here.home.control_file).current()
        assert controls.killed
        code, out, err = served.stop(signal.SIGTERM)
    assert code == 4
    assert f"open {served.url}/stop" in out
    assert "Traceback" not in err


def test_it_takes_telemetry_in_and_tells_of_the_stop(tmp_path: Path) -> None:
    """A collector that got another answer would drop what it has."""
    here = town(tmp_path, clock=now())
    here.access.close()
    with receiving(answering(OK)) as hook:
        add(here, "hook", hook)
        here.home.telemetry.mkdir()
        with started(tmp_path, "serve", "--home", str(here.home.root)) as served:
            for _ in range(300):
                try:
                    served.get("/readyz")
                    break
                except OSError:
                    assert served.process.poll() is None
                    time.sleep(0.1)
            assert send(served, exported(0), here.tokens["alice"])
            answer(tmp_path, "kill", "--reason", "storm", "--home", str(here.home.root))
            until(lambda: told(hook) == ["kill.engaged"])
            assert served.stop()[0] == 4
    [file] = here.home.spool.iterdir()
    assert len(file.read_bytes().splitlines()) == RECORDS_A_REQUEST


def test_without_people_there_is_nothing_to_serve(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "telemetry.duckdb").mkdir()
    code, said = refused(tmp_path, "serve", "--home", str(tmp_path / "home"), "--port", "0")
    assert code == 4
    assert "telemetry" in said
