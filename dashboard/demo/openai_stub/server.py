"""The stub server: plays the steps of a scenario on a loopback socket."""

import json
import os
import socket
import struct
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any, Self, assert_never

from dashboard.demo.openai_stub.behaviour import Behaviour
from dashboard.demo.openai_stub.received import Received
from dashboard.demo.openai_stub.replies import as_json, error, http
from dashboard.demo.openai_stub.scenarios import SCENARIOS, Flood, Reset, Send, Stall, Step

BEHAVIOUR_PATH = "/_stub/behaviour"
_KEPT = 10_000
_BLANKS = b" " * 65_536
_PATHS = ("/chat/completions", "/responses")


class StubServer:
    """A server on 127.0.0.1; `with StubServer() as server:` serves until the block ends.

    `behave` changes what it does while it runs, and so does `PUT /_stub/behaviour` with the fields
    of `Behaviour` as JSON. `received` holds the last 10,000 requests, oldest first.
    """

    def __init__(self, behaviour: Behaviour | None = None, port: int = 0) -> None:
        self.received: list[Received] = []
        self._behaviour = behaviour or Behaviour()
        self._numbers = count()
        self._lock = Lock()
        self._stopping = Event()
        self._http = _Server(("127.0.0.1", port), self._answer)
        self._thread = Thread(target=self._http.serve_forever, args=(0.05,), name="openai-stub", daemon=True)

    @property
    def base_url(self) -> str:
        """For OPENAI_BASE_URL."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def behave(self, behaviour: Behaviour) -> None:
        """From the next request on. Raises `KeyError` for a scenario that does not exist."""
        for name in behaviour.scenarios:
            SCENARIOS[name]
        self._behaviour = behaviour

    def start(self) -> Self:
        """Serve in a thread."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Break off what is under way and close the port."""
        self._stopping.set()
        self._http.shutdown()
        self._http.break_off()
        self._http.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _answer(self, handler: "_Handler", body: bytes) -> None:
        with suppress(OSError):  # the caller left
            for step in self._steps(handler, body):
                if self._stopping.is_set():
                    return
                self._step(handler, step)

    def _steps(self, handler: "_Handler", body: bytes) -> tuple[Step, ...]:
        if handler.path == BEHAVIOUR_PATH and handler.command == "PUT":
            return (Send(self._reconfigured(body)),)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        with self._lock:
            request = Received(next(self._numbers), handler.command, handler.path, headers, _object(body))
            self.received.append(request)
            del self.received[:-_KEPT]
        if handler.command != "POST" or not request.path.split("?")[0].endswith(_PATHS):
            return (Send(error(404, "no such endpoint", "invalid_request_error")),)
        if not request.key:
            return (Send(error(401, "no API key", "invalid_request_error")),)
        behaviour = self._behaviour
        scenario = SCENARIOS.get(request.asked_for or behaviour.scenario(request.number), SCENARIOS["404"])
        self._stopping.wait(behaviour.latency_s(request.number))
        return scenario(request)

    def _reconfigured(self, body: bytes) -> bytes:
        try:
            self.behave(Behaviour(**(_object(body) or {})))
        except (TypeError, KeyError):
            return error(400, "not a behaviour", "invalid_request_error")
        return http(200, as_json({"changed": True}))

    def _step(self, handler: "_Handler", step: Step) -> None:
        match step:
            case Send(data, drip=False):
                handler.connection.sendall(data)
            case Send(data):
                for byte in data:
                    handler.connection.sendall(bytes([byte]))
                    if self._stopping.wait(self._behaviour.drip_s):
                        return
            case Stall():
                self._stopping.wait(self._behaviour.stall_s)
            case Flood(size):
                for _ in range(size // len(_BLANKS)):
                    handler.connection.sendall(_BLANKS)
            case Reset():
                linger = struct.pack("ii", 1, 0)
                handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                os.close(handler.connection.detach())
            case _:
                assert_never(step)


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # closing waits for the threads, and `break_off` ends what they wait for
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], answer: Callable[["_Handler", bytes], None]) -> None:
        self.answer = answer
        self._open: set[socket.socket] = set()
        self._lock = Lock()
        super().__init__(address, _Handler)

    def opened(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)

    def closed(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)

    def break_off(self) -> None:
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that leaves early is nothing to report."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.opened(self.connection)

    def finish(self) -> None:
        self.server.closed(self.connection)
        super().finish()

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "0")
        body = self.rfile.read(int(length) if length.isdigit() else 0)
        self.close_connection = True
        self.server.answer(self, body)

    do_GET = do_PUT = do_POST  # noqa: N815  names of http.server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  a name of http.server
        """Silent."""


def _object(body: bytes) -> Mapping[str, Any] | None:
    try:
        document = json.loads(body)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None
