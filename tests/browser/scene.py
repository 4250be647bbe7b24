"""A served home in the middle of things: jobs, failures, records that are no telemetry, an open request."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext

from dashboard.cli.guarded import service_of
from gates.changes.content import Terms
from gates.home import Home
from gates.policy.intent import Actor, Role
from gates.store.store import Store
from tests.browser.windows import usual_port
from tests.dashboard.auth.town import ALICE, CAROL, Town, now, town
from tests.dashboard.record import SECOND_NS, line, spool
from tests.dashboard.server.processes import Served, serving, wait_for_two_more_passes

HOSTILE = "<img src=x onerror=alert(1)>"
"""Stands as jobId, errorCode, executorVersion and reason somewhere in the scene."""

EVERYTHING = frozenset(Role)


@contextmanager
def served_scene(folder: Path) -> Iterator[tuple[Town, Served]]:
    """Alice may everything, Bob may look, Carol is on call; request 1 is Alice's and asks for 10 %."""
    here = town(folder, clock=now())
    _telemetry(here.home, here.clock())
    _open_request(here.home)
    with serving(folder, here.home, usual_port()) as process:
        wait_for_two_more_passes(process)
        yield here, process


def signed_in(context: BrowserContext, url: str, token: str) -> None:
    """The browser carries the session of the token's holder from now on."""
    headers = {"X-Slotgate-Request": "1", "Origin": url, "Content-Type": "application/json"}
    answer = context.request.post(f"{url}/api/v1/sign-in", headers=headers, data={"token": token})
    assert answer.status == 200, answer.text()


def _telemetry(home: Home, now_ns: int) -> None:
    lines: list[tuple[int, bytes]] = []
    for number in range(240):
        at_ns = now_ns - (240 - number) * 5 * SECOND_NS
        if number % 4:
            lines.append((at_ns, line(f"job-{number}", code="ROLLOUT_EXCLUDED")))
        elif number % 28:
            lines.append((at_ns, line(f"job-{number}", "openai", "COMPLETED", None, 900.0 + number)))
        else:
            lines.append((at_ns, line(f"job-{number}", "openai", "FAILED", "OPENAI_HTTP_ERROR", 4_000)))
    late_ns = now_ns - SECOND_NS
    hostile = {**json.loads(line(HOSTILE, "openai", "FAILED", HOSTILE, 7)), "executorVersion": HOSTILE}
    lines += [
        (late_ns, json.dumps(hostile).encode()),
        (late_ns, line("impossible", "stub", "STUB", "OPENAI_HTTP_ERROR")),
        (late_ns, b'{"version":"v1","jobId":"cut off","path":"openai","executorVersion":"openai.v1"'),
        (late_ns, b'{"version":"v9","jobId":"strange","path":"stub","status":"STUB","latencyMs":1}'),
    ]
    spool(home, lines)


def _open_request(home: Home) -> None:
    store = Store.open(home.store)
    try:
        service = service_of(home, store)
        terms = Terms(reason=f"no evidence of harm {HOSTILE}", decision_record="https://decisions.example/7")
        service.propose(Actor(ALICE, EVERYTHING), {"percent": 10}, terms)
        service.report_bad(Actor(CAROL, frozenset({Role.ONCALL})), "job-8", f"wrong exam board {HOSTILE}")
    finally:
        store.close()
