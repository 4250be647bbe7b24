"""Show that the enforcement mode alone decides what becomes of a task call: `make enforcement-smoke`.

Makes a home of its own, serves it, and calls the routes of the tasks in `shadow`, in `enforce`, and after one
command back. Each line is one expectation that was met; the first that is not ends it, with exit code 1.
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

SLOTGATE = (sys.executable, "-P", "-c", "import sys; from dashboard.cli import main; sys.exit(main())")
SAID = ("--reason", "smoke", "--decision-record", "ADR-156")
CREATE, CLAIM, UNLISTED = "/api/tasks/create", "/api/tasks-mutations/claim", "/api/tasks-mutations/dispatch"
SPEC = {
    "version": "v1",
    "appliesTo": {"subject": "Biology", "level": "GCSE", "board": "AQA", "specVersion": "v1"},
    "jobs": [
        {
            "jobId": "smoke-1",
            "slotId": "S1",
            "kind": "explanatory",
            "mode": "generate",
            "input": {},
            "output": {"field": "content", "type": "text"},
            "sources": [],
            "required": True,
        }
    ],
    "metadata": {"requiresReview": False},
}
_READY_S = 60.0

Run = Callable[[tuple[str, ...], str], dict[str, Any]]
"""Runs `slotgate WORDS --json` on the home as the holder of a token; gives what it says, refused or not."""


class Unexpected(Exception):
    """An expectation was not met."""


def smoke(run: Run, home: Path, url: str, alice: str, say: Callable[[str], None]) -> None:
    """Meet every expectation over a new home in `shadow` that is served at `url`. Raises `Unexpected`."""
    # Two who were not brought in by each other: else neither may approve what the other asks for.
    bob, carol = (_added(run, alice, name, role) for name, role in (("bob", "approver"), ("carol", "admin")))

    def expect(words: str, met: object) -> None:
        if not met:
            raise Unexpected(words)
        say(f"ok  {words}")

    def mode() -> str:
        return str(run(("mode", "show"), alice)["mode"])

    def recorded() -> str:
        return json.dumps(run(("audit", "list"), alice))

    create = {"job_spec": SPEC}
    only_create = json.dumps({"version": "task-mutations.v1", "allow": [CREATE]})
    (home / "mutations.json").write_text(only_create, encoding="utf-8")
    (home / "mutations.json").chmod(0o600)
    expect("a new home is in shadow", mode() == "shadow")
    status, body = call(url, CREATE, create, alice)
    expect("shadow: what is allowed succeeds", (status, body["outcome"]) == (201, "ALLOWED"))
    before = recorded()
    status, body = call(url, CLAIM, {"lease_seconds": 1}, alice)
    expect("shadow: what is not allowed succeeds, too", (status, body["outcome"]) == (200, "WOULD_BLOCK"))
    expect("shadow: it is in the audit chain", "WOULD_BLOCK" in recorded().removeprefix(before[:-2]))

    promoted = run(("mode", "promote", *SAID), alice)
    expect("promoting to enforce runs its checks and takes one command", promoted["mode"] == "enforce")
    status, body = call(url, CREATE, create, alice)
    expect("enforce: what is allowed succeeds", (status, body["outcome"]) == (201, "ALLOWED"))
    first, second = (call(url, CLAIM, {"lease_seconds": 1}, alice) for _ in range(2))
    expect("enforce: what is not allowed fails", (first[0], first[1]["enforcement_mode"]) == (403, "enforce"))
    expect("enforce: with a stable code", first[1]["reason_code"] == "E_ROUTE_NOT_ALLOWED")
    expect("enforce: twice the same, byte for byte", first == second)
    unknown = call(url, UNLISTED, None, alice)
    expect("a route that is not enumerated is denied", unknown[1]["reason_code"] == "E_ROUTE_UNKNOWN")

    asked = run(("mode", "rollback", *SAID), carol)
    expect("one command asks for the way back, and alone changes nothing", mode() == "enforce")
    run(("approve", str(asked["request"])), bob)
    run(("mode", "rollback", *SAID), carol)
    expect("approved by a second person, the same command goes back", mode() == "shadow")
    status, body = call(url, CLAIM, {"lease_seconds": 1}, alice)
    expect(
        "the same call passes again: the mode alone decides",
        (status, body["outcome"]) == (200, "WOULD_BLOCK"),
    )
    well = run(("doctor", "--invariants"), alice)
    expect("the events of the tasks and their views agree", well["ok"])


def _added(run: Run, admin: str, name: str, role: str) -> str:
    """The token of a new person."""
    run(("operators", "add", name, "--role", role, *SAID), admin)
    return str(run(("tokens", "create", name, *SAID), admin)["token"])


def call(url: str, path: str, body: object, token: str) -> tuple[int, dict[str, Any]]:
    """Status and body of a POST."""
    headers = {
        "Authorization": f"Bearer {token}",
        "X-Slotgate-Request": "1",
        "Content-Type": "application/json",
    }
    data = b"" if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}{path}", data, headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def main() -> int:
    """In a folder of its own, which is gone afterwards."""
    with TemporaryDirectory(prefix="slotgate-smoke-") as folder:
        home = Path(folder) / "home"
        environ = {name: value for name, value in os.environ.items() if not _is_ours(name)}

        def run(words: tuple[str, ...], token: str) -> dict[str, Any]:
            said = subprocess.run(
                [*SLOTGATE, *words, "--home", str(home), "--json"],
                env={**environ, "SLOTGATE_TOKEN": token},
                stdout=subprocess.PIPE,
                check=False,
            ).stdout
            found = json.loads(said)
            return found if isinstance(found, dict) else {"found": found}

        alice = str(run(("init", "--operator", "alice", "--environment", "smoke"), "")["token"])
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        words = [*SLOTGATE, "serve", "--home", str(home), "--port", str(port)]
        with subprocess.Popen(words, env=environ, stdout=subprocess.DEVNULL) as server:
            try:
                url = f"http://127.0.0.1:{port}"
                _wait_until_ready(server, url)
                smoke(run, home, url, alice, print)
            except Unexpected as error:
                print(f"NOT {error}", file=sys.stderr)
                return 1
            finally:
                server.terminate()
    return 0


def _is_ours(name: str) -> bool:
    return name.startswith(("SLOTGATE", "SLOTGEN", "FEATURE_SLOTGEN", "ENFORCEMENT_MODE"))


def _wait_until_ready(server: "subprocess.Popen[bytes]", url: str) -> None:
    until = time.monotonic() + _READY_S
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise Unexpected("the server is ready")


if __name__ == "__main__":
    sys.exit(main())
