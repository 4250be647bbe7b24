"""`serve` with a certificate: pages, the websocket and the stop by TLS, with a cookie bound to this host."""

import os
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from gates.controls.reader import ControlFile
from tests.dashboard.auth.town import Town, now, town
from tests.dashboard.server.processes import Served, refused, started

PATIENCE_S = 90.0


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """One for 127.0.0.1 that signs itself, and its key, as PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "certificate.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)
    return folder / "certificate.pem", folder / "key.pem"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return town(tmp_path_factory.mktemp("town"), clock=now())


@pytest.fixture(scope="module")
def trusting(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=os.fspath(certificate[0]))


@pytest.fixture(scope="module")
def served(
    here: Town,
    certificate: tuple[Path, Path],
    trusting: ssl.SSLContext,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    words = ("--tls-certificate", str(certificate[0]), "--tls-key", str(certificate[1]))
    with started(tmp_path_factory.mktemp("cwd"), "serve", "--home", str(here.home.root), *words) as process:
        process.url = f"https://127.0.0.1:{process.port}"
        wait_until_up(process, trusting)
        yield process


def wait_until_up(served: Served, trusting: ssl.SSLContext) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        assert served.process.poll() is None, served.process.communicate()
        try:
            if httpx.get(f"{served.url}/healthz", verify=trusting).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("it did not come up")


@pytest.fixture
def client(served: Served, here: Town, trusting: ssl.SSLContext) -> Iterator[httpx.Client]:
    """Carol, signed in."""
    ours = {"X-Slotgate-Request": "1", "Origin": served.url}
    with httpx.Client(base_url=served.url, verify=trusting, headers=ours, timeout=90) as found:
        answer = found.post("/api/v1/sign-in", json={"token": here.tokens["carol"]})
        assert answer.status_code == 200, answer.text
        said = answer.headers["set-cookie"]
        assert said.startswith("__Host-slotgate=")
        for mark in ("Secure", "HttpOnly", "Path=/", "samesite"):
            assert mark.lower() in said.lower()
        assert "domain" not in said.lower()
        yield found


def test_the_pages_and_their_parts_come_by_tls(client: httpx.Client) -> None:
    for path in ("/", "/stop", "/audit", "/our/stop-panel.js"):
        assert client.get(path).status_code == 200, path


def test_the_websocket_is_open_to_the_cookie_and_to_our_origin_alone(
    client: httpx.Client, served: Served, trusting: ssl.SSLContext
) -> None:
    url = f"wss://127.0.0.1:{served.port}/_stcore/stream"
    cookie = {"Cookie": f"__Host-slotgate={client.cookies['__Host-slotgate']}"}
    with connect(url, ssl=trusting, origin=Origin(served.url), additional_headers=cookie) as socket:
        socket.ping().wait(60)
    for origin, headers in ((served.url, {}), ("https://evil.example", cookie), ("http://127.0.0.1", cookie)):
        with pytest.raises(InvalidStatus):
            connect(url, ssl=trusting, origin=Origin(origin), additional_headers=headers)


def test_nothing_is_said_in_the_clear(served: Served) -> None:
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://127.0.0.1:{served.port}/healthz")


def test_the_stop_by_tls(client: httpx.Client, here: Town) -> None:
    assert client.get("/api/v1/state").json()["state"] == "LIVE"
    assert client.get("/api/v1/state").json()["confirmation"] is None
    plain = client.post("/api/v1/kill", headers={"Origin": str(client.base_url).replace("https", "http")})
    assert plain.status_code == 403
    assert client.post("/api/v1/kill").json()["killed"] is True
    controls = ControlFile(here.home.control_file).current()
    assert controls.killed
    end = time.monotonic() + 90
    while True:
        state = client.get("/api/v1/state").json()
        if state["confirmation"]["state"] == "ENGAGED":
            break
        assert state["confirmation"]["state"] == "UNKNOWN"
        assert time.monotonic() < end, state
        time.sleep(0.2)
    assert state["state"] == "KILLED"


@pytest.mark.parametrize("words", [("--host", "0.0.0.0"), ("--host", "192.0.2.1"), ("--host", "::")])
def test_beyond_loopback_it_refuses_without_cover(here: Town, tmp_path: Path, words: tuple[str, ...]) -> None:
    code, said = refused(tmp_path, "serve", "--home", str(here.home.root), "--port", "0", *words)
    assert code == 2
    assert "nothing may pass in the clear" in said
