"""A collector and a server that is killed: over loopback, with the messages of the protocol."""

import signal
import socket
import threading
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path

from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard.api.otlp.route import otlp_routes
from dashboard.api.otlp.spool import PushedSpool
from gates.store.rows import TokenScope
from gates.store.store import Store
from gates.store.tokens import new_token
from tests.dashboard.api.otlp.sending import PROTOBUF, as_protobuf, outcomes, request, text
from tests.dashboard.auth.town import ALICE, ORIGIN, Town, now, town
from tests.dashboard.server.processes import Served, serving
from tests.ingest.stored import record

RECORDS_A_REQUEST = 100


def exported(number: int) -> bytes:
    first = number * RECORDS_A_REQUEST
    records = range(first, first + RECORDS_A_REQUEST)
    return as_protobuf(
        request({"timeUnixNano": str(10**18 + one), "body": text(record(one))} for one in records)
    )


def send(served: Served, data: bytes, token: str) -> bool:
    """Whether it was acknowledged."""
    headers = {**PROTOBUF, "Authorization": f"Bearer {token}"}
    try:
        with urllib.request.urlopen(
            urllib.request.Request(f"{served.url}/v1/logs", data, headers), timeout=60
        ) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, HTTPException, OSError):
        return False


def logs_token(people: Town) -> str:
    token = new_token(ALICE, TokenScope.LOGS, by=ALICE, now_ns=people.clock(), expires_at_ns=None)
    store = Store.open(people.home.store)
    with store.begin() as tx:
        tx.tokens.add(token.row)
    store.close()
    return token.text


def test_a_server_that_is_killed_while_collectors_send(tmp_path: Path) -> None:
    people = town(tmp_path, clock=now())
    token, acknowledged = logs_token(people), dict[int, bool]()
    under_way, killed = threading.Event(), threading.Event()

    def collect(numbers: range) -> None:
        for number in numbers:
            if number >= 45:
                killed.wait()
            acknowledged[number] = send(served, exported(number), token)
            if sum(list(acknowledged.values())) >= 15:
                under_way.set()

    with serving(tmp_path, people.home) as served:
        with socket.create_connection(("127.0.0.1", served.port)) as broken:
            head = f"POST /v1/logs HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
            body = "Content-Type: application/x-protobuf\r\nContent-Length: 100000\r\n\r\nhalf"
            broken.sendall((head + body).encode())
        threads = [threading.Thread(target=collect, args=(range(at, 60, 3),)) for at in range(3)]
        for thread in threads:
            thread.start()
        assert under_way.wait(60)
        served.stop(signal.SIGKILL)
        killed.set()
        for thread in threads:
            thread.join()
    unanswered = [number for number, was in acknowledged.items() if not was]
    assert len(acknowledged) == 60
    assert len(unanswered) >= 15
    # What the next server does, without its pages: those whose answer was lost, and one that was taken.
    spool = PushedSpool(people.home.spool)
    spool.mend()
    client = TestClient(Starlette(routes=otlp_routes(people.access, spool)), ORIGIN)
    headers = {**PROTOBUF, "Authorization": f"Bearer {token}"}
    for number in [*unanswered, 0]:
        assert client.post("/v1/logs", content=exported(number), headers=headers).status_code == 200
    spool.close()
    people.access.close()
    assert outcomes(people.home.spool, people.home.telemetry) == {
        ("stub", "STUB", "KILL_SWITCH"): 60 * RECORDS_A_REQUEST
    }
