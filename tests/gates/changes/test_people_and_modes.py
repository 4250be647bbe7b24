"""Operators, tokens and the enforcement mode pass the same boundary."""

from pathlib import Path

import pytest

from gates.changes.content import Terms
from gates.changes.modes import require_agreement
from gates.changes.people import AddOperator, DisableOperator, IssueToken, RevokeToken, SetRoles, carry_out
from gates.errors import ModeUnknown, UnknownEntry
from gates.policy.intent import Actor, Mode, Role
from gates.policy.outcome import Outcome
from gates.store.rows import TokenScope
from gates.store.tokens import token_id_of
from tests.gates.changes.test_lifecycle import codes
from tests.gates.changes.world import ALICE, BOB, CAROL, ERIN, HOUR, TERMS, World

FRANK = AddOperator("local|frank", frozenset({Role.APPROVER}))


def exists(world: World, operator_id: str) -> bool:
    with world.store.read() as tx:
        return tx.operators.get(operator_id) is not None


class TestPeople:
    def test_adding_takes_two(self, world: World) -> None:
        answer = world.service.change_people(ALICE, FRANK, TERMS)
        assert answer.request is not None
        assert not exists(world, "local|frank")
        assert codes(world.service.apply(ALICE, answer.request)) == {"E_APPROVAL_MISSING"}
        world.service.approve(BOB, answer.request)
        assert world.service.apply(ALICE, answer.request).exit_code == 0
        assert exists(world, "local|frank")

    def test_a_token_is_shown_to_whoever_applies(self, world: World) -> None:
        wish = IssueToken(BOB.actor_id, TokenScope.KILL, 30)
        number = world.service.change_people(ALICE, wish, TERMS).request
        assert number is not None
        world.service.approve(BOB, number)
        secret = world.service.apply(ALICE, number).secret
        assert secret is not None
        token_id = token_id_of(secret)
        assert token_id is not None
        with world.store.read() as tx:
            row = tx.tokens.get(token_id)
        assert row is not None
        assert (row.operator_id, row.scope) == (BOB.actor_id, TokenScope.KILL)
        assert world.service.change_people(ALICE, RevokeToken(token_id), TERMS).exit_code == 0

    @pytest.mark.parametrize(
        "wish", [DisableOperator("local|bob"), SetRoles("local|erin", frozenset({Role.APPROVER}))], ids=str
    )
    def test_taking_away_takes_one(self, world: World, wish: DisableOperator | SetRoles) -> None:
        answer = world.service.change_people(ALICE, wish, TERMS)
        assert answer.decision.outcome is Outcome.ALLOWED
        assert answer.request is None

    def test_a_disabled_approver_signs_nothing(self, world: World) -> None:
        world.verified()
        number = world.service.propose(ALICE, {"feature": True}, TERMS).request
        assert number is not None
        world.service.approve(BOB, number)
        world.service.change_people(ALICE, DisableOperator("local|bob"), TERMS)
        assert codes(world.service.apply(ALICE, number)) == {"E_APPROVAL_MISSING"}

    @pytest.mark.parametrize("mode", Mode)
    def test_the_last_admin_stays(self, tmp_path: Path, mode: Mode) -> None:
        world = World(tmp_path, mode)
        without = frozenset({Role.APPROVER})
        assert codes(world.service.change_people(ALICE, SetRoles("local|erin", without), TERMS)) == set()
        for wish in (
            DisableOperator("local|alice"),
            SetRoles("local|alice", frozenset({Role.ENGINEERING_OWNER})),
        ):
            answer = world.service.change_people(ALICE, wish, TERMS)
            assert answer.decision.outcome is Outcome.BLOCKED
            assert codes(answer) == {"E_LAST_ADMIN"}
        answer = world.service.change_people(ALICE, SetRoles("local|alice", without), TERMS)
        assert answer.decision.outcome is Outcome.BLOCKED
        assert "E_LAST_ADMIN" in codes(answer)
        with world.store.read() as tx:
            row = tx.operators.get("local|alice")
        assert row is not None
        assert (row.roles, row.disabled_at_ns) == (ALICE.roles, None)

    def test_who_became_the_last_admin_since_the_request_stays(self, world: World) -> None:
        swapped = SetRoles("local|alice", frozenset({Role.APPROVER}))
        number = world.service.change_people(ALICE, swapped, TERMS).request
        assert number is not None
        assert codes(world.service.approve(BOB, number)) == set()
        assert world.service.change_people(ALICE, DisableOperator("local|erin"), TERMS).exit_code == 0
        assert "E_LAST_ADMIN" in codes(world.service.apply(ALICE, number))
        with world.store.read() as tx:
            row = tx.operators.get("local|alice")
        assert row is not None
        assert Role.ADMIN in row.roles

    def token(self, world: World, operator_id: str, scope: TokenScope = TokenScope.ALL, days: int = 1) -> str:
        with world.store.begin() as tx:
            before = {one.token_id for one in tx.tokens.all()}
            carry_out(tx, IssueToken(operator_id, scope, days), by=None, at_ns=world.clock())
            return ({one.token_id for one in tx.tokens.all()} - before).pop()

    @pytest.mark.parametrize("mode", Mode)
    def test_the_last_token_of_an_admin_stays(self, tmp_path: Path, mode: Mode) -> None:
        world = World(tmp_path, mode)
        last, lapsing = self.token(world, "local|alice", days=9), self.token(world, "local|erin")
        for other in (self.token(world, "local|erin", TokenScope.KILL), self.token(world, "local|bob")):
            assert world.service.change_people(ALICE, RevokeToken(other), TERMS).exit_code == 0
        world.clock.now += 25 * HOUR  # of erin's only the kill token was left, and that was revoked
        for wish in (RevokeToken(last), DisableOperator("local|alice")):
            answer = world.service.change_people(ALICE, wish, TERMS)
            assert answer.decision.outcome is Outcome.BLOCKED
            assert codes(answer) == {"E_LAST_ADMIN"}
        assert world.service.change_people(ALICE, RevokeToken(lapsing), TERMS).exit_code == 0
        another = self.token(world, "local|erin")
        assert world.service.change_people(ALICE, RevokeToken(last), TERMS).exit_code == 0
        assert codes(world.service.change_people(ALICE, RevokeToken(another), TERMS)) == {"E_LAST_ADMIN"}

    def test_a_token_for_the_last_admin(self, world: World) -> None:
        world.service.change_people(ALICE, DisableOperator("local|erin"), TERMS)
        wish = IssueToken("local|alice", TokenScope.ALL, 1)
        number = world.service.change_people(ALICE, wish, TERMS).request
        assert number is not None
        world.service.approve(BOB, number)
        assert world.service.apply(ALICE, number).secret is not None

    def test_only_an_admin(self, world: World) -> None:
        assert codes(world.service.change_people(CAROL, FRANK, TERMS)) >= {"E_ROLE"}
        assert codes(world.service.change_people(CAROL, DisableOperator("local|bob"), TERMS)) == {"E_ROLE"}

    def test_a_newcomer_approves_nothing_of_their_sponsor_for_a_day(self, world: World) -> None:
        number = world.service.change_people(ALICE, FRANK, TERMS).request
        assert number is not None
        world.service.approve(BOB, number)
        world.service.apply(ALICE, number)
        frank = Actor("local|frank", frozenset({Role.APPROVER}))
        world.verified()
        for wait, expected in ((0, {"E_APPROVER_ADDED"}), (25 * HOUR, set())):
            world.clock.now += wait
            request = world.service.propose(ALICE, {"feature": True}, TERMS).request
            assert request is not None
            world.service.approve(frank, request)
            assert codes(world.service.apply(ALICE, request)) == expected

    @pytest.mark.parametrize(
        "wish",
        [SetRoles("local|x", frozenset()), IssueToken("local|x", TokenScope.ALL, 1), RevokeToken("x")],
        ids=str,
    )
    def test_nobody(self, world: World, wish: SetRoles | IssueToken | RevokeToken) -> None:
        with pytest.raises(UnknownEntry):
            world.service.change_people(ALICE, wish, TERMS)

    def test_at_once_in_shadow_and_on_record(self, tmp_path: Path) -> None:
        world = World(tmp_path, Mode.SHADOW)
        answer = world.service.change_people(ALICE, FRANK, TERMS)
        assert answer.decision.outcome is Outcome.WOULD_BLOCK
        assert exists(world, "local|frank")


