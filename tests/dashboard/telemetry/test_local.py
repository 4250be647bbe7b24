"""Who is let in by the local calls, and what comes of an answer that nobody can vouch for."""

import http.client
import json
import stat
import subprocess
import sys
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from dashboard.errors import NotServed, QueryTimeout, ServerFailed
from dashboard.server.local import MAX_BODY
from dashboard.telemetry import serving
from dashboard.telemetry.at_home import HomeTelemetry
from dashboard.telemetry.port import LoadRequest
from dashboard.telemetry.proof import NONCE_HEADER, PROOF_HEADER, proof
from dashboard.telemetry.served import Served
from dashboard.telemetry.serving import Place
from gates.home import Home
from ingest.errors import StoreInUse
from ingest.report.report import Selection
from ingest.store import TelemetryStore
from tests.dashboard.record import empty_home
from tests.dashboard.telemetry.serving import served, served_home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return empty_home(tmp_path)


def ask(place: Place, name: str, body: bytes, **headers: str) -> tuple[int, bytes]:
    """A call with whatever headers are given, and those of a caller who knows the secret."""
    ours = {NONCE_HEADER: "n", PROOF_HEADER: proof(place.secret, "ask", "n", name, 0, body)}
    connection = http.client.HTTPConnection(place.host, place.port, timeout=60)
    with suppress(BrokenPipeError, ConnectionResetError):
        connection.request("POST", f"/local/v1/{name}", body, {**ours, **headers})
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


def test_only_who_knows_the_secret_is_answered(home: Home) -> None:
    with served_home(home) as place:
        assert ask(place, "report", b'{"step": null, "since_ns": null}')[0] == 200
        for headers in (
            {PROOF_HEADER: ""},
            {PROOF_HEADER: proof(b"wrong", "ask", "n", "report", 0, b"{}")},
            {PROOF_HEADER: proof(place.secret, "ask", "other", "report", 0, b"{}")},
            {PROOF_HEADER: proof(place.secret, "ask", "n", "load", 0, b"{}")},
            {PROOF_HEADER: proof(place.secret, "answer", "n", "report", 0, b"{}")},
            {"Origin": f"http://{place.host}:{place.port}"},
            {"Origin": "null"},
        ):
            assert ask(place, "report", b"{}", **headers) == (403, b"")


def test_a_body_larger_than_any_question_is_not_read(home: Home) -> None:
    with served_home(home) as place:
        assert ask(place, "report", b" " * (MAX_BODY + 1))[0] == 413


def test_a_question_of_another_version_breaks_nothing(home: Home) -> None:
    with served_home(home) as place:
        assert ask(place, "report", b'{"nobody": "knows"}')[0] in (200, 400)
        assert ask(place, "report", b"[]")[0] == 400
        assert ask(place, "load", b'{"paths": 7}')[0] == 400
        Served(place).ping()


def test_nobody_there_is_not_served() -> None:
    with pytest.raises(NotServed, match="nobody answers"):
        Served(Place("127.0.0.1", 1, b"s" * 32)).ping()


class _Stranger(BaseHTTPRequestHandler):
    """A process that took the port and answers what would please."""

    def do_POST(self) -> None:
        seen.append({name.lower(): value for name, value in self.headers.items()})
        self.send_response(200)
        self.send_header(PROOF_HEADER, "0" * 64)
        self.end_headers()
        self.wfile.write(b"null")

    def log_message(self, *words: Any) -> None:
        """Say nothing."""


seen: list[dict[str, str]] = []


