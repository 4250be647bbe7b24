"""The allowlist editor: what is typed is kept, what it changes is said, what narrows is applied at once."""

from streamlit.testing.v1 import AppTest

from dashboard.server.seat import Seat
from gates.policy.intent import Actor, Role
from tests.dashboard.auth.town import CAROL, Town
from tests.dashboard.views.pages import look, page, said, set_up

ONCALL = Actor(CAROL, frozenset({Role.ONCALL}))


def editor(town: Town, who: str = "alice") -> AppTest:
    return page("controls", town, who, part="allowlist").run()


def add(app: AppTest, name: str, *values: str) -> AppTest:
    """Choose these values besides those that are chosen; new ones as they are typed."""
    widget = app.multiselect(key=f"draft-0-{name}")
    return widget.set_value([*widget.value, *values]).run()


def propose(app: AppTest, dimension: str, revision: int = 2) -> AppTest:
    app.text_input(key="draft-reason").input("one more")
    app.text_input(key="draft-record").input("ADR-7")
    app.text_input(key=f"draft-confirm-{dimension}").input(dimension)
    return app.button(key=f"do-draft@{revision}").click().run()


def test_an_untouched_draft_changes_nothing(here: tuple[Town, Seat]) -> None:
    assert "The draft is what is in force" in said(editor(here[0]))


def test_a_value_more_widens_its_dimension_and_is_proposed(here: tuple[Town, Seat]) -> None:
    town, seat = here
    app = add(editor(town), "board", "OCR-9")
    words = said(app)
    assert "▲ WIDENS board + OCR-9" in words
    assert "newly reachable" in words
    app = propose(app, "board")
    (request,) = look(seat, lambda s: s.open_requests())
    assert "OCR-9" in request.content["patch"]["allowlist"]["rules"][0]["appliesTo"]["board"]
    assert f"Request {request.number}" in said(app)


def test_two_dimensions_at_once_are_refused_where_rules_are_enforced(here: tuple[Town, Seat]) -> None:
    town, seat = here
    set_up(town, mode="enforce")
    app = add(add(editor(town), "board", "OCR-9"), "level", "KS9")
    words = said(app)
    assert "2 dimensions move at once (level, board)" in words
    assert "E_ONE_DIMENSION" in words
    assert app.button(key="do-draft@2").disabled
    assert look(seat, lambda s: s.open_requests()) == ()


def test_what_only_takes_away_is_applied_at_once_by_oncall(here: tuple[Town, Seat]) -> None:
    town, seat = here
    app = editor(town, "carol")
    app.toggle(key="draft-enabled").set_value(False).run()
    assert "▼ NARROWS allowlist on → off" in said(app)
    app.button(key="do-draft@2").click().run()
    assert not look(seat, lambda s: s.newest().after["allowlist"]["enabled"])
    assert "revision 3 is in force" in said(app)


def test_what_is_not_valid_is_said_and_kept(here: tuple[Town, Seat]) -> None:
    app = editor(here[0])
    app.multiselect(key="draft-0-subject").set_value([]).run()
    assert "lists no subjects; list at least one" in said(app)
    add(app, "level", "  ")
    assert "has blanks at an end" in said(app)
    assert app.multiselect(key="draft-0-level").value[-1] == "  "
    assert not [button for button in app.button if (button.key or "").startswith("do-draft")]


def test_the_draft_outlives_another_part_of_the_page(here: tuple[Town, Seat]) -> None:
    app = add(editor(here[0]), "board", "OCR-9")
    app.session_state["part"] = "people"
    app.run()
    app.session_state["part"] = "allowlist"
    app.run()
    assert app.multiselect(key="draft-0-board").value[-1] == "OCR-9"
    assert "▲ WIDENS board + OCR-9" in said(app)


def test_the_draft_outlives_a_reload_in_the_same_session_alone(here: tuple[Town, Seat]) -> None:
    first = add(editor(here[0]), "board", "OCR-9")
    again = page("controls", here[0], part="allowlist")
    again.user = first.user
    assert "▲ WIDENS board + OCR-9" in said(again.run())
    assert "The draft is what is in force" in said(editor(here[0]))


def test_controls_that_move_on_keep_the_draft_and_say_what_changed(here: tuple[Town, Seat]) -> None:
    town, seat = here
    app = add(editor(town), "board", "OCR-9")
    look(seat, lambda s: s.narrow(ONCALL, {"percent": 1}, "less"))
    app.run()
    words = said(app)
    assert "The controls moved on from revision 2 to 3. Your draft is kept" in words
    assert "▼ NARROWS percent 5 → 1" in words
    assert app.button(key="do-draft@2").disabled
    app.button(key="draft-over").click().run()
    assert app.multiselect(key="draft-0-board").value[-1] == "OCR-9"
    assert not app.button(key="do-draft@3").disabled


def test_a_click_on_a_draft_over_old_controls_conflicts(here: tuple[Town, Seat]) -> None:
    town, seat = here
    app = add(editor(town), "board", "OCR-9")
    look(seat, lambda s: s.narrow(ONCALL, {"percent": 1}, "less"))
    app = propose(app, "board")
    assert "E_BASE_REVISION" in said(app)
    assert look(seat, lambda s: s.open_requests()) == ()


def test_rules_are_added_duplicated_and_removed(here: tuple[Town, Seat]) -> None:
    app = editor(here[0])
    app.button(key="draft-copy-0").click().run()
    assert str(app.text_input(key="draft-1-id").value).endswith("-2")
    assert "lets neither more nor fewer jobs through" in said(app)
    app.text_input(key="draft-1-id").set_value(app.text_input(key="draft-0-id").value).run()
    assert "two rules are called" in said(app)
    app.button(key="draft-remove-1").click().run()
    assert "The draft is what is in force" in said(app)
    app.button(key="draft-add").click().run()
    app.button(key="draft-discard").click().run()
    assert "The draft is what is in force" in said(app)


def test_a_viewer_may_draft_and_is_told_why_not_more(here: tuple[Town, Seat]) -> None:
    app = add(editor(here[0], "bob"), "board", "OCR-9")
    assert app.button(key="do-draft@2").disabled
    assert "you (bob) may not propose" in said(app)
