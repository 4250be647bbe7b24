"""Who began a stay, who signed, and with which word it was left. Pure: from what the store keeps."""

from collections.abc import Sequence
from dataclasses import dataclass

from gates.changes.retelling import Told
from gates.store.review_rows import ReviewMoment, ReviewRow
from gates.verdict.words import VerdictWord
from ingest.evidence import Stay

_SIGNED = (ReviewMoment.APPLY, ReviewMoment.APPROVE, ReviewMoment.PROPOSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One revision of a stay. `requester` and `approvers` are empty where one person acted alone."""

    revision: int
    kind: str
    actor: str
    at_ns: int
    request: int | None
    requester: str | None
    approvers: tuple[str, ...]
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LastWord:
    """The word under which a stay was left. `signed`: an applied request named it; else it was noted last.

    `digest` names the frozen evidence, null where none was kept.
    """

    word: VerdictWord
    signed: bool
    by: str
    at_ns: int
    request: int | None
    digest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """`changes` are the revisions of a stay, oldest first; `word` is null where nobody looked."""

    changes: tuple[Change, ...]
    word: LastWord | None


def people_of(stay: Stay, story: Sequence[Told], looks: Sequence[ReviewRow]) -> People:
    """What the store knows of a stay of the home; `story` is in any order, `looks` are oldest first."""
    mine = {told.revision.revision: told for told in story if told.revision.revision in stay.revisions}
    changes = tuple(_change(mine[number]) for number in sorted(mine))
    seen = [row for row in looks if row.revision in mine]
    applied = {
        told.request.number
        for told in story
        if told.request is not None and told.revision.revision > max(mine, default=0)
    }
    return People(changes=changes, word=_word(seen, applied))


def _word(seen: Sequence[ReviewRow], applied: set[int]) -> LastWord | None:
    """The newest look on which an applied request left these revisions, else the newest look of all.

    Of the looks of one request the application counts, before the signature, before the proposal.
    """
    signed = [row for row in seen if row.request_number in applied and row.moment in _SIGNED]
    if signed:
        last = max(row.request_number or 0 for row in signed)
        row = min(
            (one for one in signed if one.request_number == last), key=lambda r: _SIGNED.index(r.moment)
        )
        return _last(row, signed=True)
    return _last(seen[-1], signed=False) if seen else None


def _last(row: ReviewRow, *, signed: bool) -> LastWord:
    return LastWord(
        word=row.verdict,
        signed=signed,
        by=row.actor_id,
        at_ns=row.at_ns,
        request=row.request_number,
        digest=row.evidence_digest,
    )


def _change(told: Told) -> Change:
    row, request = told.revision, told.request
    return Change(
        revision=row.revision,
        kind=row.kind.value,
        actor=row.actor_id,
        at_ns=row.effective_at_ns,
        request=row.request_number,
        requester=None if request is None else request.requester,
        approvers=tuple(dict.fromkeys(one.approver_id for one in told.approvals)),
        reason=told.reason,
    )
