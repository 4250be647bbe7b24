"""What the store keeps of reviews: thresholds, looks, reports, statements, drills. Frozen values.

Times are epoch nanoseconds; no I/O here.
"""

from dataclasses import dataclass
from enum import StrEnum

from gates.store.rows import Json
from gates.verdict.words import VerdictWord


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdsRow:
    """One version of the thresholds; `document` is a thresholds.v1. `request_number` is null where one
    person made them stricter.
    """

    version_number: int
    document: Json
    actor_id: str
    at_ns: int
    request_number: int | None


class ReviewMoment(StrEnum):
    """When somebody looked. `freeze`: a person kept a copy. `look`: the verdict was another than before."""

    PROPOSE = "propose"
    EDIT = "edit"
    APPROVE = "approve"
    APPLY = "apply"
    FREEZE = "freeze"
    LOOK = "look"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReview:
    """One look at the evidence of `step` under `revision`. `evidence_digest` names the frozen copy, null
    where none was kept.
    """

    at_ns: int
    revision: int
    step: str
    verdict: VerdictWord
    moment: ReviewMoment
    actor_id: str
    request_number: int | None
    evidence_digest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow(NewReview):
    """A look with its number."""

    review_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawable:
    """What somebody said and may take back; `withdrawn_*` are null while it stands."""

    withdrawn_at_ns: int | None = None
    withdrawn_by: str | None = None
    withdrawn_because: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BadOutputRow(Withdrawable):
    """An output that a person reviewed and found bad, while `revision` was in force."""

    report_id: int
    job_id: str
    revision: int
    reason: str
    reported_by: str
    at_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRow(Withdrawable):
    """What `author` signed about an item of the lists. `expires_ns` null: it stands until withdrawn."""

    statement_id: int
    item: str
    text: str
    link: str
    author: str
    at_ns: int
    expires_ns: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentRow:
    """What somebody said about a request. `position` counts from 0 within the request."""

    request_number: int
    position: int
    author: str
    at_ns: int
    text: str


class DrillState(StrEnum):
    """How far a drill came. Only `restored` is a tested rollback; `left_killed` says in words why."""

    RUNNING = "running"
    RESTORED = "restored"
    LEFT_KILLED = "left_killed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillRow:
    """A drill. `killed_at_ns` is when the kill took effect, `confirmed_at_ns` when telemetry confirmed it,
    `ended_at_ns` when the controls were back, or when it was given up.
    """

    drill_id: int
    request_number: int
    actor_id: str
    base_revision: int
    began_at_ns: int
    state: DrillState
    kill_revision: int | None
    killed_at_ns: int | None
    confirmed_at_ns: int | None
    restored_revision: int | None
    ended_at_ns: int | None
    words: str
