"""Where a rollout stands on its ladder, and what keeps each further step, from the first to the last."""

from pathlib import Path

import pytest

from dashboard.data.controls_example import smallest, wider
from dashboard.data.controls_ladder import Place, Rung, Way, ladder, may_be_proposed
from dashboard.data.controls_page import controls_now
from gates.changes.content import Terms
from gates.changes.documents import Patch
from gates.policy.evidence import ReviewEvidence, Verification, no_evidence
from gates.policy.intent import Mode
from gates.policy.outcome import ReasonCode
from gates.verdict.words import VerdictWord
from schemas import check
from tests.gates.changes.world import ALICE, BOB, CAROL, TERMS, World, allowlist, rule


def rungs(world: World, evidence: ReviewEvidence | None = None) -> dict[str, Rung]:
    now = controls_now(world.service)
    seen = evidence or world.evidence.evidence(world.service.question())
    return {rung.name: rung for rung in ladder(world.service, now, seen)}


def at(found: dict[str, Rung], place: Place) -> list[str]:
    return [name for name, rung in found.items() if rung.place is place]


def change(world: World, patch: Patch, terms: Terms = TERMS) -> None:
    number = world.service.propose(ALICE, patch, terms).request
    assert number is not None
    world.service.approve(BOB, number)
    assert world.service.apply(ALICE, number).revision is not None


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.evidence.put(VerdictWord.EXPAND, Verification.PASSED)
    return made


def to_canary(world: World) -> None:
    change(world, {"feature": True})
    change(world, {"allowlist": allowlist()})
    change(world, {"percent": 1})
    change(world, {"kill": False})


def test_the_enable_sequence_is_walked_in_its_order(world: World) -> None:
    expected = ("kill-on", "feature-on"), ("feature-on", "allowlist-on"), ("allowlist-on", "percent-1")
    patches: tuple[Patch, ...] = ({"feature": True}, {"allowlist": allowlist()}, {"percent": 1})
    for (here, following), patch in zip(expected, patches, strict=True):
        found = rungs(world)
        assert (at(found, Place.HERE), at(found, Place.NEXT)) == ([here], [following])
        assert found["canary-5"].blocked[0].code is ReasonCode.ENABLE_ORDER
        assert not may_be_proposed(found["canary-5"])
        change(world, patch)
    found = rungs(world)
    assert (at(found, Place.HERE), at(found, Place.NEXT)) == (["percent-1"], ["verify", "canary-1"])
    assert found["verify"].verification is Verification.PASSED
    assert may_be_proposed(found["canary-1"])
    change(world, {"kill": False})
    found = rungs(world)
    assert (at(found, Place.HERE), at(found, Place.NEXT)) == (["canary-1"], ["canary-5"])


def test_what_is_not_verified_yet_can_be_proposed_and_says_what_it_waits_for(world: World) -> None:
    found = rungs(world, no_evidence(1, 0))["feature-on"]
    assert may_be_proposed(found)
    assert [one.code for one in found.to_sign] == [ReasonCode.NOT_VERIFIED]


def test_each_percent_is_next_once_and_the_scope_is_frozen_until_half(world: World) -> None:
    to_canary(world)
    for percent, name in ((5, "canary-5"), (10, "expand-10"), (25, "expand-25"), (50, "expand-50")):
        found = rungs(world)
        assert at(found, Place.NEXT) == [name]
        assert found["broaden-board"].blocked[0].code is ReasonCode.SCOPE_FROZEN
        change(world, {"percent": percent})
    found = rungs(world)
    assert at(found, Place.HERE) == ["expand-50"]
    broadening = [name for name in found if name.startswith("broaden-")]
    assert at(found, Place.NEXT) == [*broadening, "expand-100"]
    assert found["broaden-board"].way is Way.EDIT
    assert not found["broaden-board"].blocked
    assert found["expand-100"].needs_statement
    change(world, {"allowlist": allowlist(rule(board=["AQA", "OCR"]))})
    found = rungs(world)
    assert at(found, Place.HERE) == ["broaden-board"]
    assert not found["expand-100"].needs_statement
    change(world, {"percent": 100})
    found = rungs(world)
    assert (at(found, Place.HERE), at(found, Place.NEXT)) == (["expand-100"], ["steady"])
    assert found["steady"].blocked[0].code is ReasonCode.STEADY_CRITERIA
    assert found["broaden-kind"].place is Place.BEHIND


def test_while_killed_the_release_alone_is_next_and_nothing_else_may_widen(world: World) -> None:
    to_canary(world)
    change(world, {"percent": 5})
    world.service.kill(CAROL, "test")
    world.service.reconcile()
    found = rungs(world)
    assert at(found, Place.NEXT) == ["release"]
    assert found["expand-10"].blocked[0].code is ReasonCode.ENABLE_ORDER
    world.service.break_glass(ALICE, TERMS)
    assert rungs(world)["release"].title == "Make the release lasting"


def test_a_baseline_that_is_not_clean_begins_anew(world: World) -> None:
    to_canary(world)
    world.service.narrow(CAROL, {"feature": False}, "")
    world.service.narrow(CAROL, {"kill": True}, "")
    found = rungs(world)
    assert found["reset"].place is Place.NEXT
    assert found["reset"].patch == {"percent": 0}


def test_shadow_names_the_same_reasons_and_blocks_nothing(tmp_path: Path) -> None:
    world = World(tmp_path, Mode.SHADOW)
    found = rungs(world)["canary-5"]
    assert not found.blocked
    assert found.would_block[0].code is ReasonCode.ENABLE_ORDER
    assert may_be_proposed(found)


def test_what_asks_is_itself_valid() -> None:
    empty = {**allowlist(), "rules": []}
    assert check.problems("allowlist.v1", smallest(empty)) == []
    assert wider(empty, "board") is None
    for dimension in ("subject", "level", "board", "spec", "kind", "slot"):
        patch = wider(allowlist(), dimension)
        assert patch is not None
        assert check.problems("allowlist.v1", patch["allowlist"]) == []
    full = wider(allowlist(rule(slotIds=[], maxJobsPerRun=100)), "slot")
    assert full is None
