"""The days before now: a real home, every change through the service, every step of the ladder seen."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from dashboard.demo.deeds import Acknowledge
from dashboard.demo.past import back_fill
from dashboard.demo.people import ALICE, BOB, FOUNDER
from dashboard.demo.story import PAST_CHANGES
from gates.controls.publish import Publisher
from gates.home import Home
from gates.policy.diff import Dimension, Direction, diff
from gates.policy.intent import Mode
from gates.policy.values import control_values
from gates.store.audit.verify import Intact, verify
from gates.store.rows import RevisionKind, RevisionRow, TokenScope
from gates.store.store import Store
from gates.store.tokens import TokenAccepted, check_token, token_id_of
from ingest.report.report import Selection, report
from schemas.stages import STAGE_OF, Step
from tests.dashboard.record import seated

pytestmark = pytest.mark.timeout(400)  # some ten seconds of work, but it may not be alone


@dataclass(frozen=True)
class Made:
    """A demo home with a thin history."""

    home: Home
    store: Store
    ran: int
    tokens: dict[str, str]

    @property
    def revisions(self) -> list[RevisionRow]:
        with self.store.read() as tx:
            return list(tx.revisions.all())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    home = Home(tmp_path_factory.mktemp("demo") / "home")
    told: list[float] = []
    ran, tokens = back_fill(home, "seed", time.time_ns(), told.append, jobs_an_hour=8)
    assert told[-1] == 1.0
    store = Store.open(home.store)
    yield Made(home, store, ran, dict(tokens))
    store.close()


def test_every_run_is_in_the_record_and_every_step_is_seen(made: Made) -> None:
    seat = seated(made.home)
    with seat.store.cursor() as cursor:
        found = report(cursor, Selection())
    seat.store.close()
    assert found["totals"]["lines"] + found["quarantine"]["count"] == made.ran
    assert found["unattributed"]["lines"] == 0
    assert {entry["step"] for entry in found["steps"]} == set(Step) - {Step.OFF_LADDER}
    codes = {(one["path"], one["errorCode"]) for one in found["totals"]["by_outcome"]}
    assert {("stub", "KILL_SWITCH"), ("stub", "NOT_ALLOWLISTED"), ("stub", "ROLLOUT_EXCLUDED")} <= codes


def test_the_story_is_told_by_revisions_in_its_order(made: Made) -> None:
    revisions = made.revisions
    assert len(revisions) == 1 + sum(not isinstance(change.deed, Acknowledge) for change in PAST_CHANGES)
    assert revisions[0].kind is RevisionKind.INIT
    times = [row.effective_at_ns for row in revisions]
    assert times == sorted(set(times))
    kinds = Counter(row.kind for row in revisions)
    assert kinds[RevisionKind.KILL] == 1
    assert kinds[RevisionKind.LATE] == 0
    stages = [STAGE_OF[Step(row.step)] for row in revisions if row.kind is RevisionKind.WIDENING]
    assert stages == sorted(stages, key=lambda stage: -1 if stage is None else stage.value)
    assert dict(revisions[-1].after) == Publisher(made.home, time.time_ns).in_force().document


def test_one_dimension_moves_at_a_time(made: Made) -> None:
    for row in made.revisions[1:]:
        assert row.before is not None
        deltas = diff(control_values(row.before), control_values(row.after))
        moved = {delta.dimension for delta in deltas if delta.direction is not Direction.NEUTRAL}
        assert len(moved) == 1 or row.step == Step.STEADY
        assert moved <= set(Dimension)


def test_two_people_made_every_widening_and_one_every_narrowing(made: Made) -> None:
    with made.store.read() as tx:
        for row in made.revisions[1:]:
            if row.kind is not RevisionKind.WIDENING:
                assert row.actor_id == BOB.actor_id
                continue
            assert row.request_number is not None
            request = tx.requests.get(row.request_number)
            assert request is not None
            assert request.requester == ALICE.actor_id
            assert [one.approver_id for one in tx.approvals.of(row.request_number)] == [BOB.actor_id]
        assert not list(tx.requests.open())
        assert not list(tx.owed.open())
        assert tx.settings.get("mode") == Mode.SHADOW.value
        assert tx.settings.get("environment") == "demo"


def test_the_chain_is_whole_and_no_rule_of_order_was_broken(made: Made) -> None:
    with made.store.read() as tx:
        records = list(tx.audit.iterate())
        codes = {code for record in records for code in json.loads(record.body)["reason_codes"]}
    assert isinstance(verify(iter(records)), Intact)
    assert codes <= {"E_NOT_EXPAND", "E_NOT_VERIFIED", "E_APPROVAL_MISSING", "E_STEADY_CRITERIA"}


def test_everybody_has_a_token_that_opens(made: Made) -> None:
    with made.store.read() as tx:
        for actor in (ALICE, BOB, FOUNDER):
            text = made.tokens[actor.actor_id.partition("|")[2]]
            token = tx.tokens.get(token_id_of(text) or "")
            operator = tx.operators.get(actor.actor_id)
            answer = check_token(text, token, operator, needs=TokenScope.ALL, now_ns=time.time_ns())
            assert isinstance(answer, TokenAccepted)
            assert operator is not None
            assert operator.roles == actor.roles
