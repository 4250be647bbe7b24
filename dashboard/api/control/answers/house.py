"""Answers about a home: its audit chain, its people, its telemetry."""

from typing import Any, Literal

from dashboard.api.control.answers.form import Answered


class AuditPage(Answered):
    """Records newest first; `olderBelow` is the `below` of the next page, null at the beginning of the chain.

    `cutShort`: the time was up before the page was full.
    """

    records: list[dict[str, Any]]
    newest: int
    older_below: int | None
    looked: int
    cut_short: bool


class Verification(Answered):
    """Whether the chain is intact; `badRecord` is the first that is not what was written."""

    intact: bool
    records: int | None
    last_leaf: str | None
    root: str | None
    checkpoints: int
    bad_record: int | None
    fault: str | None
    words: str | None


class Checkpoint(Answered):
    """A signed note, and the public key that checks it."""

    size: int
    root: str
    note: str
    key: str


class Key(Answered):
    """The public key of this home's notes."""

    key: str


class Operator(Answered):
    """A person and their roles."""

    operator: str
    roles: list[str]
    added_by: str | None
    added_at: str
    granted_by: str | None
    granted_at: str
    disabled_at: str | None


class Operators(Answered):
    """Everybody, disabled ones too."""

    operators: list[Operator]


class Token(Answered):
    """A token, never its secret."""

    token: str
    operator: str
    scope: str
    state: Literal["valid", "expired", "revoked"]
    created_by: str | None
    created_at: str
    expires_at: str | None
    revoked_at: str | None
    last_used: str | None


class Tokens(Answered):
    """Every token."""

    tokens: list[Token]


class Session(Answered):
    """A session of the dashboard."""

    session: str
    operator: str
    method: str
    standing: str
    created: str
    seen: str
    expires: str


class Sessions(Answered):
    """The sessions that are good for anything."""

    sessions: list[Session]


class Ended(Answered):
    """How many sessions ended."""

    ended: int


class Check(Answered):
    """One check of the doctor. `looked` is false where it could not be made: then `ok` says nothing."""

    check: str
    ok: bool
    looked: bool
    words: str
    todo: str


class Examined(Answered):
    """What is wrong with the home, and what to do."""

    ok: bool
    findings: list[Check]


class Probe(Answered):
    """One probe."""

    job_id: str
    path: str
    status: str
    error_code: str | None
    revision: int | None


class Probed(Answered):
    """How the probes ended, and what telemetry says after them."""

    probes: list[Probe]
    verification: str | None
    words: list[str]


class ReplayedRecord(Answered):
    """What became of one record."""

    record: str
    became: str
    why: str


class Replayed(Answered):
    """What became of the records that were read again."""

    records: list[ReplayedRecord]
