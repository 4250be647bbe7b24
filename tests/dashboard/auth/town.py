"""A home with people, a clock that is moved by hand, and its door before a small application."""

import json
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from dashboard.api.routes import api_routes
from dashboard.auth.access import Access, open_access
from dashboard.auth.config import SignIn
from dashboard.auth.door import Door
from dashboard.auth.doorkeeper import OPERATOR_HEADER, SESSION_HEADER, Doorkeeper
from dashboard.auth.passwords import hashed
from dashboard.server.middleware import Guard
from gates.changes.founding import Foundation, found
from gates.changes.recording import row_of
from gates.controls.publish import Publisher
from gates.home import Home
from gates.policy.intent import Role
from gates.store.rows import RevisionKind, TokenScope
from gates.store.store import Store
from gates.store.tokens import new_token
from tests.dashboard.record import LIVE
from tests.dashboard.rungs import controls
from tests.made_once import kept_folder

PORT = 8501
ORIGIN = f"http://127.0.0.1:{PORT}"
STREAM = f"ws://127.0.0.1:{PORT}/_stcore/stream"
OURS = {"X-Slotgate-Request": "1", "Origin": ORIGIN}
SECOND = 10**9
HOUR = 3600 * SECOND
START = 1_800_000_000 * SECOND
ALICE, BOB, CAROL = "local|alice", "local|bob", "local|carol"
PASSWORD = "correct horse battery staple"


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        return self.now

    def seconds(self) -> float:
        return self.now / SECOND


@dataclass
class Town:
    """`tokens` by name; `kill_token` is Carol's."""

    home: Home
    clock: Clock
    access: Access
    tokens: dict[str, str]
    kill_token: str
    _served: dict[bool, Starlette] = field(default_factory=dict)

    def client(self, *, required: bool = True, peer: str = "127.0.0.1", origin: str = ORIGIN) -> TestClient:
        """A browser of its own."""
        if required not in self._served:
            self._served[required] = application(self.access, required)
        return TestClient(self._served[required], origin, client=(peer, 50_000))

    def signed_in(self, name: str = "alice", *, required: bool = True) -> TestClient:
        """A browser in which somebody signed in."""
        client = self.client(required=required)
        answer = client.post("/api/v1/sign-in", headers=OURS, json={"token": self.tokens[name]})
        assert answer.status_code == 200, answer.text
        return client

    def token(self, scope: TokenScope, of: str = BOB, expires_at_ns: int | None = None) -> str:
        """A token of that scope for a program of somebody's."""
        token = new_token(of, scope, by=ALICE, now_ns=self.clock(), expires_at_ns=expires_at_ns)
        store = Store.open(self.home.store)
        with store.begin() as tx:
            tx.tokens.add(token.row)
        store.close()
        return token.text

    def actions(self) -> list[tuple[str, str, str | None]]:
        """Who did what and why, as the audit chain has it."""
        store = Store.open(self.home.store)
        with store.read() as tx:
            records = [json.loads(record.body) for record in tx.audit.iterate()]
        store.close()
        return [(one["actor"], one["action"], one["reason"]) for one in records]


def now() -> Clock:
    """A clock that stands at this moment, for servers that run by their own."""
    clock = Clock()
    clock.now = time.time_ns()
    return clock


def town(
    folder: Path, config: SignIn | None = None, door: Door | None = None, clock: Clock | None = None
) -> Town:
    """Alice may everything, Bob may look, Carol is on call. The controls are live."""
    home, clock = Home(folder / "home"), clock or Clock()
    if type(clock) is Clock:
        kept = _kept(clock.now)
        shutil.copytree(kept.home.root, home.root)
    else:  # one that moves while the home is made
        kept = _settled(home, clock)
    access = open_access(
        home,
        home.store,
        door or Door("http", PORT, loopback=True),
        config or SignIn(),
        clock=clock,
        monotonic=clock.seconds,
    )
    return Town(home, clock, access, dict(kept.tokens), kept.kill_token)


@dataclass(frozen=True)
class _Settled:
    home: Home
    tokens: Mapping[str, str]
    kill_token: str


@lru_cache(maxsize=4)
def _kept(at_ns: int) -> _Settled:
    """One to be copied: making it costs seventy times as much."""
    folder, clock = kept_folder("town"), Clock()
    clock.now = at_ns
    return _settled(Home(folder / "home"), clock)


def _settled(home: Home, clock: Clock) -> _Settled:
    alice = found(home, Foundation(environment="test", operator_id=ALICE, p50_ms=1, p95_ms=2), clock, "first")
    tokens = {"alice": alice}
    store = Store.open(home.store)
    with store.begin() as tx:
        for name, roles in (("bob", {Role.VIEWER}), ("carol", {Role.ONCALL})):
            tx.operators.add(f"local|{name}", frozenset(roles), by=ALICE, at_ns=clock())
            token = new_token(f"local|{name}", TokenScope.ALL, by=ALICE, now_ns=clock(), expires_at_ns=None)
            tx.tokens.add(token.row)
            tokens[name] = token.text
        kill = new_token(CAROL, TokenScope.KILL, by=ALICE, now_ns=clock(), expires_at_ns=None)
        tx.tokens.add(kill.row)
        stored = _stored_password()
        tx.passwords.set(ALICE, stored, at_ns=clock())
        tx.passwords.set(BOB, stored, at_ns=clock())
    store.close()
    _put_live(home, clock)
    return _Settled(home, tokens, kill.text)


@cache
def _stored_password() -> str:
    """Made once: Argon2 is meant to take long."""
    return hashed(PASSWORD)


def _put_live(home: Home, clock: Clock) -> None:
    """Revision 2 lets jobs through, in the store and in the file."""
    store = Store.open(home.store)
    with store.begin() as tx:
        document = controls(LIVE, 2, clock()).model_dump(mode="json")
        before = tx.revisions.newest()
        assert before is not None
        tx.revisions.append(
            row_of(
                document,
                before.after,
                RevisionKind.WIDENING,
                actor_id=ALICE,
                intent_id="second",
                at_ns=clock(),
            )
        )
    store.close()
    Publisher(home, clock).publish(document)


def application(access: Access, required: bool = True) -> Starlette:
    """Our routes, a page and a websocket that say whom they see."""
    names = {"127.0.0.1", "localhost", "::1", access.door.public_host or "127.0.0.1"}
    return Starlette(
        routes=[*api_routes(access, ORIGIN), Route("/", _page), WebSocketRoute("/_stcore/stream", _stream)],
        middleware=[
            Middleware(Guard, allowed_hosts=sorted(names)),
            Middleware(Doorkeeper, access=access, required=required),
        ],
    )


async def _page(request: Request) -> Response:
    seen = (request.headers.get(OPERATOR_HEADER, "nobody"), request.headers.get(SESSION_HEADER, "none"))
    return PlainTextResponse(" ".join(seen))


async def _stream(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text(socket.headers.get(OPERATOR_HEADER, "nobody"))
    with suppress(WebSocketDisconnect):
        while True:
            await socket.send_text(await socket.receive_text())
