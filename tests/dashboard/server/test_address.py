import socket
from pathlib import Path

import pytest

from dashboard.auth.config import Proxy, SignIn
from dashboard.errors import AddressRefused, PortUnavailable
from dashboard.server.address import Address, Tls, loopback_address, served_address


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "::1"])
def test_loopback_is_served(host: str) -> None:
    address = loopback_address(host, 0)
    assert address.port > 0
    assert address.host in address.allowed_hosts


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.0.2.1", "example.org", "", "127.0.0.1.example.org", "10"]
)
def test_anything_else_is_refused_with_a_way_out(host: str) -> None:
    with pytest.raises(AddressRefused, match="leave out --host") as refused:
        loopback_address(host, 0)
    assert refused.value.exit_code == 2


def test_a_taken_port_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortUnavailable, match=f"port {port} on 127.0.0.1 is in use.*--port") as refused:
            loopback_address("127.0.0.1", port)
    assert refused.value.exit_code == 4


@pytest.mark.parametrize("port", [-1, 65_536, 10**9])
def test_a_port_that_is_none_is_said(port: int) -> None:
    with pytest.raises(PortUnavailable, match="--port"):
        loopback_address("127.0.0.1", port)


def test_an_ipv6_address_is_written_in_brackets() -> None:
    assert loopback_address("::1", 0).url.startswith("http://[::1]:")


BEHIND = SignIn(public_url="https://gate.example.org", proxy=Proxy(addresses=("127.0.0.1",)))


def test_beyond_this_machine_by_tls(tmp_path: Path) -> None:
    tls = Tls(tmp_path / "certificate.pem", tmp_path / "key.pem")
    with pytest.raises(AddressRefused, match="is no file"):
        served_address("127.0.0.1", 0, tls, SignIn())
    tls.certificate.touch()
    tls.key.touch()
    with pytest.raises(AddressRefused, match="public_url"):
        served_address("0.0.0.0", 0, tls, SignIn())
    address = served_address("0.0.0.0", 0, tls, SignIn(public_url="https://gate.example.org"))
    assert (address.scheme, address.door.loopback, address.door.secure) == ("https", False, True)
    assert "gate.example.org" in address.allowed_hosts
    assert address.own_url == f"https://127.0.0.1:{address.port}"


def test_beyond_this_machine_behind_a_proxy() -> None:
    with pytest.raises(AddressRefused, match="in the clear"):
        served_address("0.0.0.0", 0, None, SignIn(public_url="https://gate.example.org"))
    with pytest.raises(AddressRefused, match="in the clear"):
        served_address("0.0.0.0", 0, None, SignIn(proxy=BEHIND.proxy))
    address = served_address("0.0.0.0", 0, None, BEHIND)
    assert address.url == "https://gate.example.org"
    assert address.door.cookie == "__Host-slotgate"


def test_a_tls_address_is_written_so() -> None:
    assert Address("::1", 8443, Tls(Path("c"), Path("k"))).url == "https://[::1]:8443"
