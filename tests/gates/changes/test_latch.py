"""ROLL BACK stands until somebody acknowledges it, and is not acknowledged while it goes on."""

import json
from pathlib import Path

import pytest

from gates.policy.evidence import ReviewEvidence, Verification
from gates.policy.intent import Mode
from gates.policy.outcome import Outcome
from gates.store.review_rows import ReviewMoment
from gates.verdict.words import VerdictWord
from tests.gates.changes.world import ALICE, BOB, CAROL, DAVE, TERMS, World

SENTENCE = "ROLL BACK: 5 of 15 failed; at least 5.2 %, limit 5 %."


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.to_canary_1()
    return world


def goes_wrong(world: World) -> None:
    world.evidence.put(VerdictWord.ROLL_BACK, Verification.PASSED)
    world.evidence.document = json.dumps({"verdict": {"sentence": SENTENCE}})


def seen(world: World) -> ReviewEvidence:
    return world.evidence.evidence(world.service.question())


class TestLatching:
    def test_a_look_latches_once_and_stands(self, world: World) -> None:
        goes_wrong(world)
        revision = world.newest["revision"]
        assert world.service.note_verdict(BOB.actor_id, seen(world))
        before = world.actions()
        assert before[-1] == "latch roll back"
        assert not world.service.note_verdict(BOB.actor_id, seen(world))
        world.expand()
        assert world.service.note_verdict(BOB.actor_id, seen(world))  # another word: history, no latch
        assert world.actions() == before
        assert world.service.question().latched == f"revision {revision}: {SENTENCE}"

    def test_every_review_of_a_change_latches(self, world: World) -> None:
        goes_wrong(world)
        world.service.propose(ALICE, {"percent": 5}, TERMS)
        assert world.service.question().latched is not None
        world.expand()
        refused = world.service.approve(BOB, 5)
        assert "E_ROLLED_BACK" in refused.decision.reason_codes

    def test_only_of_what_is_in_force(self, world: World) -> None:
        goes_wrong(world)
        old = seen(world)
        world.service.narrow(CAROL, {"feature": False})
        assert not world.service.note_verdict(BOB.actor_id, old)
        assert world.service.question().latched is None

    def test_narrowing_is_never_held_up(self, world: World) -> None:
        goes_wrong(world)
        world.service.note_verdict(BOB.actor_id, seen(world))
        assert world.service.narrow(CAROL, {"feature": False}).revision is not None

    def test_a_past_revision_is_not_rolled_back_by_it(self, world: World) -> None:
        goes_wrong(world)
        world.service.note_verdict(BOB.actor_id, seen(world))
        assert world.service.question(world.newest["revision"] - 1).latched is None

    def test_what_it_was_said_on_is_kept(self, world: World) -> None:
        goes_wrong(world)
        world.service.note_verdict(BOB.actor_id, seen(world))
        with world.store.read() as tx:
            tail = tx.audit.tail()
        assert tail is not None
        record = json.loads(tail.body)
        kept = json.loads(world.service.frozen_review(record["after"]["evidence"]))
        assert kept["document"] == world.evidence.document
        assert record["after"]["words"].endswith(SENTENCE)


