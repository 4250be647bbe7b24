"""The same intents through page, API and command line: the same decisions, the same audit records."""

import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dashboard.auth.access import open_access
from dashboard.auth.config import SignIn
from dashboard.auth.entering import by_token
from dashboard.commands.outcome import Done, Refused
from dashboard.commands.perform import Deed, Needs
from gates.changes.answers import Answer
from gates.changes.content import Terms
from gates.changes.people import DisableOperator, IssueToken
from gates.changes.service import ChangeService
from gates.controls.reader import ControlFile
from gates.home import Home
from gates.policy.intent import Actor, Mode
from gates.store.rows import TokenScope
from gates.store.store import Store
from tests.dashboard.api.control.place import Place, over
from tests.dashboard.auth.town import Town, now, town
from tests.warm import commands
from tests.warm.commands import environment

TERMS = Terms(reason="pilot", decision_record="ADR-1")
SAID = {"reason": "pilot", "decisionRecord": "ADR-1"}
WORDS = ("--reason", "pilot", "--decision-record", "ADR-1")
Does = Callable[[ChangeService, Actor], Answer]


@dataclass(frozen=True)
class Intent:
    """One intent of `who`: what a page does, what a program posts, what a person types."""

    name: str
    deed: Does
    path: str
    body: Mapping[str, Any]
    words: tuple[str, ...]
    who: str = "alice"


def proposed(percent: int) -> Intent:
    patch = {"percent": percent}
    return Intent(
        f"propose {percent}",
        lambda service, actor: service.propose(actor, patch, TERMS),
        "/requests",
        {**SAID, "change": patch},
        ("propose", "--percent", str(percent), *WORDS),
    )


INTENTS = (
    proposed(50),
    proposed(10),
    Intent("propose over an old revision", lambda s, a: s.propose(a, {"percent": 10}, TERMS, 1), "/requests",
           {**SAID, "change": {"percent": 10}, "baseRevision": 1},
           ("propose", "--percent", "10", "--base", "1", *WORDS)),
    Intent("approve one's own", lambda s, a: s.approve(a, 1), "/requests/1/approval", {}, ("approve", "1")),
    Intent("narrow by carol", lambda s, a: s.propose(a, {"percent": 1}, TERMS), "/requests",
           {**SAID, "change": {"percent": 1}}, ("propose", "--percent", "1", *WORDS), "carol"),
    Intent("undo it", lambda s, a: s.revert(a, TERMS), "/controls/revert", SAID, ("revert", *WORDS)),
    Intent("stop by a change", lambda s, a: s.propose(a, {"kill": True}, TERMS), "/requests",
           {**SAID, "change": {"kill": True}}, ("propose", "--kill", "on", *WORDS)),
    Intent("ask for the release", lambda s, a: s.unkill(a, TERMS), "/controls/unkill", SAID,
           ("unkill", *WORDS), "carol"),
    Intent("break the glass", lambda s, a: s.break_glass(a, TERMS), "/controls/break-glass", SAID,
           ("unkill", "--break-glass", *WORDS), "carol"),
    Intent("a drill", lambda s, a: s.propose_drill(a, TERMS), "/drills", SAID, ("drill", "kill", *WORDS)),
    Intent("nothing to acknowledge", lambda s, a: s.acknowledge(a, "known"), "/ack", {"reason": "known"},
           ("ack", "--reason", "known")),
    Intent("to enforce", lambda s, a: s.change_mode(a, Mode.ENFORCE, TERMS), "/mode",
           {**SAID, "mode": "enforce"}, ("mode", "set", "enforce", *WORDS)),
    Intent("a token", lambda s, a: s.change_people(a, IssueToken("local|carol", TokenScope.READ, 7), TERMS),
           "/tokens", {**SAID, "operator": "carol", "scope": "read", "days": 7},
           ("tokens", "create", "carol", "--scope", "read", "--days", "7", *WORDS)),
    Intent("disable", lambda s, a: s.change_people(a, DisableOperator("local|bob"), TERMS),
           "/operators/disabling", {**SAID, "operator": "bob"}, ("operators", "disable", "bob", *WORDS)),
)  # fmt: skip
_OWN = re.compile(r"sha256:[0-9a-f]{64}|slotgate_\w+|\d{4}-\d\d-\d\dT[\d:.]+Z|\b[0-9a-f]{32}\b|at_ns\D+\d+")


def same(value: Any) -> Any:
    """Without what every run has of its own: moments, digests, ids, secrets."""
    return json.loads(_OWN.sub("*", json.dumps(value, sort_keys=True)))


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Town:
    people = town(tmp_path_factory.mktemp("same"), clock=now())
    people.access.close()
    return people


