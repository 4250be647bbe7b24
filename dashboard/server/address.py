"""Which addresses may be served, and whether a port is free.

Beyond this machine passwords and sessions must not pass in the clear: TLS, or a proxy that does it
(DESIGN section 14.17).
"""

import errno
import socket
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from dashboard.auth.config import SignIn
from dashboard.auth.door import Door
from dashboard.errors import AddressRefused, PortUnavailable

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Tls:
    """A certificate with its chain, and its key, as PEM files."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Address:
    """An address that may be served; `port` is never 0. `public_url` is what a proxy before us is called."""

    host: str
    port: int
    tls: Tls | None = None
    public_url: str | None = None

    @property
    def url(self) -> str:
        """What to open in a browser."""
        return self.public_url or self.own_url

    @property
    def own_url(self) -> str:
        """How this machine reaches us, whatever stands before us."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104  not bound here
        return f"{self.scheme}://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def scheme(self) -> str:
        """What we speak ourselves."""
        return "http" if self.tls is None else "https"

    @property
    def allowed_hosts(self) -> list[str]:
        """The names a browser may call us by; anything else is DNS rebinding."""
        public = None if self.public_url is None else urlsplit(self.public_url).hostname
        return sorted(LOOPBACK_NAMES | {self.host} | ({public} if public else set()))

    @property
    def door(self) -> Door:
        """The same for the sign-in."""
        return Door(self.scheme, self.port, _is_loopback(self.host), self.public_url)


def served_address(host: str, port: int, tls: Tls | None, config: SignIn) -> Address:
    """The address to serve; port 0 takes a free one.

    Raises `AddressRefused` for what would pass in the clear, and `PortUnavailable` when it cannot be
    bound.
    """
    literal = "127.0.0.1" if host == "localhost" else host
    if not _is_loopback(literal):
        _require_cover(literal, tls, config)
    if tls is not None:
        for file in (tls.certificate, tls.key):
            if not file.is_file():
                raise AddressRefused(f"`{file}` is no file; name the certificate and its key as PEM files")
    return _bound(literal, port, tls, config.public_url)


def loopback_address(host: str, port: int) -> Address:
    """An address of this machine alone. Raises what `served_address` raises."""
    return served_address(host, port, None, SignIn())


def _require_cover(host: str, tls: Tls | None, config: SignIn) -> None:
    try:
        wildcard = ip_address(host).is_unspecified
    except ValueError:
        raise AddressRefused(
            f"`{host}` is no address; leave out --host for this machine alone, or give an IP address of it"
        ) from None
    if tls is None and (config.proxy is None or config.public_url is None):
        raise AddressRefused(
            f"`{host}` is not a loopback address, and beyond this machine nothing may pass in the clear: "
            "give --tls-certificate and --tls-key, or name the proxy before us in sign-in.toml (addresses "
            "under [proxy], and public_url); or leave out --host and come through an ssh tunnel"
        )
    if wildcard and config.public_url is None:
        raise AddressRefused(
            f"under `{host}` browsers call us by a name that must be known: give public_url in sign-in.toml"
        )


def _bound(literal: str, port: int, tls: Tls | None, public_url: str | None) -> Address:
    family = socket.AF_INET6 if ":" in literal else socket.AF_INET
    with socket.socket(family) as probe:
        # As the server itself binds: a port in TIME_WAIT after a restart is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((literal, port))
        except (OSError, OverflowError) as error:
            raise PortUnavailable(_in_words(literal, port, error)) from error
        return Address(literal, int(probe.getsockname()[1]), tls, public_url)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _in_words(host: str, port: int, error: OSError | OverflowError) -> str:
    match getattr(error, "errno", None):
        case errno.EADDRINUSE:
            return f"port {port} on {host} is in use; stop what holds it, or choose another with --port"
        case errno.EACCES:
            return f"port {port} on {host} needs more rights; choose one from 1024 up with --port"
        case _:
            return f"port {port} on {host} cannot be bound: {error}; choose another with --port"