class TestMode:
    def test_up_takes_one_and_the_checks(self, tmp_path: Path) -> None:
        world = World(tmp_path, Mode.SHADOW)
        assert world.service.acceptance().passed
        assert world.service.change_mode(CAROL, Mode.ENFORCE, Terms()).decision.outcome is Outcome.BLOCKED
        assert world.service.change_mode(ALICE, Mode.ENFORCE, Terms()).exit_code == 0
        assert world.service.mode() is Mode.ENFORCE

    def test_not_with_one_person(self, tmp_path: Path) -> None:
        world = World(tmp_path, Mode.SHADOW)
        for name in ("local|bob", "local|erin"):
            world.service.change_people(ALICE, DisableOperator(name), Terms())
        answer = world.service.change_mode(ALICE, Mode.ENFORCE, Terms())
        assert codes(answer) == {"E_MODE_CHECKS"}
        assert world.service.mode() is Mode.SHADOW

    def test_not_with_a_foreign_control_file(self, tmp_path: Path) -> None:
        world = World(tmp_path, Mode.SHADOW)
        world.home.control_file.write_bytes(b"{}")
        assert codes(world.service.change_mode(ALICE, Mode.ENFORCE, Terms())) == {"E_MODE_CHECKS"}

    def test_down_takes_two(self, world: World) -> None:
        first = world.service.change_mode(ALICE, Mode.OFF, TERMS)
        assert first.request is not None
        assert world.service.mode() is Mode.ENFORCE
        assert codes(world.service.approve(ERIN, first.request)) == set()
        assert world.service.apply(ALICE, first.request).exit_code == 0
        assert world.service.mode() is Mode.OFF

    def test_rollback_is_one_command(self, tmp_path: Path) -> None:
        world = World(tmp_path, Mode.SHADOW)
        world.service.change_mode(ALICE, Mode.ENFORCE, Terms())
        number = world.service.rollback_mode(ALICE, TERMS).request
        assert number is not None
        assert codes(world.service.rollback_mode(ALICE, TERMS)) == {"E_APPROVAL_MISSING"}
        world.service.approve(BOB, number)
        assert world.service.rollback_mode(ALICE, TERMS).exit_code == 0
        assert world.service.mode() is Mode.SHADOW

    @pytest.mark.parametrize("said", ["", "shadow", "ENFORCE", "none"])
    def test_the_environment_must_not_contradict(self, world: World, said: str) -> None:
        with world.store.read() as tx, pytest.raises(ModeUnknown):
            require_agreement(tx, {"ENFORCEMENT_MODE": said})

    def test_the_environment_may_repeat(self, world: World) -> None:
        with world.store.read() as tx:
            assert require_agreement(tx, {"ENFORCEMENT_MODE": "enforce"}) is Mode.ENFORCE
            assert require_agreement(tx, {}) is Mode.ENFORCE

    @pytest.mark.parametrize("stored", ["", "Enforce", "strict"])
    def test_an_unknown_mode_stops_all_but_narrowing(self, world: World, stored: str) -> None:
        world.to_canary_1()
        with world.store.begin() as tx:
            tx.settings.set("mode", stored)
        with pytest.raises(ModeUnknown):
            world.service.propose(ALICE, {"percent": 5}, TERMS)
        assert world.service.narrow(CAROL, {"feature": False}).revision is not None
        assert world.service.kill(CAROL).stopped.killed


