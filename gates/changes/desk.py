"""What every part of the change service works with, and the two things all of them do: judge, record."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

from gates.changes.content import Terms, digest_of
from gates.changes.gathering import gather
from gates.changes.latching import latch
from gates.changes.late import LateFile
from gates.changes.ports import EvidenceProvider, Ids, RecentJobs
from gates.changes.questions import question
from gates.controls.checked import in_words
from gates.controls.instant import Clock
from gates.controls.lock import PublishLock
from gates.controls.publish import InForce, Published, Successor
from gates.controls.withdraw import Removal
from gates.errors import HomeError, PublishFailed, RequestConflict
from gates.home import Home
from gates.policy.evidence import ReviewEvidence, no_evidence
from gates.policy.intent import Acknowledgement, Actor, Change, Intent, Moment
from gates.policy.outcome import Finding, PolicyDecision
from gates.policy.review import asks_for_evidence, review
from gates.policy.state import State
from gates.store.port import StorePort, Transaction
from gates.store.rows import AuditEntry, RequestRow

ID = "environment"
_TURN_SECONDS = 10.0


class ControlPublisher(Protocol):
    """The publisher of the control file: `gates.controls.publish.Publisher`."""

    def in_force(self) -> InForce: ...  # noqa: D102  see there
    def publish(self, controls: Mapping[str, Any], over: InForce | None = None) -> Published: ...  # noqa: D102  see there
    def narrow(self, successor: Successor) -> Published: ...  # noqa: D102  see there
    def remove(self) -> Removal: ...  # noqa: D102  see there
    def reconcile(self) -> None: ...  # noqa: D102  see there


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One review with what it looked at."""

    intent: Intent
    state: State
    evidence: ReviewEvidence
    decision: PolicyDecision
    now_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The ports of one home's changes."""

    home: Home
    store: StorePort
    publisher: ControlPublisher
    clock: Clock
    evidence: EvidenceProvider
    jobs: RecentJobs
    ids: Ids
    late: LateFile

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One change at a time. Narrowing and kill never wait here.

        Raises `RequestConflict` when another change does not end, `HomeError` where nothing can be written.
        """
        with ExitStack() as held:
            lock = PublishLock(self.home.root / ".changing", _TURN_SECONDS)
            try:
                held.enter_context(lock.acquired())
            except PublishFailed as error:
                raise RequestConflict("another change is under way; look at it, then try again") from error
            except OSError as error:
                raise HomeError(
                    f"nothing can be changed in `{self.home.root}`: {in_words(error)}; "
                    "make it writable for this user"
                ) from error
            yield

    def judge(
        self,
        tx: Transaction,
        actor: Actor,
        moment: Moment,
        change: Change,
        *,
        row: RequestRow | None,
        base_revision: int,
        terms: Terms,
        content: Any,
    ) -> Judged:
        """Review a change as the home stands in `tx`; a live ROLL BACK that it shows latches."""
        judged = self.look(
            tx, actor, moment, change, row=row, base_revision=base_revision, terms=terms, content=content
        )
        latch(self, tx, actor.actor_id, judged.state, judged.evidence)
        return judged

    def look(
        self,
        tx: Transaction,
        actor: Actor,
        moment: Moment,
        change: Change,
        *,
        row: RequestRow | None,
        base_revision: int,
        terms: Terms,
        content: Any,
        evidence: ReviewEvidence | None = None,
    ) -> Judged:
        """The same review with nothing written; `evidence` is what was looked at already, null: look anew.

        Nobody looks for a change that no rule asks evidence of: what takes away waits for no telemetry.
        """
        now_ns = self.clock()
        state = gather(tx, row)
        intent = Intent(
            intent_id=self.ids(),
            at_ns=now_ns,
            actor=actor,
            moment=moment,
            change=change,
            base_revision=base_revision,
            reason=terms.reason,
            decision_record=terms.decision_record,
            content_digest=digest_of(content),
        )
        if evidence is None:
            evidence = self._evidence(tx, change, state, now_ns)
        decision = review(intent, state, evidence, now_ns)
        return Judged(intent=intent, state=state, evidence=evidence, decision=decision, now_ns=now_ns)

    def _evidence(self, tx: Transaction, change: Change, state: State, now_ns: int) -> ReviewEvidence:
        if not asks_for_evidence(change, state):
            return no_evidence(state.revision, now_ns)
        asked = question(tx, now_ns)
        if isinstance(change, Acknowledgement):
            asked = replace(asked, latched=None)  # what is to be known is whether it is so still
        return self.evidence.evidence(asked)

    def record(
        self,
        tx: Transaction,
        judged: Judged,
        action: str,
        *,
        target: str,
        before: Any = None,
        after: Any = None,
        request: int | None = None,
    ) -> None:
        """Add a reviewed attempt to the audit chain, allowed or not."""
        actor = judged.intent.actor
        tx.audit.append(
            AuditEntry(
                time_ns=judged.now_ns,
                actor=actor.actor_id,
                roles=tuple(sorted(actor.roles)),
                action=action,
                target=target,
                before=before,
                after=after if after is not None else described(judged.decision),
                reason=judged.intent.reason or None,
                request_id=None if request is None else str(request),
                outcome=judged.decision.outcome.value,
                mode=judged.state.mode.value,
                reason_codes=tuple(code.value for code in judged.decision.reason_codes),
                environment=tx.settings.get(ID),
            )
        )

    def note(
        self,
        tx: Transaction,
        actor_id: str,
        action: str,
        *,
        target: str,
        after: Any = None,
        reason: str | None = None,
        request: int | None = None,
        happened_ns: int | None = None,
    ) -> None:
        """Add something that happened, where nothing was judged; with `happened_ns`, late."""
        now_ns = self.clock()
        tx.audit.append(
            AuditEntry(
                time_ns=now_ns if happened_ns is None else happened_ns,
                actor=actor_id,
                roles=(),
                action=action,
                target=target,
                after=after,
                reason=reason,
                request_id=None if request is None else str(request),
                mode=tx.settings.get("mode"),
                environment=tx.settings.get(ID),
                late=happened_ns is not None,
                recorded_at_ns=None if happened_ns is None else now_ns,
            )
        )


def described(decision: PolicyDecision) -> dict[str, Any]:
    """What a decision found, in words, for the record."""
    return {
        "deltas": [delta.words for delta in decision.deltas],
        "findings": [_words(finding) for finding in decision.findings],
        "nextStep": decision.next_step,
    }


def _words(finding: Finding) -> str:
    return f"{finding.code.value}: {finding.words}"
