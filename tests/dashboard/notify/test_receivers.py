"""`notify.json`: what it may hold, who sees it, and who changes it."""

import json
import os
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from dashboard.cli.doctor_notify import notifications
from dashboard.notify.backlog import Backlog, disabled, given_up
from dashboard.notify.backlog_file import BacklogFile
from dashboard.notify.changing import add_receiver, remove_receiver
from dashboard.notify.errors import ReceiverRefused, ReceiversMisconfigured, UnknownReceiver
from dashboard.notify.events import ALERTS
from dashboard.notify.receivers import (
    NAME,
    PagerDutyReceiver,
    SlackReceiver,
    WebhookReceiver,
    masked,
    parsed,
    read_receivers,
)
from dashboard.notify.wanted import wanted
from gates.errors import HomeError, NotSignedIn
from gates.policy.intent import Actor, Role
from gates.store.store import Store
from tests.dashboard.auth.town import ALICE, Town, town
from tests.dashboard.notify.chains import SECRET

KEY, SLACK = "R" * 32, "https://hooks.slack.example/services/T0/B0/secretsecret"
HOOK = {"name": "hook", "kind": "webhook", "url": "https://hook.example/in?token=t", "secret": SECRET}
PAGER = {"name": "pager", "kind": "pagerduty", "routingKey": KEY}
CHANNEL = {"name": "channel", "kind": "slack", "url": SLACK, "events": ["kill.engaged"]}
ADMIN, VIEWER = Actor(ALICE, frozenset({Role.ADMIN})), Actor("local|bob", frozenset({Role.VIEWER}))


@pytest.fixture
def people(tmp_path: Path) -> Iterator[Town]:
    made = town(tmp_path)
    yield made
    made.access.close()


@pytest.fixture
def store(people: Town) -> Iterator[Store]:
    opened = Store.open(people.home.store)
    yield opened
    opened.close()


def document(*receivers: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"version": "notify.v1", "receivers": receivers} | more).encode()


def test_every_kind_is_read() -> None:
    found = parsed(document(HOOK, PAGER, CHANNEL), Path("x")).receivers
    assert [type(one) for one in found] == [WebhookReceiver, PagerDutyReceiver, SlackReceiver]
    assert found[0].events == ALERTS
    assert found[1].target == "https://events.pagerduty.com"


WRONG = [
    b"", b"[]", b"\xff", document(HOOK, version="notify.v2"), document(HOOK, more=1),
    document(HOOK | {"more": 1}),
    document(HOOK, HOOK), document(HOOK | {"kind": "email"}), document(HOOK | {"url": "http://hook.example/"}),
    document(HOOK | {"url": "ftp://hook.example/"}), document(HOOK | {"url": "https:///in"}),
    document(HOOK | {"url": "https://u:p@h.example/"}), document(HOOK | {"url": "https://h.example/ x"}),
    document(HOOK | {"url": "https://hook.example:99999/"}), document(HOOK | {"url": "https://\u00f6.example/"}),
    document(HOOK | {"url": "https://hook.example/\r\nX: y"}), document(HOOK | {"secret": "whsec_c2hvcnQ="}),
    document(HOOK | {"secret": SECRET.removeprefix("whsec_")}), document(HOOK | {"secret": "whsec_%%%"}),
    document(HOOK | {"name": "../x"}), document(HOOK | {"name": ""}), document(HOOK | {"name": "H" * 40}),
    document(HOOK | {"events": []}), document(HOOK | {"events": ["kill"]}), document(HOOK | {"after": -1}),
    document(HOOK | {"allowPrivate": "yes"}), document(HOOK | {"allowHttp": 1}),
    document(PAGER | {"routingKey": "short"}), document(PAGER | {"routingKey": "\u00e9" * 32}),
    document(CHANNEL | {"url": "http://hooks.slack.example/x"}),
    document(*[HOOK | {"name": f"h{number}"} for number in range(21)]),
]  # fmt: skip


@pytest.mark.parametrize("data", WRONG)
def test_what_is_wrong_is_refused_and_quotes_no_secret(data: bytes) -> None:
    with pytest.raises(ReceiversMisconfigured) as refused:
        parsed(data, Path("notify.json"))
    said = str(refused.value)
    assert said.startswith("`notify.json`: ")
    assert not [secret for secret in (SECRET, KEY, "secretsecret", "token=t", "u:p") if secret in said]


def test_secrets_are_masked_wherever_they_are_shown() -> None:
    for one in parsed(document(HOOK, PAGER, CHANNEL), Path("x")).receivers:
        shown = f"{json.dumps(masked(one))} {one!r} {one!s}"
        assert not [secret for secret in (SECRET, KEY, "secretsecret") if secret in shown]
    assert masked(parsed(document(HOOK), Path("x")).receivers[0])["url"] == "https://hook.example/…"


def test_a_file_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / NAME
    assert read_receivers(path).receivers == ()
    path.write_bytes(document(HOOK))
    path.chmod(0o644)
    with pytest.raises(ReceiversMisconfigured, match="chmod 600"):
        read_receivers(path)
    path.chmod(0o600)
    assert len(read_receivers(path).receivers) == 1
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ReceiversMisconfigured):
        read_receivers(path)
    path.unlink()
    os.mkfifo(path, 0o600)
    with pytest.raises(ReceiversMisconfigured):
        read_receivers(path)