class TestBreakGlass:
    def test_alone_for_an_hour_whatever_runs(self, killed: World) -> None:
        answer = killed.service.break_glass(CAROL, TERMS)
        assert answer.revision is not None
        assert killed.is_live()
        killed.clock.now += HOUR
        assert not killed.is_live()
        assert [finding.code for finding in killed.service.reconcile()] == ["RELEASE_ENDED"]
        killed.clock.now -= HOUR
        assert not killed.is_live()

    def test_a_clock_before_it_kills(self, killed: World) -> None:
        killed.service.break_glass(CAROL, TERMS)
        killed.clock.now -= HOUR
        assert not killed.is_live()

    def test_not_while_a_review_is_owed(self, killed: World) -> None:
        killed.service.break_glass(CAROL, TERMS)
        killed.service.kill(CAROL, "enough")
        killed.service.reconcile()
        assert codes(killed.service.break_glass(ALICE, TERMS)) == {"E_BREAK_GLASS"}
        debt = next(debt for debt in killed.service.owed() if debt.kind.value == "release_review")
        killed.service.give(BOB, debt.owed_id, "nothing to regret")
        assert killed.service.break_glass(ALICE, TERMS).revision is not None

    def test_not_at_the_end_of_the_enable_sequence(self, world: World) -> None:
        answer = world.service.break_glass(ALICE, TERMS)
        assert answer.decision.outcome is Outcome.BLOCKED
        assert "E_BREAK_GLASS" in codes(answer)

    def test_nothing_else_widens_under_it(self, killed: World) -> None:
        killed.service.break_glass(CAROL, TERMS)
        killed.expand()
        answer = killed.service.propose(ALICE, {"percent": 5}, TERMS)
        assert answer.decision.outcome is Outcome.BLOCKED

    def test_a_review_makes_it_last(self, killed: World) -> None:
        killed.service.break_glass(CAROL, TERMS)
        killed.verified()
        killed.carry({"kill": False})
        assert killed.newest["breakGlassUntil"] is None
        killed.clock.now += 2 * HOUR
        assert killed.is_live()

    def test_narrowing_under_it_keeps_its_end(self, killed: World) -> None:
        killed.service.break_glass(CAROL, TERMS)
        until = killed.newest["breakGlassUntil"]
        killed.service.narrow(CAROL, {"rolloutZero": "nobody", "validUntil": "2100-01-01T00:00:00Z"})
        assert killed.newest["breakGlassUntil"] == until
        assert killed.is_live()
