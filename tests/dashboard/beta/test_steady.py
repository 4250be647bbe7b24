"""`steady` asks for the beta criteria at each of its moments, in the middle of a change of the same store."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.beta.of_home import HomeBeta
from dashboard.review.document import document_of
from gates.beta.items import ITEMS
from gates.changes.content import Terms
from gates.changes.service import ChangeService
from gates.policy.evidence import ReviewEvidence, Verification
from gates.policy.intent import Mode
from gates.policy.outcome import Outcome, ReasonCode
from gates.store.port import StorePort
from gates.store.store import Store
from gates.verdict.question import Question
from gates.verdict.words import VerdictWord
from tests.dashboard.beta.test_of_home import LINK, drilled
from tests.gates.beta.builders import SEEN, verdict
from tests.gates.changes.world import ALICE, BOB, TERMS, World, allowlist, rule
from tests.gates.store.server import Server


class Judged:
    """The provider of a home whose telemetry is put: everything but the telemetry is real."""

    def __init__(self, beta: HomeBeta) -> None:
        self._beta = beta

    def evidence(self, question: Question) -> ReviewEvidence:
        found, said = replace(SEEN, revision=question.revision, step=question.step), verdict()
        return ReviewEvidence(
            revision=question.revision,
            verdict=VerdictWord.EXPAND,
            verification=Verification.PASSED,
            findings=frozenset(),
            beta_criteria_met=self._beta.permits_steady(question, found, said),
            bound="",
            digest=f"sha256:{question.revision}",
            frozen_at_ns=question.now_ns,
            document=document_of(question, found, said),
        )


@pytest.fixture(params=["file", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path, postgresql: Server) -> Iterator[StorePort]:
    is_file = request.param == "file"
    opened = Store.create(tmp_path / "home" / "gate.db" if is_file else postgresql.new_database())
    yield opened
    opened.close()


def at_expand_100(folder: Path, store: StorePort) -> tuple[World, ChangeService]:
    world = World(folder, Mode.ENFORCE, store=store)
    world.to_canary_1()
    world.expand()
    for percent in (5, 10, 25, 50):
        world.carry({"percent": percent})
    world.carry({"allowlist": allowlist(rule(subject=["Biology", "Physics"]))})
    world.carry({"percent": 100})
    assert world.newest["step"] == "expand-100"
    desk = replace(world.desk, evidence=Judged(HomeBeta(world.home, world.store)))
    return world, ChangeService(desk)


def test_steady_is_reached_when_every_criterion_is_met(tmp_path: Path, store: StorePort) -> None:
    world, service = at_expand_100(tmp_path, store)
    blocked = service.propose(ALICE, {"step": "steady"}, TERMS)
    assert blocked.decision.outcome is Outcome.BLOCKED
    assert ReasonCode.STEADY_CRITERIA in blocked.decision.reason_codes
    for item in ITEMS:
        if item.is_signed:
            service.sign_statement(BOB, item.item_id, LINK, "looked at")
    assert service.propose(ALICE, {"step": "steady"}, TERMS).request is None  # no drill yet
    drilled(world)
    proposed = service.propose(ALICE, {"step": "steady"}, Terms(reason="done", decision_record="ADR-9"))
    assert proposed.request is not None, proposed
    assert service.approve(BOB, proposed.request).exit_code == 0
    service.withdraw_statement(BOB, "flight-ci-green", "it is red")
    withdrawn = service.apply(ALICE, proposed.request)
    assert ReasonCode.STEADY_CRITERIA in withdrawn.decision.reason_codes
    service.sign_statement(BOB, "flight-ci-green", LINK, "green again")
    applied = service.apply(ALICE, proposed.request)
    assert applied.revision is not None, applied
    assert world.newest["step"] == "steady"