def test_one_admin_adds_and_removes_on_record(people: Town, store: Store) -> None:
    home = people.home
    for one in (HOOK, PAGER, CHANNEL):
        add_receiver(home, store, ADMIN, one, people.clock)
    path = home.root / NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    found = read_receivers(path).receivers
    assert [one.name for one in found] == ["hook", "pager", "channel"]
    with store.read() as tx:
        newest = tx.audit.tail()
    assert newest is not None
    assert found[2].after == newest.seq
    remove_receiver(home, store, ADMIN, "pager", people.clock)
    assert [one.name for one in read_receivers(path).receivers] == ["hook", "channel"]
    with store.read() as tx:
        text = b"".join(record.body for record in tx.audit.iterate()).decode()
    assert not [secret for secret in (SECRET, KEY, "secretsecret", "token=t") if secret in text]
    assert [action for _, action, _ in people.actions()][-4:] == ["add receiver"] * 3 + ["remove receiver"]


def test_nobody_else_does(people: Town, store: Store) -> None:
    with pytest.raises(NotSignedIn):
        add_receiver(people.home, store, VIEWER, HOOK, people.clock)
    add_receiver(people.home, store, ADMIN, HOOK, people.clock)
    with pytest.raises(NotSignedIn):
        remove_receiver(people.home, store, VIEWER, "hook", people.clock)
    assert len(read_receivers(people.home.root / NAME).receivers) == 1
    assert ("local|bob", "add receiver refused", None) in people.actions()
    assert ("local|bob", "remove receiver refused", None) in people.actions()


def test_what_cannot_be_added_changes_nothing(people: Town, store: Store) -> None:
    home = people.home
    add_receiver(home, store, ADMIN, HOOK, people.clock)
    before = (home.root / NAME).read_bytes()
    for one in (HOOK, HOOK | {"name": "a", "url": "http://x.example"}, PAGER | {"routingKey": KEY + "x"}):
        with pytest.raises(ReceiverRefused) as refused:
            add_receiver(home, store, ADMIN, one, people.clock)
        assert KEY not in str(refused.value)
    with pytest.raises(UnknownReceiver):
        remove_receiver(home, store, ADMIN, "other", people.clock)
    (home.root / NAME).write_bytes(b"{")
    with pytest.raises(ReceiversMisconfigured):
        add_receiver(home, store, ADMIN, PAGER, people.clock)
    assert (home.root / NAME).read_bytes() == b"{"
    assert json.loads(before)["receivers"][0]["secret"] == SECRET


def test_a_home_that_cannot_be_written(people: Town, store: Store) -> None:
    (people.home.root / "notify").write_text("in the way")
    with pytest.raises(HomeError, match="mend that first"):
        add_receiver(people.home, store, ADMIN, HOOK, people.clock)
    assert not (people.home.root / NAME).exists()


def test_what_is_asked_for_on_the_command_line() -> None:
    words: dict[str, Any] = {"events": None, "allow_private": False, "allow_http": False}
    found, made = wanted("a", "webhook", url="https://x.example", secret=None, **words)
    assert made is not None
    assert found["secret"] == made
    assert wanted("a", "webhook", url="https://x.example", secret=SECRET, **words)[1] is None
    assert wanted("a", "slack", url=None, secret=SLACK, **words)[0]["url"] == SLACK
    assert "url" not in wanted("a", "pagerduty", url=None, secret=KEY, **words)[0]
    for kind, url, secret in (("webhook", None, SECRET), ("pagerduty", None, None), ("slack", SLACK, None),
                              ("slack", SLACK, SLACK)):  # fmt: skip
        with pytest.raises(ReceiverRefused):
            wanted("a", kind, url=url, secret=secret, **words)


def test_doctor_finds_what_is_not_delivered(people: Town, store: Store) -> None:
    home = people.home
    assert notifications(home).ok
    receiver = add_receiver(home, store, ADMIN, HOOK, people.clock)
    assert notifications(home).ok
    kept = BacklogFile(home.root / "notify", "hook")
    calm = Backlog(after=receiver.after, cursor=9)
    kept.write(calm)
    assert notifications(home).ok
    kept.write(given_up(calm, 9, 0, "answered 400"))
    assert "1 given up" in notifications(home).words
    kept.write(disabled(calm, "answered 410"))
    found = notifications(home)
    assert (found.ok, "answered 410" in found.words) == (False, True)
    (home.root / NAME).write_bytes(b"{")
    assert not notifications(home).ok


def test_many_at_once_lose_nobody(people: Town) -> None:
    def one(number: int) -> None:
        opened = Store.open(people.home.store)
        add_receiver(people.home, opened, ADMIN, HOOK | {"name": f"hook-{number}"}, people.clock)
        opened.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(8)))
    found = read_receivers(people.home.root / NAME).receivers
    assert {one.name for one in found} == {f"hook-{number}" for number in range(8)}
    assert len({one.after for one in found}) == 8
