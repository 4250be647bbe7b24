"""The websocket of a served home against clients that are no browser."""

import time
from contextlib import ExitStack, suppress

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from gates.controls.reader import ControlFile
from tests.dashboard.auth.town import Town
from tests.dashboard.server.processes import Served
from tests.security.client import Client, opened
from tests.security.requests import asked, signed_in


@pytest.mark.parametrize("origin", [None, "null", "http://127.0.0.1:1", "https://evil.example"])
def test_only_our_own_pages_open_it(served_town: tuple[Town, Served], origin: str | None) -> None:
    people, served = served_town
    headers = signed_in(served, people.tokens["alice"])
    with pytest.raises(InvalidStatus), opened(served, headers, origin, own=False):
        pass
    with pytest.raises(InvalidStatus), opened(served, {"X-Slotgate-Operator": "local|alice"}):
        pass


def test_a_viewer_sends_the_press_of_what_was_disabled(served_town: tuple[Town, Served]) -> None:
    """`shadow` would let the proposal pass, and the release by one person too."""
    people, served = served_town
    before = people.home.control_file.read_bytes()
    with opened(served, signed_in(served, people.tokens["bob"])) as client:
        for query, label in (
            ("", "Feature off"),
            ("", "Propose "),
            ("part=duties", "Release for 60 minutes"),
        ):
            client.buttons.clear()
            client.run("controls", query)
            button, may_be_pressed = next(
                one for name, one in client.buttons.items() if name.startswith(label)
            )
            assert not may_be_pressed
            client.run("controls", query, press=button)
    assert people.home.control_file.read_bytes() == before
    tried = [what for who, what, _ in people.actions() if who == "local|bob"]
    assert "break-glass refused" in tried
    assert any(what.startswith("propose-") and what.endswith(" refused") for what in tried)
    assert not any(what.startswith(("propose ", "apply")) or what == "propose" for what in tried)


def test_nobody_takes_up_the_page_of_somebody_else(served_town: tuple[Town, Served]) -> None:
    people, served = served_town
    with opened(served, signed_in(served, people.tokens["alice"])) as alice:
        alice.run("runbook")
        assert alice.session_id
        with opened(served, signed_in(served, people.tokens["bob"]), resumes=alice.session_id) as bob:
            bob.run("runbook")
            assert bob.session_id != alice.session_id
    with opened(served, signed_in(served, people.tokens["bob"]), resumes=alice.session_id) as bob:
        bob.run("runbook")
        assert bob.session_id != alice.session_id


def test_a_session_that_is_ended_ends_its_page(served_town: tuple[Town, Served]) -> None:
    people, served = served_town
    headers = signed_in(served, people.tokens["carol"])
    with opened(served, headers) as client:
        client.run("controls")
        button = client.buttons["Feature off"][0]
        meant = {"X-Slotgate-Request": "1", "Origin": served.url}
        assert asked(served, "POST", "/api/v1/sign-out", {**headers, **meant})[0] == 200
        with pytest.raises(ConnectionClosed):
            _press_until_closed(client, button)
    assert ControlFile(people.home.control_file).current().unknown is None
    assert b'"feature":true' in people.home.control_file.read_bytes().replace(b": ", b":")
    with pytest.raises(InvalidStatus), opened(served, headers):
        pass


def _press_until_closed(client: Client, button: str) -> None:
    """The server says nothing any more, and closes at the next word of the page."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        client.send("controls", press=button)
        with suppress(TimeoutError):
            client.socket.recv(0.2)


@pytest.mark.parametrize("frame", [b"\xff" * 100, b"\0" * 3_000_000, "text"], ids=["odd", "large", "text"])
def test_a_frame_that_is_none_ends_the_page_and_nothing_else(
    served_town: tuple[Town, Served], frame: bytes | str
) -> None:
    people, served = served_town
    with opened(served, signed_in(served, people.tokens["bob"])) as client:
        client.socket.send(frame)  # what follows is read until the server closes
        with suppress(ConnectionClosed):
            while True:
                assert b"Traceback" not in client.socket.recv(60)
    assert served.get("/healthz")[0] == 200


def test_pages_that_never_read_keep_no_kill_waiting(served_town: tuple[Town, Served]) -> None:
    """The last of this module: it stops everything."""
    people, served = served_town
    bob, carol = signed_in(served, people.tokens["bob"]), signed_in(served, people.tokens["carol"])
    with ExitStack() as many:
        for _ in range(15):
            deaf = many.enter_context(opened(served, bob, reads=False))
            for _ in range(20):
                deaf.send("controls")
        meant = {"X-Slotgate-Request": "1", "Origin": served.url}
        begin = time.monotonic()
        assert asked(served, "POST", "/api/v1/kill", {**carol, **meant})[0] == 200
        assert time.monotonic() - begin < 10
        assert ControlFile(people.home.control_file).current().killed
        with opened(served, carol) as client:
            client.run("runbook")
