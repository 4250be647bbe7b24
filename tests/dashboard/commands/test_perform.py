"""Commands of pages: who may, how often, and what failures say."""

from pathlib import Path
from threading import Barrier, Thread

from dashboard.auth.entering import by_token
from dashboard.auth.visitor import STEP_UP_NS, Visitor
from dashboard.commands.outcome import CommandOutcome, Cure, Done, Refused
from dashboard.commands.perform import Deed, Needs, Performer
from dashboard.server.seat import Seat
from gates.changes.answers import Answer
from gates.changes.content import Terms
from gates.changes.service import ChangeService
from gates.errors import StoreLocked
from gates.policy.intent import Actor
from tests.dashboard.auth.town import Town
from tests.dashboard.views.pages import seated_town


def visitor(people: Town, who: str = "alice") -> Visitor:
    found = people.access.again(by_token(people.access, people.tokens[who], "test").session.name)
    assert found is not None
    return found


def percent(value: int) -> Deed:
    def deed(service: ChangeService, actor: Actor) -> Answer:
        return service.propose_narrowing(actor, {"percent": value}, Terms(reason="less"))

    return deed


def performer(seat: Seat) -> Performer:
    assert seat.performer is not None
    return seat.performer


def test_a_click_that_arrives_many_times_is_done_once(tmp_path: Path) -> None:
    with seated_town(tmp_path) as (people, seat):
        alice, together, seen = visitor(people), Barrier(4), []

        def click() -> None:
            together.wait()
            seen.append(performer(seat).perform(alice, "n1", "narrow", Needs.SESSION, percent(3)))

        threads = [Thread(target=click) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(one is seen[0] for one in seen)
        assert isinstance(seen[0], Done)
        with seat.to_look() as service:
            assert [row.after["percent"] for row in service.revisions()][-2:] == [5, 3]


def test_another_person_with_the_same_number_is_not_the_same_click(tmp_path: Path) -> None:
    with seated_town(tmp_path) as (people, seat):
        first = performer(seat).perform(visitor(people), "n1", "narrow", Needs.SESSION, percent(3))
        other = performer(seat).perform(visitor(people, "carol"), "n1", "narrow", Needs.SESSION, percent(2))
        assert isinstance(first, Done)
        assert isinstance(other, Done)
        assert first is not other


def test_nobody_and_an_ended_session_are_refused(tmp_path: Path) -> None:
    with seated_town(tmp_path) as (people, seat):
        alice = visitor(people)
        assert alice.session is not None
        people.access.sessions.revoke(alice.session)
        for who in (None, people.access.again(alice.session)):
            found = performer(seat).perform(who, "n", "narrow", Needs.SESSION, percent(3))
            assert found == Refused("nobody is signed in any more; sign in again", cure=Cure.SIGN_IN)


def test_an_old_proof_is_refused_on_record_and_nothing_happens(tmp_path: Path) -> None:
    with seated_town(tmp_path) as (people, seat):
        alice = visitor(people)
        people.clock.now += STEP_UP_NS
        done: list[str] = []

        def deed(_service: ChangeService, _actor: Actor) -> str:
            done.append("it")
            return "done"

        found = performer(seat).perform(alice, "n", "unkill", Needs.FRESH_PROOF, deed)
        assert isinstance(found, Refused)
        assert found.cure is Cure.STEP_UP
        assert done == []
        assert ("local|alice", "unkill refused", "the proof is too old") in people.actions()
        fresh = visitor(people)
        assert performer(seat).perform(fresh, "n", "unkill", Needs.FRESH_PROOF, deed) == Done("done")


def test_a_viewer_is_refused_by_the_policy_and_on_record(tmp_path: Path) -> None:
    with seated_town(tmp_path) as (people, seat):
        found: CommandOutcome = performer(seat).perform(
            visitor(people, "bob"),
            "n",
            "narrow",
            Needs.SESSION,
            percent(3),
        )
        assert isinstance(found, Refused)
        with seat.to_look() as service:
            assert service.newest().after["percent"] == 5


def test_a_failure_is_said_and_the_next_click_is_a_new_one(tmp_path: Path) -> None:
    with seated_town(tmp_path) as (people, seat):
        alice, failing = visitor(people), [StoreLocked("the store is locked; try again"), ValueError("odd")]

        def deed(_service: ChangeService, _actor: Actor) -> str:
            if failing:
                raise failing.pop(0)
            return "done"

        said = [performer(seat).perform(alice, "n", "try", Needs.SESSION, deed) for _ in range(3)]
        assert said[0] == Refused("the store is locked; try again")
        assert isinstance(said[1], Refused)
        assert "odd" not in said[1].words
        assert said[2] == Done("done")
