"""The live part by a clock that runs as fast as it can: every word of a verdict, for the right reason."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from dashboard.demo.deeds import Kill, Narrow
from dashboard.demo.director import HANDS_OFF
from dashboard.demo.people import ALICE, BOB
from dashboard.demo.scenes import EMERGENCY, ROUND
from dashboard.demo.story import Trouble
from gates.changes.content import Terms
from gates.changes.killing import kill
from gates.home import Home
from gates.policy.intent import Actor, Mode, Role
from gates.store.rows import RevisionKind
from gates.verdict.evidence import KillState
from gates.verdict.verdict import CheckName, CheckState, HoldCode, Readiness, Verdict
from gates.verdict.words import VerdictWord
from tests.dashboard.demo.stage import Climbed, Stage, climbed

pytestmark = pytest.mark.timeout(400)  # some ten seconds of work, but it may not be alone
ROUND_S = 1_500
REVIEW = "  review: "
STRANGER = Actor("local|carol", frozenset({Role.ONCALL}))


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Climbed:
    """What every stage begins with."""
    return climbed(Home(tmp_path_factory.mktemp("before") / "home"))


@pytest.fixture
def stage(before: Climbed, tmp_path: Path) -> Iterator[Stage]:
    with ExitStack() as held:
        yield before.copied(tmp_path / "home", held)


@pytest.fixture(scope="module")
def whole_round(before: Climbed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The stage after one round."""
    with ExitStack() as held:
        stage = before.copied(tmp_path_factory.mktemp("round") / "home", held)
        for _ in stage.play(ROUND_S):
            if stage.said.count(ROUND[0].says) == 2:
                break
        yield stage


def test_a_round_is_told_scene_by_scene(whole_round: Stage) -> None:
    told = [words for words in whole_round.said if not words.startswith(REVIEW)]
    assert told == [
        *(f"{scene.says}: {Trouble.UPSTREAM_5XX}" if scene.incident else scene.says for scene in ROUND),
        ROUND[0].says,
    ]


def test_a_round_shows_every_word_for_its_reason(whole_round: Stage) -> None:
    of_word: dict[VerdictWord, list[Verdict]] = {word: [] for word in VerdictWord}
    for _, verdict in whole_round.kept.verdicts:
        of_word[verdict.word].append(verdict)
    for verdict in of_word[VerdictWord.EXPAND]:
        assert not verdict.missing
        assert all(check.state is CheckState.PASS for check in verdict.checks)
        assert "no evidence of harm yet" in verdict.sentence
    for verdict in of_word[VerdictWord.NOT_ENOUGH_DATA]:
        assert verdict.missing or any(check.state is CheckState.OPEN for check in verdict.checks)
    failing = [verdict for verdict in of_word[VerdictWord.ROLL_BACK] if verdict.stops]
    assert any(
        check.name is CheckName.FAILURES and check.state is CheckState.FAIL and check.lower > check.stop
        for check in failing[0].checks
    )
    assert [v for v in of_word[VerdictWord.ROLL_BACK] if not v.stops and "not acknowledged" in v.sentence]
    assert {hold.code for hold in of_word[VerdictWord.HOLD][-1].holds} >= {
        HoldCode.SCHEMA_INVALID,
        HoldCode.EXPOSURE_UNKNOWN,
    }
    killed = of_word[VerdictWord.KILLED][-1]
    assert killed.kill is not None
    assert killed.kill.state is KillState.CONFIRMED
    assert killed.readiness is Readiness.PASSED


def test_what_people_signed_in_a_round_is_what_was_there(whole_round: Stage) -> None:
    """One person down, two people up, each on the evidence of that moment."""
    service = whole_round.office.service
    rows = service.revisions()[-7:]
    assert [(row.after["percent"], row.after["kill"], row.step) for row in rows] == [
        (50, False, "expand-50"),
        (100, False, "expand-100"),
        (50, False, "expand-50"),
        (100, False, "expand-100"),
        (100, True, "expand-100"),
        (100, False, "expand-100"),
        (100, False, "steady"),
    ]
    for row in rows:
        if row.request_number is None:
            assert row.actor_id == BOB.actor_id
            continue
        assert row.actor_id == ALICE.actor_id
        kept = json.loads(service.frozen_review(service.request(row.request_number).evidence_digest))
        evidence = json.loads(kept["document"])["evidence"]
        assert (kept["verdict"], evidence["controls"]["kill"]) in {("EXPAND", False), ("KILLED", True)}
        assert evidence["units"]["jobs"] >= 43 or evidence["controls"]["kill"]
    assert service.question().latched is None


def test_hands_stay_off_what_somebody_else_changed(stage: Stage) -> None:
    kill(stage.home, by=STRANGER.actor_id, reason="to see it stay", clock=stage.clock)
    for _ in stage.play(320, look_every_s=100):
        pass
    assert stage.said.count(HANDS_OFF) == 1
    assert ROUND[1].says not in stage.said
    newest = stage.office.service.newest()
    assert newest.kind is RevisionKind.KILL
    assert newest.actor_id == STRANGER.actor_id
    for _ in stage.play(1):
        pass
    assert stage.said.count(HANDS_OFF) == 2


def test_hands_stay_off_while_somebody_else_asks(stage: Stage) -> None:
    terms = Terms(reason="to try it", decision_record="ADR-7")
    for _ in stage.office.play(Narrow({"percent": 50}, "to have something to ask for")):
        pass
    stage.office.service.propose(ALICE, {"percent": 100}, terms)
    assert stage.office.service.open_requests()
    before = stage.office.service.newest().revision
    for _ in stage.play(320, look_every_s=100):
        pass
    assert stage.said.count(HANDS_OFF) == 1
    assert stage.office.service.newest().revision == before


def test_a_kill_of_the_demo_itself_is_released_by_its_next_start(stage: Stage) -> None:
    for _ in stage.office.play(Kill("the demo ends here")):
        pass
    stage.work(30)
    for _ in stage.play(60):
        if not stage.office.service.newest().after["kill"]:
            break
    assert HANDS_OFF not in stage.said
    assert not stage.office.service.newest().after["kill"]
    assert stage.said[0] == ROUND[10].says


def test_an_unforeseen_roll_back_is_stopped_acknowledged_and_released(stage: Stage) -> None:
    stage.work(90, Trouble.UPSTREAM_5XX)
    for _ in stage.play(300):
        if stage.said.count(ROUND[10].says) and not stage.office.service.newest().after["kill"]:
            break
    assert EMERGENCY.says in stage.said
    assert stage.office.service.question().latched is None


def test_in_enforce_the_people_say_what_blocks_them(stage: Stage) -> None:
    with stage.store.begin() as tx:
        tx.settings.set("mode", Mode.ENFORCE.value)
    for _ in stage.office.play(Narrow({"percent": 50}, "down is always open")):
        pass
    stage.work(20, Trouble.CUT_LINES)
    for _ in stage.play(30):
        pass
    assert [words for words in stage.said if "E_NOT_EXPAND" in words]
    assert stage.office.service.newest().after["percent"] == 50
