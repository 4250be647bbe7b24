"""The kill answers while sixty slow calls of the API are under way: by order, not by clock."""

import json
import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing

import pytest

from tests.dashboard.auth.town import Town, now, town
from tests.dashboard.server.processes import Served, serving
from tests.security.requests import asked

SLOW = 60
Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, Served]]:
    folder = tmp_path_factory.mktemp("load")
    people = town(folder, clock=now())
    with serving(folder, people.home) as server:
        yield people, server


def headers(people: Town, who: str) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {people.tokens[who]}",
        "X-Slotgate-Request": "1",
        "Content-Type": "application/json",
    }


def test_the_kill_passes_sixty_slow_calls(served: tuple[Town, Served]) -> None:
    """They wait for a store that somebody holds, for seconds; the kill is answered before any of them."""
    people, server = served
    body = json.dumps({"job": "job-1", "reason": "wrong"}).encode()

    def slow(number: int) -> Answer:
        keyed = headers(people, "alice") | {"Idempotency-Key": f"slow-{number}"}
        return asked(server, "POST", "/api/v1/bad-outputs", keyed, body)

    with ThreadPoolExecutor(SLOW) as threads:
        with closing(sqlite3.connect(people.home.store, isolation_level=None)) as holding:
            holding.execute("BEGIN IMMEDIATE")
            under_way: list[Future[Answer]] = [threads.submit(slow, number) for number in range(SLOW)]
            # One that is answered shows that the others arrived before: connections are taken in order.
            state = asked(server, "GET", "/api/v1/state", headers(people, "alice"))
            killed = asked(server, "POST", "/api/v1/kill", headers(people, "carol"), b"{}")
            answered = [one for one in under_way if one.done()]
            holding.execute("ROLLBACK")
        assert state[0] == 200
        assert (killed[0], json.loads(killed[2])["killed"]) == (200, True)
        assert not answered, [one.result()[0] for one in answered]
        statuses = {one.result()[0] for one in under_way}
    assert statuses <= {200, 409, 503}, statuses


def test_the_server_has_the_calls_and_looks_itself_over(served: tuple[Town, Served]) -> None:
    people, server = served
    status, _, body = asked(server, "GET", "/api/v1/openapi.json")
    assert status == 200
    assert b"http://" not in body.replace(b"http://127.0.0.1", b""), "nothing is loaded from elsewhere"
    assert asked(server, "GET", "/api/v1/controls", headers(people, "bob"))[0] == 200
    status, _, body = asked(server, "GET", "/api/v1/doctor", headers(people, "bob"))
    assert status == 200
    telemetry = [one for one in json.loads(body)["findings"] if one["check"] == "telemetry"]
    assert [one["ok"] for one in telemetry] == [True], telemetry
    tasks = asked(server, "GET", "/api/v1/doctor/invariants", headers(people, "bob"))
    assert json.loads(tasks[2])["ok"] is True