def test_a_stranger_on_the_port_learns_nothing_and_is_not_believed(home: Home) -> None:
    server = HTTPServer(("127.0.0.1", 0), _Stranger)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        secret = serving.new_secret()
        serving.announce(home, f"http://127.0.0.1:{server.server_port}", secret)
        assert HomeTelemetry(home).report(Selection())["totals"]["lines"] == 0
        assert seen
        assert secret.hex() not in json.dumps(seen)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_the_announcement_is_private_and_goes_with_its_maker(home: Home) -> None:
    first, second = serving.new_secret(), serving.new_secret()
    serving.announce(home, "http://127.0.0.1:8501", first)
    assert stat.S_IMODE(home.serving.stat().st_mode) == 0o600
    found = serving.announced(home)
    assert found is not None
    assert (found.host, found.port, found.secret) == ("127.0.0.1", 8501, first)
    assert first.hex() not in repr(found)
    serving.announce(home, "http://[::1]:8502", second)
    serving.withdraw(home, first)
    assert serving.announced(home) is not None
    serving.withdraw(home, second)
    assert not home.serving.exists()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "no json",
        "[]",
        '{"url": "http://127.0.0.1:1"}',
        '{"url": "http://127.0.0.1:1", "secret": "00"}',
        '{"url": "http://192.0.2.7:1", "secret": "' + "00" * 32 + '"}',
        '{"url": "http://127.0.0.1", "secret": "' + "00" * 32 + '"}',
        '{"url": "http://127.0.0.1:99999", "secret": "' + "00" * 32 + '"}',
        '{"url": "http://example.com:1", "secret": "' + "00" * 32 + '"}',
    ],
    ids=["empty", "no-json", "list", "no-secret", "short", "elsewhere", "no-port", "bad-port", "name"],
)
def test_an_announcement_that_is_none_is_as_none(home: Home, content: str) -> None:
    home.serving.write_text(content)
    assert serving.announced(home) is None
    assert HomeTelemetry(home).report(Selection())["sources"] == 0


def test_an_announcement_by_link_is_not_followed(home: Home, tmp_path: Path) -> None:
    serving.announce(home, "http://127.0.0.1:1", serving.new_secret())
    home.serving.rename(tmp_path / "elsewhere")
    home.serving.symlink_to(tmp_path / "elsewhere")
    assert serving.announced(home) is None


def test_after_a_killed_server_the_file_is_opened(home: Home) -> None:
    serving.announce(home, "http://127.0.0.1:1", serving.new_secret())
    assert HomeTelemetry(home).report(Selection())["sources"] == 0


def test_a_file_that_somebody_else_owns_is_said_to_be_in_use(home: Home) -> None:
    own = "import sys, pathlib; from ingest.store import TelemetryStore as S; "
    own += "s = S.open(pathlib.Path(sys.argv[1])); print('owned', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", own, str(home.telemetry)]
    serving.announce(home, "http://127.0.0.1:1", serving.new_secret())
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"owned\n"
        with pytest.raises(StoreInUse, match="in use by another process"):
            HomeTelemetry(home).report(Selection())
        owner.communicate()


def test_standard_input_is_handed_over_and_leaves_nothing_behind(home: Home, tmp_path: Path) -> None:
    with served_home(home) as place, (tmp_path / "in").open("w+b") as stdin:
        stdin.write(b"no telemetry\nnor this\n")
        stdin.seek(0)
        serving.announce(home, f"http://{place.host}:{place.port}", place.secret)
        loaded = HomeTelemetry(home, stdin=stdin).load(LoadRequest(paths=("-",)))
    assert loaded.summary.counts.noise_lines == 2
    assert not list(home.root.glob(".stdin*"))


class _Broken:
    """A telemetry with a bug."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("a bug of ours")


MANY_LINES = """
INSERT INTO telemetry (source_id, line_offset, record_index, line_time_ns, time_quality, executor_version,
    job_id, bucket, path, status, error_code, latency_ms, decided_from_ns)
SELECT 1, i, 0, i, 'transport', 'v', i::VARCHAR, i % 100, 'stub', 'STUB', NULL, i % 977, i
FROM range(1_000_000) r(i)
"""


def test_a_query_that_takes_too_long_is_stopped(home: Home) -> None:
    with TelemetryStore.open(home.telemetry) as store, store.transaction() as cursor:
        cursor.execute(MANY_LINES)
    with served_home(home, seconds=0.01) as place, pytest.raises(QueryTimeout, match="was stopped"):
        Served(place).recent_jobs(10**18)


def test_a_bug_on_the_other_side_is_no_answer(capfd: pytest.CaptureFixture[str]) -> None:
    with served(_Broken()) as place, pytest.raises(ServerFailed, match="cannot read"):
        Served(place).report(Selection())
    assert "a bug of ours" in capfd.readouterr().err


def test_a_report_does_not_wait_for_what_only_evidence_needs() -> None:
    modules = "dashboard.telemetry.at_home, dashboard.telemetry.served"
    code = f"import sys, {modules}; print('scipy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
