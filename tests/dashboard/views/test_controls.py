"""The Controls page in its states, and what its commands do."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.auth.sessions import SECOND
from dashboard.commands.outcome import Done, Refused
from dashboard.server.seat import Seat
from gates.changes.content import Terms
from gates.errors import GateError
from gates.policy.intent import Actor, Mode, Role
from tests.dashboard.auth.town import ALICE, CAROL, Town
from tests.dashboard.views.pages import look, page, said, set_up

BOSS = Actor(ALICE, frozenset(Role))
ONCALL = Actor(CAROL, frozenset({Role.ONCALL}))


def outcome(app: AppTest, key: str) -> Done | Refused:
    found = app.session_state[f"{key}-outcome"]
    assert isinstance(found, Done | Refused)
    return found


def rungs(app: AppTest) -> dict[str, str]:
    """Where each step of the ladder is."""
    markup = " ".join(one.value for one in app.html)
    return dict(re.findall(r'data-rung="([^"]+)" data-place="([^"]+)"', markup))


def test_live_controls_are_said_in_full_with_the_next_step_ready(here: tuple[Town, Seat]) -> None:
    app = page("controls", here[0]).run()
    words = said(app)
    assert "Mode SHADOW shadow does not protect" in words
    for fact in ("Kill switch ○ off", "0 would admit nobody", "on, denies by default", "alice, alone"):
        assert fact in words, fact
    places = rungs(app)
    here_at = [name for name, place in places.items() if place == "here"]
    assert len(here_at) == 1
    assert "next" in places.values()
    assert app.button(key="choose-steady").label == "Prepare steady"
    assert "Blast radius: no job was seen lately" in words


def test_an_illegal_step_is_there_with_its_reason(here: tuple[Town, Seat]) -> None:
    set_up(here[0], mode="enforce")
    app = page("controls", here[0]).run()
    assert app.button(key="choose-steady").disabled
    assert "not now: steady follows expand-100" in said(app)
    assert "E_STEADY_CRITERIA" in said(app)


def test_shadow_lets_the_same_step_pass_and_says_so(here: tuple[Town, Seat]) -> None:
    app = page("controls", here[0]).run()
    assert not app.button(key="choose-steady").disabled
    assert "shadow lets it pass and records: steady follows expand-100" in said(app)


def test_an_address_preselects_a_step_and_no_unknown_one(here: tuple[Town, Seat]) -> None:
    app = page("controls", here[0], step="expand-100").run()
    assert "percent 1 → 100" in said(app) or "→ 100" in said(app)
    assert "unknown-step" not in said(page("controls", here[0], step="unknown-step").run())


def _propose(app: AppTest, revision: int, *, confirmation: str) -> AppTest:
    step = app.session_state["step"] or next(
        key.split("-", 2)[2].partition("@")[0]
        for key in (button.key for button in app.button)
        if key and key.startswith("do-propose-")
    )
    app.text_input(key="controls-reason").input("no evidence of harm")
    app.text_input(key="controls-record").input("ADR-7")
    app.text_input(key=f"confirm-{step}").input(confirmation)
    return app.button(key=f"do-propose-{step}@{revision}").click().run()


def _next_percent(seat: Seat) -> int:
    found = {1: 5, 5: 10, 10: 25, 25: 50, 50: 100}[look(seat, lambda s: s.newest().after["percent"])]
    return int(found)


def test_a_step_is_proposed_with_reason_record_and_typed_percent(here: tuple[Town, Seat]) -> None:
    town, seat = here
    percent = _next_percent(seat)
    app = page("controls", town).run()
    app = _propose(app, 2, confirmation="99")
    assert f"type {percent} to confirm" in said(app)
    assert look(seat, lambda s: s.open_requests()) == ()
    app = _propose(app, 2, confirmation=str(percent))
    (request,) = look(seat, lambda s: s.open_requests())
    assert (request.base_revision, request.content["patch"]) == (2, {"percent": percent})
    assert (request.reason, request.decision_record) == ("no evidence of harm", "ADR-7")
    assert f"Request {request.number}: show it to an approver" in said(app)


def test_a_stale_page_conflicts(here: tuple[Town, Seat]) -> None:
    town, seat = here
    percent = _next_percent(seat)
    app = page("controls", town).run()
    look(seat, lambda s: s.narrow(ONCALL, {"percent": 3}, "less"))
    app = _propose(app, 2, confirmation=str(percent))
    assert "Nothing changed" in said(app)
    assert "E_BASE_REVISION" in said(app)
    assert look(seat, lambda s: s.open_requests()) == ()


def test_oncall_lowers_the_percent_at_once(here: tuple[Town, Seat]) -> None:
    town, seat = here
    before = look(seat, lambda s: s.newest().after["percent"])
    app = page("controls", town, "carol").run()
    app.text_input(key="narrow-why").input("failures at night")
    app.number_input(key=f"narrow-percent-{before}").set_value(0)
    app.run()
    app.button(key="do-narrow-percent").click().run()
    told = look(seat, lambda s: s.told())
    assert (told.revision.after["percent"], told.revision.actor_id) == (0, CAROL)
    assert told.reason == "failures at night"
    assert "Done: narrowed; revision 3 is in force" in said(app)


def test_a_viewer_sees_everything_and_is_told_why_not(here: tuple[Town, Seat]) -> None:
    app = page("controls", here[0], "bob").run()
    words = said(app)
    assert "you (bob) may not propose: it takes the role engineering_owner or oncall" in words
    assert "you (bob) may not take anything away" in words
    assert all(button.disabled for button in app.button if (button.key or "").startswith("do-"))
    assert "Kill switch ○ off" in words


def test_nobody_is_told_to_sign_in(here: tuple[Town, Seat]) -> None:
    del here
    assert "nobody is signed in; sign in to propose" in said(page("controls").run())


def test_while_killed_only_the_release_is_next(here: tuple[Town, Seat]) -> None:
    town, seat = here
    look(seat, lambda s: s.kill(ONCALL, None))
    look(seat, lambda s: s.reconcile())
    app = page("controls", town).run()
    places = rungs(app)
    assert [name for name, place in places.items() if place == "next"] == ["release"]
    assert "Kill switch ■ on: every job gets a stub" in said(app)
    duties = page("controls", town, part="duties").run()
    assert "The reason for the kill of revision" in said(duties)
    (debt,) = look(seat, lambda s: s.owed())
    duties.text_area(key=f"owed-{debt.owed_id}").input("the provider failed").run()
    duties.button(key=f"do-give-{debt.owed_id}").click().run()
    assert look(seat, lambda s: s.owed()) == ()


def test_unkill_takes_a_fresh_proof(here: tuple[Town, Seat]) -> None:
    town, seat = here
    percent = look(seat, lambda s: s.newest().after["percent"])
    look(seat, lambda s: s.kill(ONCALL, "test"))
    look(seat, lambda s: s.reconcile())
    revision = look(seat, lambda s: s.newest().revision)
    app = page("controls", town, step="release").run()
    town.clock.now += 11 * 60 * SECOND
    app = _propose(app, revision, confirmation=str(percent))
    assert "prove who you are again" in said(app)
    assert look(seat, lambda s: s.open_requests()) == ()


def test_a_roll_back_that_stands_is_on_every_part_and_ends_here(here: tuple[Town, Seat]) -> None:
    town, seat = here
    set_up(town, roll_back_latched="revision 1: 5 of 15 failed", roll_back_latched_revision="1")
    app = page("controls", town, part="history").run()
    assert "ROLL BACK stands: revision 1: 5 of 15 failed" in said(app)
    app = page("controls", town, "carol", part="duties").run()
    app.button(key="do-acknowledge").click().run()
    assert "E_REASON_REQUIRED" in said(app)
    app.text_area(key="ack-reason").input("a worker had no key").run()
    app.button(key="do-acknowledge").click().run()
    assert look(seat, lambda s: s.standing().latched) is None


def test_break_glass_says_its_conditions_and_asks_for_the_word(here: tuple[Town, Seat]) -> None:
    town, seat = here
    look(seat, lambda s: s.kill(ONCALL, "test"))
    look(seat, lambda s: s.reconcile())
    revision = look(seat, lambda s: s.newest().revision)
    key = f"do-break-glass@{revision}"
    app = page("controls", town, part="duties").run()
    assert "after 60 minutes the kill is on again by itself" in said(app)
    app.text_input(key="duties-reason").input("lessons stand still")
    app.text_input(key="duties-record").input("ADR-7")
    app.button(key=key).click().run()
    assert "type break glass to confirm" in said(app)
    app.text_input(key="break-glass-confirm").input("break glass").run()
    app.button(key=key).click().run()
    assert look(seat, lambda s: s.newest().after["breakGlassUntil"]) is not None
    assert "The review of the break-glass release" in said(app)


@pytest.mark.parametrize("mode", list(Mode))
def test_each_mode_says_whether_it_protects(here: tuple[Town, Seat], mode: Mode) -> None:
    set_up(here[0], mode=mode.value)
    app = page("controls", here[0], part="mode").run()
    words = said(app)
    assert f"Mode {mode.value.upper()}" in words
    assert ("does not protect: only enforce" in words) == (mode is not Mode.ENFORCE)
    assert "shadow would have blocked" in words
    assert "enforce blocked" in words
    assert "passed : an allowed change passes" in words


def test_a_mode_is_changed_with_a_fresh_proof_alone(here: tuple[Town, Seat]) -> None:
    town, seat = here
    set_up(town, mode="off")
    app = page("controls", town, part="mode").run()
    town.clock.now += 11 * 60 * SECOND
    app.text_input(key="mode-reason").input("begin to look")
    app.text_input(key="mode-record").input("ADR-7")
    app.button(key="do-mode-promote-off").click().run()
    assert "prove who you are again" in said(app)
    assert look(seat, lambda s: s.mode()) is Mode.OFF
    again = page("controls", town, part="mode").run()
    again.text_input(key="mode-reason").input("begin to look")
    again.text_input(key="mode-record").input("ADR-7")
    again.button(key="do-mode-promote-off").click().run()
    assert look(seat, lambda s: s.mode()) is Mode.SHADOW
    assert "the mode is shadow now, was off" in said(again)


def test_promotion_to_enforce_names_the_check_that_failed(here: tuple[Town, Seat]) -> None:
    app = page("controls", here[0], part="mode").run()
    assert app.button(key="do-mode-promote-shadow").disabled
    assert "two people can carry a change" in said(app)


def test_a_record_that_cannot_be_read_leaves_what_is_in_force_and_the_way_to_stop(
    here: tuple[Town, Seat],
) -> None:
    town, seat = here
    for end in ("", "-wal", "-shm"):
        town.home.store.with_name(town.home.store.name + end).unlink(missing_ok=True)
    town.home.store.write_bytes(b"not a database, and long enough to be looked at" * 100)
    with pytest.raises(GateError):
        look(seat, lambda s: s.newest())
    app = page("controls").run()
    words = said(app)
    assert "The record of changes cannot be read" in words
    assert "slotgate kill" in words
    assert "Kill switch ○ off" in words


def test_the_history_tells_each_revision_and_the_file_comes_away(here: tuple[Town, Seat]) -> None:
    town, seat = here
    look(seat, lambda s: s.propose_narrowing(ONCALL, {"percent": 0}, Terms(reason="<b>less</b>")))
    app = page("controls", town, part="history").run()
    words = said(app)
    assert "<b>less</b>" in words  # as text
    assert "the first controls" in words
    assert "→ 0" in words
    assert app.code[0].value.startswith("{")


def test_people_are_listed_with_their_roles(here: tuple[Town, Seat]) -> None:
    app = page("controls", here[0], part="people").run()
    assert list(app.dataframe[0].value["operator"]) == ["local|alice", "local|bob", "local|carol"]
    assert "slotgate operators add" in said(app)
