"""A server that is killed between noting a key and answering: nobody does the thing a second time unseen."""

import fcntl
import json
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path

from gates.home import Home
from gates.store.store import Store
from tests.dashboard.auth.town import ALICE, now, town
from tests.dashboard.server.processes import PATIENCE_S, serving
from tests.security.requests import asked

BODY = json.dumps({"job": "job-1", "reason": "wrong"}).encode()


@contextmanager
def nobody_changes(home: Home) -> Iterator[None]:
    """Every change waits for its turn."""
    with (home.root / ".changing").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def wait_for_the_key(home: Home) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        store = Store.open(home.store)
        with store.read() as tx:
            found = tx.calls.get(ALICE, "k-1")
        store.close()
        if found is not None:
            return
        time.sleep(0.02)
    raise AssertionError("the call did not begin")


def test_a_kill_between_key_and_answer(tmp_path: Path) -> None:
    people = town(tmp_path, clock=now())
    people.access.close()
    headers = {
        "Authorization": f"Bearer {people.tokens['alice']}",
        "X-Slotgate-Request": "1",
        "Content-Type": "application/json",
        "Idempotency-Key": "k-1",
    }
    with serving(tmp_path, people.home) as server, nobody_changes(people.home):

        def call() -> None:
            with suppress(OSError, HTTPException):  # the server dies before it answers
                asked(server, "POST", "/api/v1/bad-outputs", headers, BODY)

        calling = threading.Thread(target=call)
        calling.start()
        wait_for_the_key(people.home)
        server.stop(signal.SIGKILL)
        calling.join()
    with serving(tmp_path, people.home) as server:
        status, _, body = asked(server, "POST", "/api/v1/bad-outputs", headers, BODY)
        assert (status, json.loads(body)["type"]) == (409, "urn:slotgate:problem:outcome-unknown")
        fresh = headers | {"Idempotency-Key": "k-2"}
        assert asked(server, "POST", "/api/v1/bad-outputs", fresh, BODY)[0] == 200
