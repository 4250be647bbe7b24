"""A browser can send the press of any button: what may not be pressed changes nothing, in no mode."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dashboard.commands.outcome import CommandOutcome, Done, Refused
from dashboard.commands.perform import CHANGING, Needs
from dashboard.server.seat import Seat
from gates.changes.answers import Answer
from gates.changes.content import Terms
from gates.changes.service import ChangeService
from gates.policy.intent import Actor, Mode, Role
from gates.policy.rules.safety import BREAK_GLASS_ROLES, PROPOSING_ROLES
from tests.dashboard.auth.town import ALICE, BOB, Town
from tests.dashboard.commands.test_perform import performer, visitor
from tests.dashboard.views.pages import page, said, seated_town, set_up

TERMS = Terms(reason="because", decision_record="ADR-7")
Deed = Callable[[ChangeService, Actor], Answer | str]
DEEDS: dict[str, tuple[Deed, frozenset[Role]]] = {
    "propose": (lambda service, actor: service.propose(actor, {"percent": 100}, TERMS), PROPOSING_ROLES),
    "break glass": (lambda service, actor: service.break_glass(actor, TERMS), BREAK_GLASS_ROLES),
    "approve": (lambda service, actor: service.approve(actor, 1), frozenset({Role.APPROVER})),
    "apply": (lambda service, actor: service.apply(actor, 1), CHANGING),
    "mode": (lambda service, actor: service.change_mode(actor, Mode.OFF, TERMS), frozenset({Role.ADMIN})),
}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[tuple[Town, Seat]]:
    with seated_town(tmp_path) as found:
        yield found


def state(seat: Seat) -> object:
    """Everything that a viewer might have moved."""
    with seat.to_look() as service:
        rows = [(row.number, row.state) for row in service.open_requests()]
        return service.revisions()[-1].revision, service.mode(), rows, service.owed()


@pytest.mark.parametrize("mode", list(Mode))
def test_who_may_look_changes_nothing_in_any_mode(here: tuple[Town, Seat], mode: Mode) -> None:
    people, seat = here
    with seat.to_look() as service:
        service.propose(Actor(ALICE, frozenset(Role)), {"percent": 10}, TERMS)
        service.kill(Actor(ALICE, frozenset(Role)), "a test")
        service.reconcile()
    set_up(people, mode=mode.value)
    before, bob = state(seat), visitor(people, "bob")
    for name, (deed, roles) in DEEDS.items():
        found: CommandOutcome = performer(seat).perform(bob, name, name, Needs.SESSION, deed, roles=roles)
        assert isinstance(found, Refused), name
        assert "it takes the role" in found.words
        assert "you hold viewer" in found.words
    assert state(seat) == before
    tried = [action for actor, action, _ in people.actions() if actor == BOB]
    assert tried == ["sign in", *(f"{name} refused" for name in DEEDS)]


@pytest.mark.parametrize("mode", [Mode.SHADOW, Mode.OFF])
def test_on_call_signs_nothing_and_changes_no_mode(here: tuple[Town, Seat], mode: Mode) -> None:
    people, seat = here
    set_up(people, mode=mode.value)
    carol, before = visitor(people, "carol"), state(seat)
    for name in ("approve", "mode"):
        deed, roles = DEEDS[name]
        found = performer(seat).perform(carol, name, name, Needs.SESSION, deed, roles=roles)
        assert isinstance(found, Refused)
    assert state(seat) == before


def test_a_press_that_the_page_did_not_offer_is_refused_on_record_once(here: tuple[Town, Seat]) -> None:
    people, seat = here
    done: list[str] = []

    def deed(_service: ChangeService, _actor: Actor) -> str:
        done.append("it")
        return "done"

    alice = visitor(people)
    for _ in range(2):
        found = performer(seat).perform(alice, "n", "try", Needs.SESSION, deed, because_not="not now")
        assert found == Refused("not now")
    assert done == []
    assert [one for one in people.actions() if one[1] == "try refused"] == [(ALICE, "try refused", "not now")]


def test_the_session_is_looked_up_when_the_button_is_pressed(here: tuple[Town, Seat]) -> None:
    people, seat = here
    app = page("controls", people, "carol").run()
    for session in people.access.sessions.of("local|carol"):
        people.access.sessions.revoke(session.name)
    before = state(seat)
    app.button(key="do-narrow-feature").click().run()
    assert "nobody is signed in; sign in to take anything away" in said(app)
    assert state(seat) == before


@pytest.mark.parametrize("part", ["steps", "duties", "mode"])
def test_a_viewer_who_presses_what_is_disabled(here: tuple[Town, Seat], part: str) -> None:
    people, seat = here
    app = page("controls", people, "bob", part=part).run()
    before = state(seat)
    for key in [one.key for one in app.button if one.key and one.key.startswith("do-")]:
        app.button(key=key).proto.disabled = False  # as a client that does not care
        app.button(key=key).click().run()
        # Streamlit itself passes over a disabled one; what is bound to a revision is drawn as it was pressed.
        if "@" in key:
            assert "it takes the role" in said(app), key
    assert state(seat) == before


def test_narrowing_from_the_page_needs_no_store(here: tuple[Town, Seat]) -> None:
    """Down is always open: over the control file, recorded late, and nothing but down."""
    people, seat = here
    carols = page("controls", people, "carol")
    for end in ("", "-wal", "-shm"):
        people.home.store.with_name(people.home.store.name + end).unlink(missing_ok=True)
    people.home.store.write_bytes(b"not a database, and long enough to be looked at" * 100)
    people.access.close()
    app = carols.run()
    assert "The record of changes cannot be read" in said(app)
    assert [one.key for one in app.button if (one.key or "").startswith("do-")] == [
        "do-narrow-percent", "do-narrow-allowlist", "do-narrow-feature",
    ] or "do-narrow-rule" in [one.key for one in app.button]  # fmt: skip
    app.button(key="do-narrow-feature").click().run()
    found = app.session_state["do-narrow-feature-outcome"]
    assert isinstance(found, Done), found
    assert found.answer is not None
    assert found.answer.late is not None
    assert seat.controls.current().unknown is None
    assert '"feature": false' in people.home.control_file.read_text().replace('":false', '": false')
    assert list(people.home.late.iterdir())


def test_narrowing_goes_on_while_somebody_holds_the_store(here: tuple[Town, Seat]) -> None:
    people, seat = here
    carol = visitor(people, "carol")
    holder = sqlite3.connect(people.home.store, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        found = performer(seat).perform(
            carol,
            "n",
            "narrow",
            Needs.SESSION,
            lambda service, actor: service.propose_narrowing(actor, {"percent": 1}, TERMS),
            without_store=lambda service, actor: service.narrow(actor, {"percent": 1}, "held"),
        )
        other = performer(seat).perform(
            carol, "m", "propose", Needs.SESSION, DEEDS["propose"][0], roles=PROPOSING_ROLES
        )
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    assert isinstance(found, Done), found
    assert found.answer is not None
    assert found.answer.late is not None
    assert isinstance(other, Refused)
    assert seat.controls.current().percent == 1
    with seat.to_look() as service:
        service.reconcile()
        assert service.newest().after["percent"] == 1
    assert ("local|carol", "narrow", "held") in people.actions()
