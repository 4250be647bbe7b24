"""Receivers on loopback, each of which does one thing to whoever sends it something."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Loopback:
    """`requests` are heads and bodies as they came."""

    port: int = 0
    requests: list[tuple[str, bytes]] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def url(self, scheme: str = "http", host: str = "127.0.0.1") -> str:
        return f"{scheme}://{host}:{self.port}/in"


Behaviour = Callable[[socket.socket, Loopback], None]


def answering(answer: bytes) -> Behaviour:
    def behave(connection: socket.socket, _: Loopback) -> None:
        connection.sendall(answer)

    return behave


def silent(_: socket.socket, loopback: Loopback) -> None:
    """Takes the request, and never answers."""
    loopback.ended.wait(60)


def dripping(connection: socket.socket, loopback: Loopback) -> None:
    """Sends a header that never ends, byte by byte: no single read waits long."""
    while not loopback.ended.wait(0.01):
        connection.sendall(b"H")


def flooding(connection: socket.socket, loopback: Loopback) -> None:
    """An answer without end."""
    connection.sendall(b"HTTP/1.1 500 Oh\r\n\r\n")
    while not loopback.ended.is_set():
        connection.sendall(b"x" * 65_536)


@contextmanager
def receiving(behave: Behaviour, tls: ssl.SSLContext | None = None) -> Iterator[Loopback]:
    """A receiver that behaves so to each connection, one at a time."""
    loopback = Loopback()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        loopback.port = listening.getsockname()[1]
        listening.settimeout(0.05)
        thread = threading.Thread(target=_serve, args=(listening, behave, tls, loopback))
        thread.start()
        try:
            yield loopback
        finally:
            loopback.ended.set()
            thread.join()


def _serve(
    listening: socket.socket, behave: Behaviour, tls: ssl.SSLContext | None, loopback: Loopback
) -> None:
    while not loopback.ended.is_set():
        try:
            raw, _ = listening.accept()
        except TimeoutError:
            continue
        raw.settimeout(10)
        with raw, suppress(OSError):
            connection = tls.wrap_socket(raw, server_side=True) if tls else raw
            with connection, suppress(OSError):
                loopback.requests.append(_request(connection))
                behave(connection, loopback)


def _request(connection: socket.socket) -> tuple[str, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65_536)
        if not piece:
            raise ConnectionError
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    [length] = [int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while len(body) < length:
        body += connection.recv(65_536)
    return head.decode(), body


def headers_of(head: str) -> dict[str, str]:
    """The headers of a request, by their names in small letters."""
    pairs = (line.partition(":") for line in head.split("\r\n")[1:])
    return {name.lower(): value.strip() for name, _, value in pairs}


def until(condition: Callable[[], bool], patience_s: float = 60.0) -> None:
    """Wait for what must come."""
    end = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.01)
