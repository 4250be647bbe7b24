"""Who began a stay, who signed, and with which word it was left."""

from typing import Any

from dashboard.data.stage_people import people_of
from gates.changes.retelling import Told
from gates.store.review_rows import ReviewMoment, ReviewRow
from gates.store.rows import ApprovalRow, RequestRow, RequestState, RevisionKind, RevisionRow
from gates.verdict.words import VerdictWord
from ingest.evidence import Stay
from schemas.stages import Step

STAY = Stay(
    history="home",
    number=1,
    step=Step.EXPAND_10,
    stage=2,
    revisions=(4, 5),
    intervals=(3, 4),
    from_ns=40,
    to_ns=60,
)


def told(revision: int, request: int | None, approvers: tuple[str, ...] = (), **more: Any) -> Told:
    row = RevisionRow(
        revision=revision,
        intent_id=f"i{revision}",
        actor_id=more.get("actor", "local|alice"),
        before=None,
        after={},
        effective_at_ns=revision * 10,
        kind=more.get("kind", RevisionKind.WIDENING),
        request_number=request,
        stage=2,
        step="expand-10",
    )
    asked = None if request is None else _request(request)
    signed = tuple(
        ApprovalRow(
            request_number=request or 0,
            approver_id=name,
            content_digest="c",
            base_revision=revision - 1,
            evidence_digest="e",
            at_ns=1,
        )
        for name in approvers
    )
    return Told(revision=row, request=asked, approvals=signed, reason=more.get("reason"), stands=True)


def _request(number: int) -> RequestRow:
    return RequestRow(
        number=number,
        state=RequestState.APPLIED,
        kind="controls",
        content={},
        content_digest="c",
        base_revision=1,
        requester="local|alice",
        editors=("local|alice",),
        last_editor="local|alice",
        reason="r",
        decision_record="ADR-1",
        exception=None,
        evidence_digest="e",
        evidence_frozen_at_ns=0,
        created_at_ns=0,
        edited_at_ns=0,
        closed_at_ns=1,
        closed_by="local|alice",
        closed_because=None,
    )


def look(
    number: int, revision: int, word: VerdictWord, moment: ReviewMoment, request: int | None = None
) -> ReviewRow:
    return ReviewRow(
        review_id=number,
        at_ns=number,
        revision=revision,
        step="expand-10",
        verdict=word,
        moment=moment,
        actor_id="local|bob",
        request_number=request,
        evidence_digest=f"sha256:{number}" if request else None,
    )


STORY = (
    told(6, 9, ("local|bob",)),
    told(5, None, kind=RevisionKind.NARROWING, actor="local|bob", reason="too slow"),
    told(4, 8, ("local|bob", "local|bob")),
)


def test_the_changes_that_made_it_oldest_first() -> None:
    first, second = people_of(STAY, STORY, ()).changes
    assert (first.revision, first.request, first.requester, first.approvers) == (
        4,
        8,
        "local|alice",
        ("local|bob",),
    )
    assert (second.kind, second.actor, second.requester, second.approvers, second.reason) == (
        "narrowing",
        "local|bob",
        None,
        (),
        "too slow",
    )


def test_the_word_is_that_of_the_applied_request_that_left_it() -> None:
    looks = (
        look(1, 5, VerdictWord.NOT_ENOUGH_DATA, ReviewMoment.PROPOSE, 9),
        look(2, 5, VerdictWord.EXPAND, ReviewMoment.APPROVE, 9),
        look(3, 5, VerdictWord.EXPAND, ReviewMoment.APPLY, 9),
        look(4, 5, VerdictWord.ROLL_BACK, ReviewMoment.LOOK),
    )
    word = people_of(STAY, STORY, looks).word
    assert word is not None
    assert (word.word, word.signed, word.request, word.digest) == (VerdictWord.EXPAND, True, 9, "sha256:3")


def test_else_it_is_what_was_noted_last() -> None:
    looks = (
        look(1, 3, VerdictWord.EXPAND, ReviewMoment.APPLY, 8),  # of the stay before
        look(2, 4, VerdictWord.NOT_ENOUGH_DATA, ReviewMoment.PROPOSE, 12),  # never applied
        look(3, 4, VerdictWord.HOLD, ReviewMoment.LOOK),
    )
    word = people_of(STAY, STORY, looks).word
    assert word is not None
    assert (word.word, word.signed, word.by) == (VerdictWord.HOLD, False, "local|bob")


def test_what_the_store_does_not_know_is_unknown() -> None:
    people = people_of(STAY, (), ())
    assert (people.changes, people.word) == ((), None)
