"""Where the people of the demo make their changes: the change service of its home, under the story's clock.

Nothing here goes around the service. Every deed is a generator that yields the seconds its people
take between two steps, so that the days before now and the live part play the same deeds.
"""

from collections.abc import Callable, Iterator
from typing import assert_never
from uuid import uuid4

from dashboard.demo.deeds import Carry, Deed, Kill, Narrow, Revert
from dashboard.demo.people import ALICE, BOB, CAST, FOUNDER
from dashboard.errors import StoryBlocked
from gates.changes.answers import Answer
from gates.changes.content import Terms
from gates.changes.desk import Desk
from gates.changes.late import LateFile
from gates.changes.people import AddOperator, IssueToken, Wish
from gates.changes.ports import EvidenceProvider, NoRecentJobs
from gates.changes.service import ChangeService
from gates.controls.instant import Clock
from gates.controls.publish import Publisher
from gates.home import Home
from gates.policy.intent import Actor
from gates.policy.outcome import Outcome
from gates.store.port import StorePort
from gates.store.rows import RevisionKind, TokenScope

TO_READ_S, TO_GO_ON_S = 4.0, 3.0
TOKEN_DAYS = 90
_MARK = "demo-"


class Office:
    """The change service as the demo's people use it.

    `expect` hears, before a kill, which revision it will be: a kill is recorded without our mark.
    """

    def __init__(
        self,
        home: Home,
        store: StorePort,
        clock: Clock,
        evidence: EvidenceProvider,
        expect: Callable[[int], None] = lambda _revision: None,
    ) -> None:
        self._expect = expect
        self.service = ChangeService(
            Desk(
                home=home,
                store=store,
                publisher=Publisher(home, clock),
                clock=clock,
                evidence=evidence,
                jobs=NoRecentJobs(),
                ids=lambda: f"{_MARK}{uuid4().hex}",
                late=LateFile(home.late),
            )
        )

    def hire(self) -> dict[Actor, str]:
        """Let the founder add alice and bob; their tokens."""
        for actor in (ALICE, BOB):
            self._admit(AddOperator(actor.actor_id, actor.roles), "the people of the demo")
        return {
            actor: self._admit(IssueToken(actor.actor_id, TokenScope.ALL, TOKEN_DAYS), "to try things out")
            for actor in (ALICE, BOB)
        }

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
                self._expect(self.service.newest().revision + 1)
                self.service.kill(BOB, reason)
            case _:
                assert_never(deed)

    def made_the_newest(self, expected: int | None) -> bool:
        """Whether the controls in force are of the demo's own making; `expected` is what `expect` heard."""
        newest = self.service.newest()
        if newest.actor_id not in {actor.actor_id for actor in CAST}:
            return False
        if newest.kind is RevisionKind.INIT or newest.intent_id.startswith(_MARK):
            return True
        return newest.kind is RevisionKind.KILL and newest.revision == expected

    def _carry(self, deed: Carry) -> Iterator[float]:
        terms = Terms(
            reason=deed.reason,
            decision_record=f"DEMO-{self.service.newest().revision}",
            exception=deed.exception or None,
        )
        proposed = self._done(self.service.propose(ALICE, deed.patch, terms))
        assert proposed.request is not None, "the story carries only what widens"
        yield TO_READ_S
        self._done(self.service.approve(BOB, proposed.request))
        yield TO_GO_ON_S
        self._done(self.service.apply(ALICE, proposed.request))

    def _admit(self, wish: Wish, reason: str) -> str:
        answer = self._done(
            self.service.change_people(FOUNDER, wish, Terms(reason=reason, decision_record="DEMO-0"))
        )
        return answer.secret or ""

    def _done(self, answer: Answer) -> Answer:
        if answer.decision.outcome is Outcome.BLOCKED:
            codes = ", ".join(code.value for code in answer.decision.reason_codes)
            raise StoryBlocked(f"{codes}: {answer.words}")
        return answer
