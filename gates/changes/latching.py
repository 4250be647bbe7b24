"""ROLL BACK latches: once a live verdict said so it stands, whatever later lines say, until acknowledged.

Only the verdict of the revision in force latches, and only through the change service; a page that
shows it does so through `note_verdict`.
"""

import json
from typing import Any, Protocol

from gates.changes.content import frozen
from gates.changes.gathering import LATCHED, LATCHED_REVISION
from gates.policy.evidence import ReviewEvidence
from gates.policy.state import State
from gates.store.port import Transaction
from gates.verdict.words import VerdictWord


class Notes(Protocol):
    """The part of the desk that writes down what happened."""

    def note(  # noqa: D102  see `Desk`
        self,
        tx: Transaction,
        actor_id: str,
        action: str,
        *,
        target: str,
        after: Any = None,
        reason: str | None = None,
    ) -> None: ...


def latches(state: State, evidence: ReviewEvidence) -> bool:
    """Whether this evidence begins a ROLL BACK that has to stand."""
    live = evidence.revision == state.revision
    return live and state.latched is None and evidence.verdict is VerdictWord.ROLL_BACK


def latch(notes: Notes, tx: Transaction, actor_id: str, state: State, evidence: ReviewEvidence) -> None:
    """Have a live ROLL BACK stand, with a copy of what it was said on."""
    if not latches(state, evidence):
        return
    digest, data = frozen(evidence)
    tx.evidence.freeze(digest, data)
    why = f"revision {evidence.revision}: {sentence_of(evidence)}"
    tx.settings.set(LATCHED, why)
    tx.settings.set(LATCHED_REVISION, str(evidence.revision))
    after = {"revision": evidence.revision, "evidence": digest, "words": why}
    notes.note(tx, actor_id, "latch roll back", target="verdict", after=after)


def unlatch(tx: Transaction) -> None:
    """It stands no more."""
    tx.settings.set(LATCHED, "")
    tx.settings.set(LATCHED_REVISION, "")


def sentence_of(evidence: ReviewEvidence) -> str:
    """The verdict in one sentence, as its document says it."""
    try:
        sentence = json.loads(evidence.document)["verdict"]["sentence"]
    except (ValueError, TypeError, KeyError):
        return f"the verdict was {evidence.verdict.value.replace('_', ' ')}"
    return str(sentence)