def copied(first: Town, folder: Path, mode: Mode) -> Town:
    home = Home(Path(shutil.copytree(first.home.root, folder / "home")))
    store = Store.open(home.store)
    with store.begin() as tx:
        tx.settings.set("mode", mode.value)
    store.close()
    clock = now()
    access = open_access(home, home.store, first.access.door, SignIn(), clock=clock, monotonic=clock.seconds)
    return Town(home, clock, access, first.tokens, first.kill_token)


class Page:
    """As the buttons of the pages do it."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._seat = place.seat.with_door(place.people.access)

    def do(self, intent: Intent) -> Any:
        people, performer = self._place.people, self._seat.performer
        opened = by_token(people.access, people.tokens[intent.who], "test")
        visitor = people.access.again(opened.session.name)
        assert performer is not None
        deed: Deed = intent.deed
        found = performer.perform(visitor, intent.name, intent.name, Needs.FRESH_PROOF, deed)
        assert isinstance(found, Done | Refused)
        return said(found.words) if found.answer is None else found.answer.as_record()


class Api:
    """As a program does it."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def do(self, intent: Intent) -> Any:
        answer = self._place.post(intent.path, dict(intent.body), intent.who)
        record = answer.json()
        if answer.status_code >= 400 and "outcome" not in record:
            return said(record["detail"])
        if answer.status_code >= 400:
            assert record["outcome"] == "BLOCKED"
            asked = {"actor": f"local|{intent.who}", "asked": dict(intent.body)}
            assert {key: record["intent"][key] for key in asked} == asked
        return {key: value for key, value in record.items() if key not in OF_PROBLEMS}


OF_PROBLEMS = ("type", "title", "status", "detail", "intent")


class Shell:
    """As a person types it."""

    def __init__(self, people: Town) -> None:
        self._people = people

    def do(self, intent: Intent) -> Any:
        words = (*intent.words, "--home", str(self._people.home.root), "--json")
        token = self._people.tokens[intent.who]
        ended = commands.run(self._people.home.root.parent, *words, environ=environment(SLOTGATE_TOKEN=token))
        if not ended.stdout:
            return said(ended.stderr.decode().removeprefix("slotgate: "))
        return json.loads(ended.stdout)


def said(words: str) -> dict[str, str]:
    return {"said": words.strip()}


@contextmanager
def channels(first: Town, folder: Path, mode: Mode) -> Iterator[dict[str, tuple[Page | Api | Shell, Home]]]:
    towns = {name: copied(first, folder / name, mode) for name in ("page", "api", "shell")}
    with over(towns["page"]) as page, over(towns["api"]) as api:
        yield {
            "page": (Page(page), towns["page"].home),
            "api": (Api(api), towns["api"].home),
            "shell": (Shell(towns["shell"]), towns["shell"].home),
        }
    towns["shell"].access.close()


def records(home: Home) -> list[Any]:
    store = Store.open(home.store)
    with store.read() as tx:
        found = [json.loads(record.body) for record in tx.audit.iterate()]
    store.close()
    own = ("seq", "prev", "time", "recorded_at")
    return [
        same({key: value for key, value in one.items() if key not in own})
        for one in found
        if one["action"] not in ("sign in", "sign out")  # only a browser signs in
    ]


@pytest.mark.parametrize(
    ("mode", "intents", "outcome"),
    [
        (Mode.ENFORCE, INTENTS, "BLOCKED"),
        (Mode.SHADOW, INTENTS[:5], "WOULD_BLOCK"),
        (Mode.OFF, INTENTS[:1], "UNCHECKED"),
    ],
)
def test_page_api_and_shell_decide_alike(
    first: Town, tmp_path: Path, mode: Mode, intents: Sequence[Intent], outcome: str
) -> None:
    with channels(first, tmp_path, mode) as through:
        outcomes = set()
        for intent in intents:
            found = {name: same(channel.do(intent)) for name, (channel, _) in through.items()}
            assert found["page"] == found["api"] == found["shell"], intent.name
            outcomes.add(found["api"].get("outcome"))
        chains = {name: records(home) for name, (_, home) in through.items()}
        assert chains["page"] == chains["api"] == chains["shell"]
        assert len(chains["api"]) > len(intents)
        held = {name: ControlFile(home.control_file).current() for name, (_, home) in through.items()}
        assert len({(one.revision, one.percent, one.killed) for one in held.values()}) == 1
    expected = {Mode.OFF: "UNCHECKED", Mode.SHADOW: "WOULD_BLOCK", Mode.ENFORCE: "BLOCKED"}[mode]
    assert {"ALLOWED", expected} <= outcomes or (mode is Mode.OFF and expected in outcomes)
