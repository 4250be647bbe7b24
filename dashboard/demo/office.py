"""Where the people of the demo make their changes: the change service of its home, under the story's clock.

Nothing here goes around the service. Every deed is a generator that yields the seconds its people
take between two steps, so that the days before now and the live part play the same deeds.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import assert_never
from uuid import uuid4

from dashboard.demo.deeds import Acknowledge, Carry, Deed, Kill, Narrow, Revert
from dashboard.demo.own import OwnRevision
from dashboard.demo.people import ALICE, BOB, CAST, FOUNDER
from dashboard.demo.thresholds import THRESHOLDS
from dashboard.errors import StoryBlocked
from gates.changes.answers import Answer
from gates.changes.composing import change_service
from gates.changes.content import Terms
from gates.changes.people import AddOperator, IssueToken, Wish
from gates.changes.ports import EvidenceProvider, NoRecentJobs
from gates.controls.instant import Clock
from gates.home import Home
from gates.policy.intent import Actor
from gates.policy.outcome import Outcome
from gates.store.port import StorePort
from gates.store.rows import RevisionKind, TokenScope
from gates.verdict.document import document_of
from gates.verdict.words import VerdictWord

TO_READ_S, TO_GO_ON_S = 4.0, 3.0
TOKEN_DAYS = 90
_MARK = "demo-"
_RECORD = "DEMO-"


@dataclass(frozen=True, slots=True)
class Review:
    """What the newest review says: its word, and its sentence."""

    word: VerdictWord
    sentence: str


class Office:
    """The change service as the demo's people use it."""

    def __init__(self, home: Home, store: StorePort, clock: Clock, evidence: EvidenceProvider) -> None:
        self._own = OwnRevision(home)
        self._evidence = evidence
        self.service = change_service(
            home, store, evidence, NoRecentJobs(), clock=clock, ids=lambda: f"{_MARK}{uuid4().hex}"
        )

    def hire(self) -> dict[Actor, str]:
        """Let the founder add alice and bob; their tokens."""
        for actor in (ALICE, BOB):
            self._admit(AddOperator(actor.actor_id, actor.roles), "the people of the demo")
        return {
            actor: self._admit(IssueToken(actor.actor_id, TokenScope.ALL, TOKEN_DAYS), "to try things out")
            for actor in (ALICE, BOB)
        }

    def agree_on_thresholds(self) -> None:
        """Alice proposes the demo's own thresholds, bob approves, alice applies."""
        terms = Terms(reason="a demo has minutes, not days", decision_record=f"{_RECORD}0")
        proposed = self._done(self.service.propose_thresholds(ALICE, document_of(THRESHOLDS), terms))
        if proposed.request is not None:
            self._done(self.service.approve(BOB, proposed.request))
            self._done(self.service.apply(ALICE, proposed.request))

    def play(self, deed: Deed) -> Iterator[float]:
        """Do it, step by step; yields the seconds until the next one. Raises `StoryBlocked`."""
        match deed:
            case Carry():
                yield from self._carry(deed)
            case Narrow(patch, reason):
                self._done(self.service.propose(BOB, patch, Terms(reason=reason)))
            case Revert(reason):
                self._done(self.service.revert(BOB, Terms(reason=reason)))
            case Kill(reason):
                self._own.note(self.service.newest().revision + 1)
                self.service.kill(BOB, reason)
            case Acknowledge(reason):
                if self.latched():
                    self._done(self.service.acknowledge(ALICE, reason))
            case _:
                assert_never(deed)

    def review(self) -> Review | None:
        """Look at the review of the controls in force. What is new is noted: ROLL BACK latches.

        Null while the telemetry cannot be read.
        """
        evidence = self._evidence.evidence(self.service.question())
        if not evidence.document:
            return None
        self.service.note_verdict(BOB.actor_id, evidence)
        return Review(evidence.verdict, json.loads(evidence.document)["verdict"]["sentence"])

    def latched(self) -> bool:
        """Whether a ROLL BACK waits for its acknowledgement."""
        return self.service.question().latched is not None

    def made_the_newest(self) -> bool:
        """Whether the newest controls are of the demo's own making."""
        newest = self.service.newest()
        if newest.kind is RevisionKind.KILL:
            return newest.actor_id == BOB.actor_id and newest.revision == self._own.noted()
        if newest.kind is RevisionKind.INIT or newest.revision == self._own.noted():
            return True
        ours = {actor.actor_id for actor in CAST}
        return newest.actor_id in ours and newest.intent_id.startswith(_MARK)

    def is_asked_by_somebody_else(self) -> bool:
        """Whether a request is open that the demo did not make: a change of ours would close it."""
        return any(not row.decision_record.startswith(_RECORD) for row in self.service.open_requests())

    def reconcile(self) -> None:
        """Mend what an interruption left. What was ours before stays ours."""
        ours = self.made_the_newest()
        if self.service.reconcile() and ours:
            self._own.note(self.service.newest().revision)

    def _carry(self, deed: Carry) -> Iterator[float]:
        terms = Terms(reason=deed.reason, decision_record=f"{_RECORD}{self.service.newest().revision}")
        proposed = self._done(self.service.propose(ALICE, deed.patch, terms))
        assert proposed.request is not None, "the story carries only what widens"
        yield TO_READ_S
        self._except(proposed.request, deed, terms)
        self._done(self.service.approve(BOB, proposed.request))
        yield TO_GO_ON_S
        self._done(self.service.apply(ALICE, proposed.request))

    def _except(self, number: int, deed: Carry, terms: Terms) -> None:
        """Alice adds her exception where the evidence that was frozen is NOT ENOUGH DATA."""
        request = self.service.request(number)
        frozen = json.loads(self.service.frozen_review(request.evidence_digest))
        if deed.exception and frozen["verdict"] == VerdictWord.NOT_ENOUGH_DATA:
            amended = replace(terms, exception=deed.exception)
            self._done(self.service.edit(ALICE, number, deed.patch, amended, request.content_digest))

    def _admit(self, wish: Wish, reason: str) -> str:
        answer = self._done(
            self.service.change_people(FOUNDER, wish, Terms(reason=reason, decision_record=f"{_RECORD}0"))
        )
        return answer.secret or ""

    def _done(self, answer: Answer) -> Answer:
        if answer.decision.outcome is Outcome.BLOCKED:
            codes = ", ".join(code.value for code in answer.decision.reason_codes)
            raise StoryBlocked(f"{codes}: {answer.words}")
        return answer
