"""Looking at verdicts: what they latch, who looked, what was kept, and the end of a ROLL BACK.

A page may look every two seconds: nothing is written while the verdict is the one before.
"""

from gates.changes.answers import Answer
from gates.changes.content import Terms
from gates.changes.desk import Desk
from gates.changes.gathering import gather, newest_revision
from gates.changes.latching import latch, latches, unlatch
from gates.changes.remembering import keep, remember
from gates.policy.evidence import ReviewEvidence
from gates.policy.intent import Acknowledgement, Actor, Moment
from gates.store.port import Transaction
from gates.store.review_rows import ReviewMoment

BREACHED_REVISION = "kill_breached_revision"
"""The setting that holds the newest kill whose breach is on record."""


class Watching:
    """The part of the change service that keeps what reviews showed."""

    _desk: Desk

    def note_verdict(self, actor_id: str, evidence: ReviewEvidence) -> bool:
        """Note a look at a live verdict: a ROLL BACK latches. Whether there was anything new to write.

        Evidence of a revision that is in force no more is left alone.
        """
        with self._desk.store.read() as tx:
            if not _is_news(tx, evidence):
                return False
        with self._desk.store.begin() as tx:
            if not _is_news(tx, evidence):
                return False
            latch(self._desk, tx, actor_id, gather(tx, None), evidence)
            remember(tx, ReviewMoment.LOOK, actor_id, evidence, at_ns=self._desk.clock())
            return True

    def note_kill_breach(self, actor_id: str, words: str) -> bool:
        """Note, once for each kill, that calls were started since; whether there was anything to write.

        `words` say what telemetry showed of the kill in force. Where none is on record nothing is noted.
        """
        with self._desk.store.read() as tx:
            if not _is_unnoted(tx):
                return False
        with self._desk.store.begin() as tx:
            if not _is_unnoted(tx):
                return False
            revision = newest_revision(tx).revision
            tx.settings.set(BREACHED_REVISION, str(revision))
            after = {"revision": revision, "words": words}
            self._desk.note(tx, actor_id, "kill breached", target="controls", after=after)
            return True

    def acknowledge(self, actor: Actor, reason: str) -> Answer:
        """End a ROLL BACK that stands: refused while the verdict of the revision in force still says so."""
        terms, content = Terms(reason=reason), {"acknowledge": True, "reason": reason}
        with self._desk.store.begin() as tx:
            base = newest_revision(tx).revision
            judged = self._desk.judge(
                tx,
                actor,
                Moment.APPLY,
                Acknowledgement(),
                row=None,
                base_revision=base,
                terms=terms,
                content=content,
            )
            before = {"latched": judged.state.latched, "revision": judged.state.latched_revision}
            self._desk.record(tx, judged, "acknowledge", target="verdict", before=before)
            mode = judged.state.mode
            if not judged.decision.allow:
                words = "refused; nothing was acknowledged"
                if judged.state.latched is not None:
                    words = f"refused; ROLL BACK stands: {judged.state.latched}"
                return Answer(decision=judged.decision, mode=mode, words=words)
            unlatch(tx)
            words = f"acknowledged; this stood: {judged.state.latched}"
            return Answer(decision=judged.decision, mode=mode, words=words)

    def freeze_review(self, actor: Actor, evidence: ReviewEvidence) -> str:
        """Keep a copy of evidence for good; its digest, under which `frozen_review` shows it again."""
        with self._desk.store.begin() as tx:
            if _is_news(tx, evidence):
                latch(self._desk, tx, actor.actor_id, gather(tx, None), evidence)
            digest = keep(tx, ReviewMoment.FREEZE, actor.actor_id, evidence, at_ns=self._desk.clock())
            after = {"revision": evidence.revision, "evidence": digest, "verdict": evidence.verdict.value}
            self._desk.note(tx, actor.actor_id, "freeze review", target="verdict", after=after)
            return digest


def _is_unnoted(tx: Transaction) -> bool:
    newest = newest_revision(tx)
    return bool(newest.after["kill"]) and tx.settings.get(BREACHED_REVISION) != str(newest.revision)


def _is_news(tx: Transaction, evidence: ReviewEvidence) -> bool:
    """Whether a look at this evidence has to be written down: it latches, or the verdict has changed."""
    if evidence.revision != newest_revision(tx).revision:
        return False
    last = tx.reviews.newest(evidence.revision)
    return last is None or last.verdict is not evidence.verdict or latches(gather(tx, None), evidence)
