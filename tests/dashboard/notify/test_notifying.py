"""The threads of a served home: who is told while others hang, and what a restart finds."""

import json
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from dashboard.notify.chain import StoreChain
from dashboard.notify.changing import add_receiver, remove_receiver
from dashboard.notify.delivering import Means
from dashboard.notify.sending import HttpSender
from dashboard.server.notifying import Notifying
from gates.changes.killing import kill
from gates.policy.intent import Actor, Role
from gates.store.rows import AuditEntry
from gates.store.store import Store
from tests.dashboard.auth.town import ALICE, Town, now, town
from tests.dashboard.cli.homes import answer
from tests.dashboard.notify.chains import SECRET
from tests.dashboard.notify.loopback import OK, Loopback, answering, headers_of, receiving, silent, until
from tests.dashboard.server.processes import serving

ADMIN = Actor(ALICE, frozenset({Role.ADMIN}))


@pytest.fixture
def people(tmp_path: Path) -> Iterator[Town]:
    made = town(tmp_path, clock=now())
    yield made
    made.access.close()


def add(people: Town, name: str, loopback: Loopback, **fields: Any) -> None:
    store = Store.open(people.home.store)
    document = {"name": name, "kind": "webhook", "url": loopback.url(), "secret": SECRET}
    allowed = {"allowPrivate": True, "allowHttp": True}
    add_receiver(people.home, store, ADMIN, {**document, **allowed, **fields}, people.clock)
    store.close()


def remove(people: Town, name: str) -> None:
    store = Store.open(people.home.store)
    remove_receiver(people.home, store, ADMIN, name, people.clock)
    store.close()


def note(people: Town, action: str) -> None:
    store = Store.open(people.home.store)
    with store.begin() as tx:
        entry = AuditEntry(time_ns=people.clock(), actor=ALICE, roles=(), action=action, target="controls",
                           environment=tx.settings.get("environment"))  # fmt: skip
        tx.audit.append(entry)
    store.close()


def told(loopback: Loopback) -> list[str]:
    """The types of the events that came, each verified with the reference library."""
    found = [Webhook(SECRET).verify(body, headers_of(head)) for head, body in loopback.requests]
    return [str(one["type"]).removeprefix("slotgate.") for one in found]


@contextmanager
def looking(people: Town, log: list[str] | None = None) -> Iterator[Notifying]:
    """Notifications that look at the receivers when they are told to."""
    chain = StoreChain(partial(Store.open, people.home.store))
    said = log if log is not None else []
    means = Means(chain, HttpSender(), people.clock, lambda: 0.5, said.append, "https://gate.example")
    made = Notifying(people.home, means)
    try:
        yield made
    finally:
        made.stop()


@contextmanager
def notifying(people: Town) -> Iterator[Notifying]:
    """Notifications as a server runs them."""
    with looking(people) as made:
        made.start()
        yield made


def test_who_hangs_holds_up_nobody(people: Town) -> None:
    with receiving(silent) as hanging, receiving(answering(OK)) as well:
        add(people, "hanging", hanging)
        add(people, "well", well)
        with notifying(people):
            kill(people.home, by=ALICE, reason="storm")
            until(lambda: told(well) == ["kill.engaged"])
            note(people, "narrow")
            until(lambda: told(well) == ["kill.engaged", "controls.changed"])
            until(lambda: len(hanging.requests) == 1)
    assert told(hanging) == ["kill.engaged"]


def test_what_happened_while_nobody_served_is_told_at_the_next_start(people: Town) -> None:
    with receiving(answering(OK)) as well:
        add(people, "well", well)
        note(people, "narrow")
        with notifying(people):
            until(lambda: told(well) == ["controls.changed"])
        note(people, "latch roll back")
        note(people, "kill")
        with notifying(people):
            kept = people.home.root / "notify" / "well.json"
            until(lambda: bool(json.loads(kept.read_bytes())["delivered"] == 3))
    assert told(well) == ["controls.changed", "kill.engaged", "verdict.roll_back"]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_receivers_come_and_go_while_it_runs(people: Town) -> None:
    with receiving(answering(OK)) as first, receiving(answering(OK)) as second, looking(people) as running:
        add(people, "first", first)
        running.look()
        note(people, "narrow")
        kept = people.home.root / "notify" / "first.json"
        until(lambda: kept.exists() and json.loads(kept.read_bytes())["delivered"] == 1)
        remove(people, "first")
        add(people, "second", second, events=["audit.recorded"])
        running.look()
        # What was looked for when it was told to end may still be sent.
        until(lambda: "notify-first" not in {thread.name for thread in threading.enumerate()})
        note(people, "narrow")
        until(lambda: len(second.requests) == 1)
    assert told(first) == ["controls.changed"]
    assert not kept.exists()


def test_a_file_that_is_wrong_changes_nothing_for_who_is_told(people: Town) -> None:
    log: list[str] = []
    with receiving(answering(OK)) as well:
        add(people, "well", well)
        with looking(people, log) as running:
            running.look()
            (people.home.root / "notify.json").write_bytes(b"{")
            running.look()
            running.look()
            note(people, "narrow")
            until(lambda: len(well.requests) == 1)
    assert len([words for words in log if "go on as before" in words]) == 1


def test_two_processes_do_not_both_send(people: Town) -> None:
    log: list[str] = []
    with receiving(answering(OK)) as well:
        add(people, "well", well)
        with looking(people) as first:
            first.look()
            with looking(people, log) as second:
                second.look()
                note(people, "narrow")
                until(lambda: len(well.requests) == 1)
                second.look()
        with looking(people) as later:
            later.look()
            note(people, "narrow")
            until(lambda: len(well.requests) == 2)
    assert "another process sends" in log[0]


def test_a_real_server_tells_of_a_kill_and_ends_while_a_receiver_hangs(tmp_path: Path) -> None:
    folder = tmp_path / "place"
    folder.mkdir()
    people = town(folder, clock=now())
    people.access.close()
    environment = {"SLOTGATE_TOKEN": people.tokens["alice"], "SLOTGATE_HOME": str(people.home.root)}
    with receiving(silent) as hanging, receiving(answering(OK)) as well:
        for name, loopback in (("well", well), ("hanging", hanging)):
            (folder / "secret").write_text(SECRET)
            words = ("--kind", "webhook", "--url", loopback.url(), "--allow-private", "--allow-http",
                     "--secret-file", "secret")  # fmt: skip
            token = folder / "token"
            token.write_text(environment["SLOTGATE_TOKEN"])
            home = ("--home", str(people.home.root), "--token-file", str(token))
            said = answer(folder, "notify", "add", name, *words, *home)
            assert SECRET not in json.dumps(said)
        listed = answer(folder, "notify", "list", "--home", str(people.home.root))
        assert [one["name"] for one in listed["receivers"]] == ["well", "hanging"]
        assert answer(folder, "notify", "test", "well", "--home", str(people.home.root))["told"]
        with serving(folder, people.home) as served:
            answer(folder, "kill", "--reason", "storm", "--home", str(people.home.root))
            until(lambda: told(well) == ["test", "kill.engaged"])
            until(lambda: len(hanging.requests) == 1)
            assert served.stop()[0] == 0
        status = answer(folder, "notify", "status", "--home", str(people.home.root))
        assert [(one["name"], len(one["waiting"])) for one in status["receivers"]] == [
            ("well", 0),
            ("hanging", 1),
        ]
        assert not os.path.exists(people.home.root / "notify" / "well.json.tmp")
