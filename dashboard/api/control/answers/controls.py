"""Answers about controls and change requests."""

from typing import Any, Literal

from dashboard.api.control.answers.form import Answered, ModeName, Outcome


class Finding(Answered):
    """A rule that is broken."""

    code: str
    words: str
    source: str


class Delta(Answered):
    """What moves, and whether it WIDENS or NARROWS."""

    dimension: str
    direction: str
    words: str


class Judged(Answered):
    """What the change service answers to an intent.

    `outcome` ALLOWED: no rule is broken. WOULD_BLOCK: it went on, and `enforce` would have refused it.
    UNCHECKED: the mode is `off`. `request` is the change request that waits, or was moved on; `revision` the
    one that this call put in force. `token` is shown this once. `late`: not on record yet, and why.
    """

    outcome: Outcome
    mode: ModeName | None
    reason_codes: list[str]
    findings: list[Finding]
    deltas: list[Delta]
    next_step: str
    request: int | None
    revision: int | None
    done: str
    token: str | None = None
    late: str | None = None


class Revision(Answered):
    """One revision of the controls."""

    revision: int
    kind: str
    at: str
    by: str
    stage: int
    step: str
    request: int | None


class Request(Answered):
    """One change request; `digest` is what an approver signs."""

    request: int
    state: str
    kind: str
    base_revision: int
    requester: str
    editors: list[str]
    content: dict[str, Any]
    digest: str
    evidence: str
    created_at: str
    closed_because: str | None


class Debt(Answered):
    """A reason or a review that is owed."""

    id: int
    kind: str
    revision: int
    by: str
    due: str


class Standing(Answered):
    """The controls as they stand. `why` says what stops them, null where they are live."""

    mode: ModeName
    environment: str
    live: bool
    why: str | None
    newest: Revision
    controls: dict[str, Any]
    unreviewed: str | None
    requests: list[Request]
    owed: list[Debt]


class History(Answered):
    """Every revision, oldest first."""

    revisions: list[Revision]


class Difference(Answered):
    """What one revision changed against another."""

    deltas: list[Delta]


class Requests(Answered):
    """Change requests, oldest first."""

    requests: list[Request]


class Owed(Answered):
    """What is owed, oldest first."""

    owed: list[Debt]


class Preview(Answered):
    """What a change would do to the jobs seen lately; counts are null where none could be seen."""

    sentence: str
    unseen: str | None
    exact: bool
    seen: int | None
    hours: float | None
    until: str | None
    admitted: list[str] | None
    expelled: list[str] | None
    perhaps_admitted: int | None
    perhaps_expelled: int | None
    admitted_per_hour: float | None
    scope: list[str]
    deltas: list[str]


class Rejected(Answered):
    """A request that is closed for good."""

    request: int
    state: Literal["rejected"]


class Commented(Answered):
    """A comment that was kept."""

    request: int
    author: str
    at: str
    text: str


class Given(Answered):
    """What was owed and is given."""

    given: int
