"""What a review asks: which revision, by which limits, compared with what."""

import json
from pathlib import Path
from typing import Any

import pytest

from gates.changes.questions import question
from gates.errors import UnknownEntry
from gates.store.store import Store
from gates.verdict.defaults import DEFAULT
from schemas.stages import Step
from tests.gates.changes.world import CAROL, World, real_home


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.to_canary_1()
    world.expand()
    return world


def document(**changes: Any) -> str:
    evidence = {
        "revision": 5,
        "step": "canary-1",
        "units": {"jobs": 80, "failed": 2, "completed": 78},
        "percentiles": {"count": 78, "p50": 900.0, "p95": 2_400.5, "p99": None, "points": []},
        "jobs_per_hour": 12.5,
        "opt_in_share": None,
    }
    return json.dumps({"question": {}, "evidence": evidence | changes, "verdict": {}})


def test_the_newest_revision_with_the_defaults(world: World) -> None:
    asked = world.service.question()
    assert (asked.revision, asked.step) == (world.newest["revision"], Step.CANARY_1)
    assert asked.until_ns is None
    assert asked.thresholds == DEFAULT
    assert (asked.reference, asked.latched, asked.bad_outputs) == (None, None, ())


def test_the_budgets_of_init(tmp_path: Path) -> None:
    home, _ = real_home(tmp_path)
    with Store.open(home.store).read() as tx:
        asked = question(tx, 1)
    assert (asked.budget_p50_ms, asked.budget_p95_ms) == (5_000.0, 20_000.0)


@pytest.mark.parametrize("text", ["", "soon", "-5", "0", "inf", "nan"])
def test_a_budget_that_is_none_is_none(world: World, text: str) -> None:
    with world.store.begin() as tx:
        tx.settings.set("latency_budget_p50_ms", text)
    assert world.service.question().budget_p50_ms is None


def test_a_past_revision_ends_when_the_next_took_effect(world: World) -> None:
    past = world.newest["revision"]
    world.service.narrow(CAROL, {"feature": False})
    asked = world.service.question(past)
    assert (asked.revision, asked.step) == (past, Step.CANARY_1)
    assert asked.until_ns == world.service.newest().effective_at_ns
    with pytest.raises(UnknownEntry):
        world.service.question(99)


def test_the_reference_is_the_last_window_that_was_expanded_from(world: World) -> None:
    base = world.newest["revision"]
    world.evidence.document = document(revision=base)
    world.carry({"percent": 5})
    found = world.service.question().reference
    assert found is not None
    assert (found.revision, found.step) == (base, Step.CANARY_1)
    assert (found.jobs, found.failed, found.completed) == (80, 2, 78)
    assert (found.p50_ms, found.p95_ms, found.jobs_per_hour, found.opt_in_share) == (
        900.0,
        2400.5,
        12.5,
        None,
    )
    assert found.approved_at_ns == world.service.request(5).closed_at_ns
    assert world.service.question(base).reference is None
    world.evidence.document = document(revision=base + 1, step="canary-5")
    world.carry({"percent": 10})
    newer = world.service.question().reference
    assert newer is not None
    assert newer.step is Step.CANARY_5
    assert world.service.question(base + 1).reference == found


@pytest.mark.parametrize("text", ["", "{}", "[]", "no json", '{"evidence": {"units": 5}}'])
def test_without_a_document_there_is_none(world: World, text: str) -> None:
    world.evidence.document = text
    world.carry({"percent": 5})
    assert world.service.question().reference is None
