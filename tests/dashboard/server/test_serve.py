"""`slotgate serve` as a process: it starts, follows the spool, says what is wrong, and stops."""

import signal
import socket
import time
from pathlib import Path

from gates.home import Home
from ingest.store import TelemetryStore
from tests.dashboard.record import LIVE, empty_home, line, publish, spool
from tests.dashboard.server.processes import body, refused, started, started_afresh, wait_for_two_more_passes


def rows(home: Home) -> int:
    with TelemetryStore.open(home.telemetry) as store, store.cursor() as cursor:
        found = cursor.execute("SELECT count(*) FROM telemetry").fetchone()
    return int(found[0]) if found else 0


def test_a_served_home_from_start_to_stop(tmp_path: Path) -> None:
    home = empty_home(tmp_path)
    publish(home, LIVE)
    spool(home, [(time.time_ns(), line("before"))])
    left = home.root / ".stdin.left"
    left.write_bytes(b"of a load that was killed")
    with started_afresh(tmp_path, "serve", "--home", str(home.root)) as served:
        served.wait_until_ready()
        assert not left.exists()
        assert body(served.get("/healthz")) == {"status": "ok"}
        ready = body(served.get("/readyz"))
        assert (ready["status"], ready["reasons"]) == ("ready", [])
        status, headers, page = served.get("/")
        assert status == 200
        assert b"<!DOCTYPE html>" in page
        assert headers["x-frame-options"] == "DENY"
        assert served.get("/", host="evil.example")[0] == 421
        assert served.get("/_stcore/health", host="evil.example")[0] == 421

        spool(home, [(time.time_ns(), line("while it runs"))])
        locked = refused(tmp_path, "serve", "--home", str(home.root), "--port", "0")
        assert locked[0] == 4
        assert "in use by another process" in locked[1]
        taken = refused(tmp_path, "serve", "--home", str(tmp_path / "other"), "--port", str(served.port))
        assert taken[0] == 4
        assert "is in use" in taken[1]

        wait_for_two_more_passes(served)
        code, out, err = served.stop(signal.SIGTERM)
        assert code == 0
        assert served.url in out
        assert "Traceback" not in err
        with socket.create_server(("127.0.0.1", served.port)):
            pass
    assert rows(home) == 2


def test_ctrl_c_stops_it_and_a_sigkill_loses_nothing(tmp_path: Path) -> None:
    home = empty_home(tmp_path)
    spool(home, [(time.time_ns(), line(f"job-{n}")) for n in range(50)])
    with started(tmp_path, "serve", "--home", str(home.root)) as served:
        served.wait_until_ready()
        served.process.kill()
        served.process.wait()
    spool(home, [(time.time_ns(), line("afterwards"))])
    with started(tmp_path, "serve", "--home", str(home.root)) as served:
        served.wait_until_ready()
        code, _, err = served.stop(signal.SIGINT)
    assert (code, "Traceback" in err) == (0, False)
    assert rows(home) == 51


def test_beyond_loopback_is_refused(tmp_path: Path) -> None:
    code, said = refused(tmp_path, "serve", "--host", "0.0.0.0", "--port", "0")
    assert code == 2
    assert "`0.0.0.0` is not a loopback address" in said
    assert not list(tmp_path.iterdir())


def test_a_home_that_cannot_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    code, said = refused(tmp_path, "serve", "--home", str(tmp_path / "file" / "home"), "--port", "0")
    assert code == 4
    assert "cannot be made" in said
