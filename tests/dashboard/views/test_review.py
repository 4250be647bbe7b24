"""Review & sign-off in each of its states, run by Streamlit's own harness on real homes."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.server import seat as seats
from dashboard.views.review.actions import Confirmed
from gates.changes.content import Terms
from gates.errors import InvalidChange, NotSignedIn
from gates.home import Home
from gates.policy.intent import Mode
from gates.store.rows import RequestState
from ingest.store.gaps import Gap, record_gap
from tests.dashboard.record import LIVE, empty_home, publish, seated
from tests.dashboard.views.office import ALICE, CAROL, DAN, TERMS, Office, office
from tests.dashboard.views.pages import page, said

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def asked_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, int]]:
    with office(tmp_path_factory.mktemp("asked")) as found:
        yield found, found.proposed()


@pytest.fixture
def asked(asked_once: tuple[Office, int]) -> tuple[Office, int]:
    """An office and a request that waits there, for who only looks."""
    st.cache_data.clear()
    seats.take(asked_once[0].seat)
    return asked_once


def markup(app: AppTest) -> str:
    return " ".join(element.value for element in app.html)


def press(app: AppTest, key: str) -> str:
    app.button(key=key).click().run()
    return said(app)


class TestInbox:
    def test_nothing_waits_names_the_next_legal_step(self, here: Office) -> None:
        words = said(here.page())
        assert "Nothing waits for a signature" in words
        assert "The next legal step is: percent 10" in words

    def test_what_waits_for_me_and_what_for_others_and_why(self, asked: tuple[Office, int]) -> None:
        here, number = asked
        words = said(here.page("dan"))
        assert f"Waits for you you may sign these Request {number}: percent 5 → 10" in words
        assert "▲ WIDENS percent" in words
        assert "Nothing stands against signing it now" in words
        assert "expires in 23 h" in words
        own = said(here.page("alice"))
        assert "No request waits for your signature" in own
        assert "`" not in own
        assert "alice requested or edited this change; somebody else must approve it" in own
        assert "it takes the role approver" in said(here.page("bob"))
        assert "added one by the other within 24 h" in said(here.page("frank"))

    def test_what_is_approved_is_ready_for_who_may_apply(self, here: Office) -> None:
        number = here.proposed()
        here.do(lambda service: service.approve(DAN, number))
        assert "You may apply it; nothing stands against it now" in said(here.page("alice"))
        assert "Not for you to apply" in said(here.page("dan"))

    def test_what_closed_says_why(self, here: Office) -> None:
        number = here.proposed()
        here.do(lambda service: service.reject(DAN, number, f"not yet {EVIL}"))
        app = here.page()
        frame = app.dataframe[0].value
        assert frame["request"].tolist() == [f"/review?request={number}"]
        assert frame["state"].tolist() == ["✕ REJECTED"]
        assert frame["because"].tolist() == [f"not yet {EVIL}"]

    def test_what_is_owed_is_given_here(self, here: Office) -> None:
        here.do(lambda service: service.kill(CAROL))
        here.do(lambda service: service.reconcile())
        (debt,) = here.do(lambda service: service.owed())
        key = f"owed-{debt.owed_id}"
        viewer = here.page("bob")
        assert "the reason for a kill" in said(viewer)
        assert viewer.button(key=key).disabled
        app = here.page("carol")
        assert "say it with" in press(app, key)
        app.text_area(key=f"{key}-text").set_value("empty pages from 14:02").run()
        app.button(key=key).click().run()
        assert here.do(lambda service: service.owed()) == ()

    def test_shadow_says_that_it_does_not_protect(self, tmp_path: Path) -> None:
        with office(tmp_path, Mode.SHADOW) as here:
            here.proposed()
            assert "Enforcement is shadow" in said(here.page())


class TestRequest:
    def test_says_everything_it_rests_on(self, asked: tuple[Office, int]) -> None:
        here, number = asked
        app = here.page("dan", number)
        words = said(app)
        for part in (
            f"Request {number}: percent 5 → 10",
            "IN REVIEW asked by alice",
            "▲ WIDENS percent percent 5 → 10 5 % 10 %",
            "the pilot went well",
            "Exception, under NOT ENOUGH DATA few",
            "newly admits 0 and expels 0 of 1 jobs seen, exactly",
            "Frozen … NOT ENOUGH DATA",
            "Live … NOT ENOUGH DATA",
            "If you sign it: allowed",
            "If you apply it: blocked E_ROLE",
            "an approver must sign the request",
            "Nobody has signed it",
            "alice asked for it record",
        ):
            assert part in words, part
        assert '<a href="https://decisions.example/7"' in markup(app)
        assert f'href="/record/{number}"' in markup(app)
        assert not app.button(key=f"sign-{number}").disabled
        assert app.button(key=f"apply-{number}").disabled

    def test_signed_with_the_percent_then_applied(self, here: Office) -> None:
        number = here.proposed()
        app = here.page("dan", number)
        assert "Nothing changed: it was not confirmed: type 10" in press(app, f"sign-{number}")
        assert here.state(number) is RequestState.IN_REVIEW
        app.text_input(key=f"sign-{number}-word").set_value(" 10 ").run()
        words = press(app, f"sign-{number}")
        assert f"Done: request {number} is approved" in words
        assert "APPROVED" in words
        assert "this content, revision and evidence" in words
        assert here.state(number) is RequestState.APPROVED
        owner = here.page("alice", number)
        owner.text_input(key=f"apply-{number}-word").set_value("10").run()
        words = press(owner, f"apply-{number}")
        assert "Done: revision 3 is in force" in words
        assert "Applied by alice" in words
        assert "put it in force: revision 3" in words
        assert f"sign-{number}" not in [button.key for button in owner.button]

    @pytest.mark.parametrize("mode", [Mode.ENFORCE, Mode.SHADOW])
    def test_a_viewer_sees_everything_and_changes_nothing(self, tmp_path: Path, mode: Mode) -> None:
        with office(tmp_path, mode) as here:
            number = here.proposed()
            app = here.page("bob", number)
            assert "it takes the role approver" in said(app)
            for deed in ("sign", "apply", "reject"):
                assert app.button(key=f"{deed}-{number}").disabled
            assert not app.button(key=f"comment-{number}").disabled

    def test_a_button_that_a_page_disabled_does_nothing_either(self) -> None:
        with pytest.raises(NotSignedIn, match="takes the role"):
            Confirmed("10", "10", "it takes the role approver").check()
        with pytest.raises(InvalidChange, match="type `10`"):
            Confirmed("10", "1O", None).check()
        Confirmed("10", "10", None).check()
        Confirmed(None, "", None).check()

    def test_ones_own_is_not_signed(self, asked: tuple[Office, int]) -> None:
        here, number = asked
        app = here.page("alice", number)
        assert app.button(key=f"sign-{number}").disabled
        assert "somebody else must approve it" in said(app)
        assert "Edit it in Controls" in said(app)

    def test_lines_that_nobody_read_are_said_before_somebody_signs(self, here: Office) -> None:
        number = here.proposed()
        assert "Lines are missing" not in said(here.page("dan", number)) + said(here.page())
        st.cache_data.clear()
        gone = Gap(1, "/log/app.log", 10**6, 10**6 + 1_200, time.time_ns(), "removed")
        with here.seat.store.transaction() as cursor:
            record_gap(cursor, gone)
        for app in (here.page("dan", number), here.page()):
            assert "Lines are missing. 1,200 bytes of 1 log went before they were read" in said(app)
        here.do(lambda service: service.reject(DAN, number, "look at the logs first"))
        assert "Lines are missing" not in said(here.page("dan", number)) + said(here.page())

    def test_a_newcomer_is_told(self, asked: tuple[Office, int]) -> None:
        here, number = asked
        app = here.page("frank", number)
        assert app.button(key=f"sign-{number}").disabled
        assert "A signature of yours would not count" in said(app)

    def test_edited_between_looking_and_signing_is_a_conflict(self, here: Office) -> None:
        number = here.proposed()
        app = here.page("dan", number)
        app.text_input(key=f"sign-{number}-word").set_value("10").run()
        seen = here.do(lambda service: service.request(number)).content_digest
        here.do(
            lambda service: service.edit(
                ALICE, number, {"percent": 10}, replace(TERMS, reason="something else"), seen
            )
        )
        words = press(app, f"sign-{number}")
        assert "it was edited since you opened it; show it as it stands, then decide" in words
        assert "This request was edited since you opened it" in words
        assert "something else" in words
        assert app.button(key=f"sign-{number}").disabled
        assert here.state(number) is RequestState.IN_REVIEW
        again = here.page("dan", number)
        again.text_input(key=f"sign-{number}-word").set_value("10").run()
        assert "Done" in press(again, f"sign-{number}")

    def test_an_edit_takes_earlier_signatures_away(self, here: Office) -> None:
        number = here.proposed()
        here.do(lambda service: service.approve(DAN, number))
        seen = here.do(lambda service: service.request(number)).content_digest
        here.do(
            lambda service: service.edit(ALICE, number, {"percent": 10}, replace(TERMS, reason="x"), seen)
        )
        words = said(here.page("dan", number))
        assert "an earlier content: it does not count" in words
        assert "edited it: evidence frozen anew" in words

    def test_rejected_with_a_reason(self, here: Office) -> None:
        number = here.proposed()
        app = here.page("dan", number)
        assert "a rejection says why" in press(app, f"reject-{number}")
        app.text_input(key=f"reject-{number}-reason").set_value(EVIL).run()
        words = press(app, f"reject-{number}")
        assert f"Rejected: {EVIL} by dan" in words
        assert "<script" not in markup(app)
        assert here.state(number) is RequestState.REJECTED

    def test_void_says_why(self, here: Office) -> None:
        number = here.proposed()
        here.do(lambda service: service.narrow(CAROL, {"percent": 1}, "errors"))
        words = said(here.page("dan", number))
        assert "E_BASE_REVISION" in words
        here.do(lambda service: service.approve(DAN, number))
        words = said(here.page("dan", number))
        assert "Void because the controls moved to revision 3" in words
        assert "live evidence has no part in it any more" in words

    def test_expired_says_so(self, here: Office) -> None:
        number = here.proposed()
        day = 25 * 3600 * 10**9
        here.sql(f"UPDATE request SET created_at_ns = created_at_ns - {day}")
        words = said(here.page("dan", number))
        assert "expired; nobody closed it yet" in words
        assert "E_REQUEST_EXPIRED the request is older than 24 h" in words
        here.do(lambda service: service.approve(DAN, number))
        assert "EXPIRED" in said(here.page("dan", number))

    def test_killed_means_release_first(self, here: Office) -> None:
        number = here.proposed()
        here.do(lambda service: service.kill(CAROL, "empty pages"))
        words = said(here.page("dan", number))
        assert "KILLED every job gets a stub" in words
        assert here.page("dan", number).button(key=f"sign-{number}").disabled

    def test_a_release_takes_a_fresh_proof_and_its_word(self, here: Office) -> None:
        here.do(lambda service: service.kill(CAROL, "empty pages"))
        here.do(lambda service: service.reconcile())
        number = here.proposed(kill=False)
        here.do(lambda service: service.comment(CAROL, number, "fixed at 14:30"))
        app = here.page("dan", number)
        assert "▲ WIDENS kill kill switch on → off" in said(app)
        assert app.text_input(key=f"sign-{number}-word").label == "Type release to sign it"
        assert "fixed at 14:30" in said(app)

    def test_telemetry_that_cannot_be_read_is_said_and_stops_signing(self, here: Office) -> None:
        number = here.proposed(replace(TERMS, exception=None))
        with here.seat.store.transaction() as cursor:
            cursor.execute("ALTER TABLE telemetry RENAME TO gone")
        app = here.page("dan", number)
        words = said(app)
        assert "the telemetry could not be read, so any failure rate is possible" in words
        assert app.button(key=f"sign-{number}").disabled
        assert "E_NOT_EXPAND" in words

    def test_a_mode_change_and_a_person_are_told_in_words(self, here: Office) -> None:
        mode = here.do(lambda service: service.change_mode(ALICE, Mode.SHADOW, TERMS)).request
        assert "▲ WIDENS mode enforcement enforce → shadow" in said(here.page("dan", mode))

    def test_no_such_request_and_no_number(self, asked: tuple[Office, int]) -> None:
        here, _ = asked
        for number in ("99", "x", "1; DROP TABLE request", "-1", "٣", "9" * 40, EVIL):
            app = here.page("dan", number)
            assert "No such request" in said(app)
            assert "<script" not in markup(app)


class TestComments:
    def test_a_viewer_comments_once_and_the_box_is_empty_again(self, here: Office) -> None:
        number = here.proposed()
        app = here.page("bob", number)
        app.text_area(key=f"comment-{number}-words").set_value(f"why now? {EVIL}").run()
        words = press(app, f"comment-{number}")
        assert f"why now? {EVIL}" in words
        assert "your comment is on record" in words
        assert "<script" not in markup(app)
        assert app.text_area[0].value == ""
        app.run()
        assert len(here.do(lambda service: service.request_file(number)).comments) == 1

    def test_an_empty_one_is_refused(self, here: Office) -> None:
        number = here.proposed()
        assert "a comment says something" in press(here.page("bob", number), f"comment-{number}")


class TestInert:
    def test_whatever_people_wrote(self, here: Office) -> None:
        terms = Terms(reason=EVIL, decision_record="https://x.example/<script>", exception=EVIL)
        number = here.proposed(terms)
        for app in (here.page("dan"), here.page("dan", number)):
            assert EVIL in said(app)
            assert "<script" not in markup(app)
            assert "<img" not in markup(app)
            assert 'href="https://x.example' not in markup(app)


class TestBroken:
    def test_a_store_that_cannot_be_read(self, here: Office) -> None:
        number = here.proposed()
        apps = [page("review", here.people, "dan", **query) for query in ({}, {"request": str(number)})]
        here.sql("DROP TABLE request_editor")
        for app in apps:
            assert "The requests cannot be read" in said(app.run())

    def test_evidence_that_is_gone(self, here: Office) -> None:
        number = here.proposed()
        here.sql("DROP TRIGGER evidence_no_delete")
        here.sql("DELETE FROM evidence")
        app = here.page("dan", number)
        assert "The frozen evidence is gone or damaged" in said(app)
        assert app.button(key=f"sign-{number}").disabled

    def test_a_home_without_a_store(self, tmp_path: Path) -> None:
        home: Home = empty_home(tmp_path)
        publish(home, LIVE)
        seat = seated(home)
        seats.take(seat)
        try:
            assert "The requests cannot be read" in said(page("review").run())
        finally:
            seat.store.close()

    def test_nobody_signed_in(self, asked: tuple[Office, int]) -> None:
        _, number = asked
        app = page("review", request=str(number)).run()
        words = said(app)
        assert "Sign in to see what they would say to you" in words
        assert "sign in to sign it" in words