class TestAcknowledging:
    def latched(self, world: World) -> None:
        goes_wrong(world)
        world.service.note_verdict(BOB.actor_id, seen(world))

    def test_not_while_it_goes_on(self, world: World) -> None:
        self.latched(world)
        refused = world.service.acknowledge(CAROL, "we know the cause")
        assert [code.value for code in refused.decision.reason_codes] == ["E_ROLLED_BACK"]
        assert refused.exit_code == 1
        assert SENTENCE in refused.words
        assert world.service.question().latched is not None

    def test_the_question_leaves_the_latch_out(self, world: World) -> None:
        """Else what stands would be the reason why it stands."""
        self.latched(world)
        world.service.acknowledge(CAROL, "we know the cause")
        assert world.evidence.asked is not None
        assert world.evidence.asked.latched is None

    def test_under_the_kill(self, world: World) -> None:
        self.latched(world)
        world.service.kill(CAROL)
        world.service.reconcile()
        done = world.service.acknowledge(CAROL, "a bad prompt, taken back")
        assert done.decision.outcome is Outcome.ALLOWED
        assert SENTENCE in done.words
        assert world.service.question().latched is None
        assert world.actions()[-1] == "acknowledge"

    def test_when_another_revision_does_well(self, world: World) -> None:
        self.latched(world)
        world.service.narrow(CAROL, {"allowlist": {**world.newest["allowlist"], "enabled": False}})
        world.evidence.put(VerdictWord.NOT_ENOUGH_DATA, Verification.NOT_ENOUGH)
        assert world.service.acknowledge(ALICE, "that rule was it").decision.allow

    def test_a_look_that_was_under_way_does_not_bring_it_back(self, world: World) -> None:
        """It was formed while the ROLL BACK stood, says nothing else, and is noted after its end."""
        self.latched(world)
        world.service.narrow(CAROL, {"allowlist": {**world.newest["allowlist"], "enabled": False}})
        repeats = {"sentence": f"ROLL BACK: not acknowledged yet: {SENTENCE}", "stops": []}
        world.evidence.document = json.dumps({"verdict": repeats})
        under_way = seen(world)
        world.evidence.put(VerdictWord.NOT_ENOUGH_DATA, Verification.NOT_ENOUGH)
        assert world.service.acknowledge(ALICE, "that rule was it").decision.allow
        world.service.note_verdict(BOB.actor_id, under_way)
        assert world.service.question().latched is None
        own = {"sentence": SENTENCE, "stops": ["5 of 15 failed"]}
        goes_wrong(world)
        world.evidence.document = json.dumps({"verdict": own})
        world.service.note_verdict(BOB.actor_id, seen(world))
        assert world.service.question().latched is not None

    @pytest.mark.parametrize("mode", Mode)
    def test_takes_a_role_and_a_reason_in_every_mode(self, world: World, mode: Mode) -> None:
        self.latched(world)
        with world.store.begin() as tx:
            tx.settings.set("mode", mode.value)
        world.expand()
        codes = [
            [code.value for code in world.service.acknowledge(actor, reason).decision.reason_codes]
            for actor, reason in ((DAVE, "because"), (BOB, "because"), (CAROL, " "))
        ]
        assert codes == [["E_ROLE"], ["E_ROLE"], ["E_REASON_REQUIRED"]]
        assert world.service.acknowledge(CAROL, "because").decision.allow

    def test_of_nothing_is_said(self, world: World) -> None:
        refused = world.service.acknowledge(CAROL, "because")
        assert [code.value for code in refused.decision.reason_codes] == ["E_NO_CHANGE"]

    def test_afterwards_the_ladder_goes_on(self, world: World) -> None:
        self.latched(world)
        world.expand()
        assert world.service.acknowledge(CAROL, "it was the test data").decision.allow
        world.carry({"percent": 5})


class TestHistory:
    def test_every_step_of_a_change_is_part_of_it(self, world: World) -> None:
        world.expand()
        world.evidence.document = '{"a":1}'
        revision = world.newest["revision"]
        world.carry({"percent": 5})
        looks = world.service.reviews(revision=revision)
        assert [look.moment for look in looks] == [
            ReviewMoment.PROPOSE,
            ReviewMoment.APPROVE,
            ReviewMoment.APPLY,
        ]
        assert {look.step for look in looks} == {"canary-1"}
        assert world.service.reviews(step="canary-1") == looks
        assert world.service.reviews(step="canary-5") == world.service.reviews() == ()
        for look in looks:
            assert look.evidence_digest is not None
            kept = json.loads(world.service.frozen_review(look.evidence_digest))
            assert kept["document"] == '{"a":1}'

    def test_a_frozen_review_is_shown_byte_for_byte(self, world: World) -> None:
        from hashlib import sha256

        world.expand()
        digest = world.service.freeze_review(CAROL, seen(world))
        data = world.service.frozen_review(digest)
        assert digest == f"sha256:{sha256(data).hexdigest()}"
        assert world.service.freeze_review(CAROL, seen(world)) == digest
        assert [look.moment for look in world.service.reviews()] == [ReviewMoment.FREEZE] * 2
