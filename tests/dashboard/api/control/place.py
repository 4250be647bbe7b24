"""A home with people, and its API as the server puts it together, in this process."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from httpx2 import Response
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from dashboard.api.control.application import control_routes
from dashboard.api.routes import api_routes
from dashboard.auth.doorkeeper import Doorkeeper
from dashboard.server.control import house_of
from dashboard.server.middleware import Guard
from dashboard.server.seat import Seat
from gates.store.store import Store
from tests.dashboard.auth.town import ORIGIN, Town, now, town
from tests.dashboard.record import opened_seat

MEANT = {"X-Slotgate-Request": "1"}
LINK = "https://example.org/adr/1"


@dataclass
class Place:
    """`app` is everything under `/api/v1`, behind the guard and the door."""

    people: Town
    seat: Seat
    app: Starlette

    def client(self) -> TestClient:
        """A program, or a browser of nobody yet."""
        return TestClient(self.app, ORIGIN)

    def token(self, name: str) -> dict[str, str]:
        """The headers by which a program calls for somebody."""
        return {**MEANT, "Authorization": f"Bearer {self.people.tokens[name]}"}

    def get(self, path: str, who: str = "alice", **query: Any) -> Response:
        """What a program reads."""
        return self.client().get(f"/api/v1{path}", headers=self.token(who), params=query)

    def post(self, path: str, body: Any = None, who: str = "alice", key: str | None = None) -> Response:
        """What a program asks for."""
        headers = self.token(who) | ({} if key is None else {"Idempotency-Key": key})
        return self.client().post(f"/api/v1{path}", headers=headers, json=body or {})

    def ended(self) -> None:
        """Wait until no drill runs any more."""
        deadline = time.monotonic() + 60
        while any(one["state"] == "running" for one in self.get("/drills").json()["drills"]):
            assert time.monotonic() < deadline, "the drill does not end"
            time.sleep(0.05)

    def set_up(self, **settings: str) -> None:
        """Settings of the store, as they would be there."""
        with self.store() as store, store.begin() as tx:
            for name, value in settings.items():
                tx.settings.set(name, value)

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The store of the home."""
        store = Store.open(self.people.home.store)
        try:
            yield store
        finally:
            store.close()


@contextmanager
def placed(folder: Path) -> Iterator[Place]:
    """Alice may everything, Bob may look, Carol is on call; the controls are live, there is no telemetry."""
    people = town(folder, clock=now())
    with over(people) as place:
        yield place


@contextmanager
def over(people: Town) -> Iterator[Place]:
    """The API of a home that is there, as after a start of the server."""
    seat = opened_seat(people.home)
    app = Starlette(
        routes=[*api_routes(people.access, ORIGIN), *control_routes(house_of(seat, people.access))],
        middleware=[
            Middleware(Guard, allowed_hosts=["127.0.0.1"]),
            Middleware(Doorkeeper, access=people.access, required=True),
        ],
    )
    try:
        yield Place(people, seat, app)
    finally:
        seat.store.close()
        people.access.close()
