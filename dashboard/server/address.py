"""Which addresses may be served, and whether a port is free.

There is no sign-in yet, so only loopback is served (DESIGN section 14.17).
"""

import errno
import socket
from dataclasses import dataclass
from ipaddress import ip_address

from dashboard.errors import AddressRefused, PortUnavailable


@dataclass(frozen=True, slots=True)
class Address:
    """A loopback address that may be served; `port` is never 0."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """What to open in a browser."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    @property
    def allowed_hosts(self) -> list[str]:
        """The names a browser on this machine may call us by; anything else is DNS rebinding."""
        return sorted({self.host, "localhost", "127.0.0.1", "::1"})


def loopback_address(host: str, port: int) -> Address:
    """The address to serve; port 0 takes a free one.

    Raises `AddressRefused` for anything but loopback and `PortUnavailable` when it cannot be bound.
    """
    literal = "127.0.0.1" if host == "localhost" else host
    if not _is_loopback(literal):
        raise AddressRefused(
            f"`{host}` is not a loopback address; slotgate has no sign-in yet and serves 127.0.0.1 only: "
            "leave out --host, and reach it from elsewhere through an ssh tunnel"
        )
    family = socket.AF_INET6 if ":" in literal else socket.AF_INET
    with socket.socket(family) as probe:
        # As the server itself binds: a port in TIME_WAIT after a restart is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((literal, port))
        except (OSError, OverflowError) as error:
            raise PortUnavailable(_in_words(literal, port, error)) from error
        return Address(literal, int(probe.getsockname()[1]))


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
