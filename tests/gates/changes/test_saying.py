"""Bad outputs and statements: on record, withdrawn once, said by those who may."""

from typing import Any

import pytest

from gates.errors import AlreadyThere, InvalidChange, NotSignedIn, UnknownEntry
from gates.store.rows import OwedKind
from tests.gates.changes.world import ALICE, BOB, CAROL, DAVE, HOUR, TERMS, World


class TestBadOutputs:
    def test_a_report_is_asked_about_while_its_revision_is_in_force(self, world: World) -> None:
        world.to_canary_1()
        world.service.report_bad(CAROL, "job-1", "it insults the reader")
        (asked,) = world.service.question().bad_outputs
        assert (asked.job_id, asked.reported_by) == ("job-1", CAROL.actor_id)
        assert asked.reason == "it insults the reader"
        reported = world.service.newest().revision
        world.service.narrow(CAROL, {"feature": False})
        assert world.service.question().bad_outputs == ()
        assert world.service.question(reported).bad_outputs == (asked,)

    def test_is_withdrawn_by_anyone_who_may_report(self, world: World) -> None:
        world.service.report_bad(CAROL, "job-1", "wrong")
        world.service.report_bad(BOB, "job-2", "wrong")
        assert world.service.withdraw_bad(ALICE, "job-1", "it was right") == 1
        assert [one.job_id for one in world.service.question().bad_outputs] == ["job-2"]
        assert world.actions()[-3:] == ["report bad output", "report bad output", "withdraw bad output"]
        assert world.service.bad_outputs()[0].withdrawn_because == "it was right"
        with pytest.raises(UnknownEntry):
            world.service.withdraw_bad(ALICE, "job-1", "again")

    def test_twice_is_said(self, world: World) -> None:
        world.service.report_bad(CAROL, "job-1", "wrong")
        with pytest.raises(AlreadyThere, match="reported already"):
            world.service.report_bad(BOB, "job-1", "wrong")

    def test_takes_a_role_and_is_on_record(self, world: World) -> None:
        with pytest.raises(NotSignedIn, match="approver or engineering_owner or oncall"):
            world.service.report_bad(DAVE, "job-1", "wrong")
        with pytest.raises(NotSignedIn):
            world.service.withdraw_bad(DAVE, "job-1", "wrong")
        assert world.actions()[-2:] == ["report bad output refused", "withdraw bad output refused"]

    @pytest.mark.parametrize(
        ("job", "reason"), [("", "wrong"), (" ", "wrong"), ("j", " "), ("j" * 5000, "x")]
    )
    def test_needs_a_job_and_a_reason(self, world: World, job: str, reason: str) -> None:
        with pytest.raises(InvalidChange):
            world.service.report_bad(CAROL, job, reason)

    def test_a_job_id_is_echoed_harmlessly(self, world: World) -> None:
        with pytest.raises(UnknownEntry) as refusal:
            world.service.withdraw_bad(CAROL, "\x1b[2J\n" + "x" * 300, "wrong")
        assert str(refusal.value).isprintable()
        assert "\\u001b[2J\\u000a" in str(refusal.value)
        assert len(str(refusal.value)) < 300


class TestStatements:
    def sign(self, world: World, **changes: Any) -> int:
        said: dict[str, Any] = {"item": "flight-ci-green", "link": "https://ci.example/7", "text": "green"}
        return world.service.sign_statement(BOB, **(said | changes))

    def test_are_signed_and_withdrawn(self, world: World) -> None:
        until = world.clock.now + HOUR
        self.sign(world, expires_ns=until)
        self.sign(world, item="ready-fallback")
        first, _ = world.service.statements()
        assert (first.item, first.author, first.expires_ns) == ("flight-ci-green", BOB.actor_id, until)
        assert first.link == "https://ci.example/7"
        assert world.service.withdraw_statement(CAROL, "flight-ci-green", "it is red") == 1
        assert [one.withdrawn_because for one in world.service.statements()] == ["it is red", None]
        with pytest.raises(UnknownEntry):
            world.service.withdraw_statement(CAROL, "flight-ci-green", "again")
        assert world.actions()[-3:] == ["sign statement", "sign statement", "withdraw statement"]

    def test_take_a_role_a_link_and_a_time_to_come(self, world: World) -> None:
        with pytest.raises(NotSignedIn):
            world.service.sign_statement(DAVE, "flight-ci-green", "https://ci.example/7", "green")
        wrong: tuple[dict[str, Any], ...] = (
            *({"link": link} for link in ("", "the wiki", "https://ci.example/\x1b[2J", "x" * 5000)),
            *({"text": text} for text in ("", " ", "x" * 5000)),
            {"expires_ns": world.clock.now - 1},
            {"item": "change-path"},  # computed: nobody signs it
        )
        for changes in wrong:
            with pytest.raises(InvalidChange):
                self.sign(world, **changes)
        for item in ("", "of-nobody"):
            with pytest.raises(UnknownEntry, match="slotgate beta"):
                self.sign(world, item=item)
            with pytest.raises(UnknownEntry, match="slotgate beta"):
                world.service.withdraw_statement(BOB, item, "why not")
        assert world.service.statements() == ()

    def test_end_at_the_bound_of_their_item(self, world: World) -> None:
        self.sign(world)
        self.sign(world, expires_ns=world.clock.now + 1000 * HOUR)
        assert [one.expires_ns for one in world.service.statements()] == [
            one.at_ns + 7 * 24 * HOUR for one in world.service.statements()
        ]

    def test_an_id_of_the_decision_record_is_a_link(self, world: World) -> None:
        assert self.sign(world, link="INC-7") == 1


class TestDebts:
    def test_a_reason_is_given_by_whoever_may_say_things(self, killed: World) -> None:
        (debt,) = killed.service.owed()
        with pytest.raises(NotSignedIn, match="takes the role"):
            killed.service.give(DAVE, debt.owed_id, "I saw it")
        assert killed.actions()[-1] == "give owed refused"
        killed.service.give(BOB, debt.owed_id, "empty pages")
        assert killed.service.owed() == ()
        with pytest.raises(AlreadyThere):
            killed.service.give(BOB, debt.owed_id, "empty pages")
        with pytest.raises(UnknownEntry):
            killed.service.give(BOB, 99, "empty pages")

    def test_nobody_reviews_their_own_release(self, killed: World) -> None:
        assert killed.service.break_glass(CAROL, TERMS).revision is not None
        debt = next(one for one in killed.service.owed() if one.kind is OwedKind.RELEASE_REVIEW)
        with pytest.raises(NotSignedIn, match="somebody else"):
            killed.service.give(CAROL, debt.owed_id, "all was well")
        killed.service.give(BOB, debt.owed_id, "looked at every job")
