"""One request to a receiver, bounded in every way: where it goes, how long it takes, how much is read.

The name is looked up once, every address of it is checked, and the connection goes to a checked one;
TLS still proves the name. Redirects are answers like others. A socket's own timeout holds for one read
alone, so a timer ends the whole exchange.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from dashboard.notify.addresses import refusal

CONNECT_S, READ_S, TOTAL_S = 5.0, 10.0, 15.0
MOST_ANSWER_BYTES = 4_096
MOST_ADDRESSES = 3


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A POST to be sent."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answered:
    """What a receiver said. `retry_after` is the header as it was sent, null without one."""

    status: int
    retry_after: str | None
    body: bytes


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Why there is no answer."""

    why: str


class Sender(Protocol):
    """Sends one request and never raises for what a receiver does."""

    def send(self, outgoing: Outgoing, *, allow_private: bool) -> Answered | Unanswered:
        """Send it once, and wait for the answer."""


Resolve = Callable[[str, int], tuple[str, ...]]


def resolved(host: str, port: int) -> tuple[str, ...]:
    """The addresses of a name. Raises `OSError`."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


class HttpSender:
    """Sends over HTTP and HTTPS. No proxy of the environment is used: it would choose the address."""

    def __init__(
        self, resolve: Resolve = resolved, trust: ssl.SSLContext | None = None, total_s: float = TOTAL_S
    ) -> None:
        self._resolve = resolve
        self._trust = trust or ssl.create_default_context()
        self._total_s = total_s

    def send(self, outgoing: Outgoing, *, allow_private: bool) -> Answered | Unanswered:
        """Send it once, and wait for the answer."""
        parts = urlsplit(outgoing.url)
        host, tls = parts.hostname or "", parts.scheme == "https"
        port = parts.port or (443 if tls else 80)
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            return Unanswered(f"`{host}` has no address: {_said(error)}")
        refused = refusal(addresses, allow_private=allow_private)
        if refused is not None:
            return Unanswered(f"not connected to `{host}`: {refused}")
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        connection = _Pinned(host, port, addresses, self._trust if tls else None)
        timer = threading.Timer(self._total_s, connection.abort)
        timer.daemon = True
        timer.start()
        try:
            connection.request("POST", path, outgoing.body, dict(outgoing.headers))
            answer = connection.getresponse()
            body = answer.read(MOST_ANSWER_BYTES)
            return Answered(answer.status, answer.headers.get("Retry-After"), body)
        except (OSError, http.client.HTTPException) as error:
            late = f"no answer within {self._total_s:g} s" if connection.aborted else _said(error)
            return Unanswered(f"`{host}`: {late}")
        finally:
            timer.cancel()
            connection.abort()
            connection.close()


class _Pinned(http.client.HTTPConnection):
    """Connects to checked addresses; with a context it speaks TLS and proves the name."""

    def __init__(self, host: str, port: int, addresses: tuple[str, ...], tls: ssl.SSLContext | None) -> None:
        super().__init__(host, port, timeout=READ_S)
        self.default_port = 80 if tls is None else 443
        self.aborted = False
        self._addresses = addresses
        self._tls = tls

    def connect(self) -> None:
        """To the first address that answers. Raises `OSError`."""
        last: OSError = OSError("no address answered")
        for address in self._addresses[:MOST_ADDRESSES]:
            try:
                raw = socket.create_connection((address, self.port), CONNECT_S)
            except OSError as error:
                last = error
                continue
            raw.settimeout(READ_S)
            self.sock = raw
            if self._tls is not None:
                # The handshake comes after, so that `abort` can end it.
                wrapped = self._tls.wrap_socket(raw, server_hostname=self.host, do_handshake_on_connect=False)
                self.sock = wrapped
                wrapped.do_handshake()
            if self.aborted:
                raise TimeoutError("too late")
            return
        raise last

    def abort(self) -> None:
        """End the exchange, from any thread; harmless where it has ended."""
        self.aborted = True
        held = self.sock
        if held is not None:
            try:
                held.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it was closed already


def _said(error: Exception) -> str:
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(said).lower()
