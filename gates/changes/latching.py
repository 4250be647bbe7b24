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
    """Whether this evidence begins a ROLL BACK that has to stand.

    One that only repeats what stood when it was formed begins none: it may have been acknowledged since.
    """
    live = evidence.revision == state.revision
    begins = evidence.verdict is VerdictWord.ROLL_BACK and not _repeats(evidence)
    return live and state.latched is None and begins


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
    said = _verdict_of(evidence).get("sentence")
    return f"the verdict was {evidence.verdict.value.replace('_', ' ')}" if said is None else str(said)


def _repeats(evidence: ReviewEvidence) -> bool:
    """Whether nothing of its own makes it ROLL BACK; not known counts as no."""
    return _verdict_of(evidence).get("stops") == []


def _verdict_of(evidence: ReviewEvidence) -> dict[str, Any]:
    """The verdict's part of the document; empty where nobody looked, or it cannot be read."""
    try:
        found = json.loads(evidence.document)["verdict"]
    except (ValueError, TypeError, KeyError):
        return {}
    return found if isinstance(found, dict) else {}
