"""The ports of the store: one write transaction or one snapshot at a time, and small repositories in it.

Every method raises a `StoreError` when the store cannot be used. Writing inside `read()` is a
`StoreError` too. What loses against somebody else raises a `Conflict`; nothing is half done then,
because leaving `begin()` by an exception takes everything back. What people typed (reasons, links)
is kept with `?` in place of what is no UTF-8; names and ids that are none raise `InvalidEntry`.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from gates.policy.intent import Role
from gates.store.call_port import Calls
from gates.store.review_port import BadOutputs, Comments, Drills, Reviews, Statements, Thresholds
from gates.store.rows import (
    ApprovalRow,
    AuditEntry,
    AuditRecord,
    CheckpointRow,
    NewRequest,
    OperatorRow,
    OwedKind,
    OwedRow,
    RequestEdit,
    RequestRow,
    RequestState,
    RevisionRow,
    TokenRow,
)
from gates.store.task_port import Tasks


class Revisions(Protocol):
    """Every revision of the controls, append-only."""

    def append(self, row: RevisionRow) -> None:
        """Add `row`. Raises `StaleRevision` unless its number is greater than every number there."""

    def newest(self) -> RevisionRow | None:
        """The revision with the greatest number, or None before the first."""

    def after(self, revision: int) -> Iterator[RevisionRow]:
        """Those with a greater number, oldest first."""

    def of_request(self, number: int) -> Iterator[RevisionRow]:
        """Those that the change request brought, oldest first."""

    def newest_of_steps(self, prefix: str) -> Iterator[RevisionRow]:
        """Those whose step begins with `prefix`, newest first, streaming."""

    def get(self, revision: int) -> RevisionRow | None:
        """The revision of that number, or None."""

    def all(self) -> Iterator[RevisionRow]:
        """All, oldest first."""


class Requests(Protocol):
    """Change requests. Closed ones never change again."""

    def create(self, request: NewRequest) -> int:
        """Add a request and return its number, counted from 1 without gaps."""

    def get(self, number: int) -> RequestRow | None:
        """The request of that number, or None."""

    def open(self) -> Iterator[RequestRow]:
        """Those in draft, in review or approved, oldest first."""

    def all(self) -> Iterator[RequestRow]:
        """All, oldest first."""

    def set_state(
        self, number: int, state: RequestState, *, by: str, at_ns: int, because: str | None = None
    ) -> None:
        """Move an open request on. Raises `UnknownEntry`, or `RequestConflict` when no such step exists."""

    def edit(self, number: int, edit: RequestEdit, *, seen_digest: str, by: str, at_ns: int) -> None:
        """Replace the content of an open request, which goes back into review.

        Raises `UnknownEntry`, or `RequestConflict` when it is closed or its content digest is no
        longer `seen_digest`.
        """


class Approvals(Protocol):
    """Signatures, append-only."""

    def add(self, row: ApprovalRow) -> None:
        """Add a signature. Raises `AlreadyThere` when this person already signed exactly this."""

    def of(self, request_number: int) -> tuple[ApprovalRow, ...]:
        """The signatures of a request, oldest first."""


class Evidence(Protocol):
    """Frozen evidence, byte for byte, append-only."""

    def freeze(self, digest: str, data: bytes) -> None:
        """Keep `data` under `digest`; the same again changes nothing.

        Raises `AlreadyThere` when other bytes are kept under that digest: the bytes must follow
        from the digest alone. When it was frozen for a request is a fact of the request.
        """

    def get(self, digest: str) -> bytes | None:
        """The bytes, or None. Raises `StoreCorrupt` when they are not what was frozen."""


class Operators(Protocol):
    """The people of this home."""

    def add(self, operator_id: str, roles: frozenset[Role], *, by: str | None, at_ns: int) -> None:
        """Add a person. Raises `AlreadyThere`, also for one who is disabled."""

    def get(self, operator_id: str) -> OperatorRow | None:
        """The person, or None."""

    def all(self) -> tuple[OperatorRow, ...]:
        """Everyone, by id."""

    def set_roles(self, operator_id: str, roles: frozenset[Role], *, by: str, at_ns: int) -> None:
        """Replace the roles, and enable again who was disabled. Raises `UnknownEntry`.

        Roles that were not held before make this a grant (`granted_by`), and so does enabling.
        """

    def disable(self, operator_id: str, *, at_ns: int) -> None:
        """Take every power away, tokens included; again changes nothing. Raises `UnknownEntry`."""


class Tokens(Protocol):
    """Personal tokens; only hashes are kept. `gates.store.tokens` makes and judges them."""

    def add(self, row: TokenRow) -> None:
        """Keep a token. Raises `UnknownEntry` when there is no such operator."""

    def get(self, token_id: str) -> TokenRow | None:
        """The token of that public id, or None."""

    def all(self) -> tuple[TokenRow, ...]:
        """All, oldest first."""

    def revoke(self, token_id: str, *, at_ns: int) -> None:
        """End a token; again changes nothing. Raises `UnknownEntry`."""

    def used(self, token_id: str, *, at_ns: int) -> None:
        """Note that a token was used."""


class Passwords(Protocol):
    """Passwords of the dashboard's own sign-in; only hashes, made and judged by `dashboard.auth`."""

    def set(self, operator_id: str, password_hash: str, *, at_ns: int) -> None:
        """Keep a hash in place of any before. Raises `UnknownEntry` when there is no such operator."""

    def get(self, operator_id: str) -> str | None:
        """The hash, or None when none was set."""


class Settings(Protocol):
    """Named texts: `mode`, `environment`, `decision_record_pattern`, …"""

    def get(self, name: str) -> str | None:
        """The text, or None when it was never set."""

    def set(self, name: str, value: str) -> None:
        """Set or replace the text."""

    def all(self) -> dict[str, str]:
        """All of them."""


class Owed(Protocol):
    """What is owed after somebody acted alone."""

    def add(self, kind: OwedKind, *, revision: int, operator_id: str, since_ns: int, due_ns: int) -> int:
        """Note a debt and return its id."""

    def open(self) -> tuple[OwedRow, ...]:
        """What is still owed, oldest first."""

    def give(self, owed_id: int, *, by: str, at_ns: int, text: str) -> None:
        """Settle a debt. Raises `UnknownEntry`, or `AlreadyThere` when it was settled before."""


class Audit(Protocol):
    """The audit chain, append-only."""

    def append(self, entry: AuditEntry) -> AuditRecord:
        """Chain a record to the last one. Raises `InvalidEntry` when it has no canonical JSON form."""

    def tail(self) -> AuditRecord | None:
        """The last record, or None."""

    def get(self, seq: int) -> AuditRecord | None:
        """The record of that number, or None."""

    def iterate(self, from_seq: int = 1) -> Iterator[AuditRecord]:
        """The records from `from_seq` on, oldest first, streaming."""

    def backwards(self, below: int | None = None) -> Iterator[AuditRecord]:
        """All records, or those before number `below`, newest first, streaming."""

    def add_checkpoint(self, row: CheckpointRow) -> None:
        """Keep a signed checkpoint."""

    def checkpoints(self) -> tuple[CheckpointRow, ...]:
        """Every checkpoint that was signed, by size."""

    def merged_late(self, name: str) -> int:
        """How many bytes of the late file `name` the chain already holds."""

    def mark_late(self, name: str, size: int) -> None:
        """Note that the first `size` bytes of the late file `name` are in the chain."""


class Transaction(Protocol):
    """The repositories, all inside one transaction."""

    # ruff: disable[D102]  what each returns says what it is
    @property
    def revisions(self) -> Revisions: ...
    @property
    def requests(self) -> Requests: ...
    @property
    def approvals(self) -> Approvals: ...
    @property
    def evidence(self) -> Evidence: ...
    @property
    def operators(self) -> Operators: ...
    @property
    def tokens(self) -> Tokens: ...
    @property
    def passwords(self) -> Passwords: ...
    @property
    def settings(self) -> Settings: ...
    @property
    def owed(self) -> Owed: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def thresholds(self) -> Thresholds: ...
    @property
    def reviews(self) -> Reviews: ...
    @property
    def bad_outputs(self) -> BadOutputs: ...
    @property
    def statements(self) -> Statements: ...
    @property
    def drills(self) -> Drills: ...
    @property
    def comments(self) -> Comments: ...
    @property
    def tasks(self) -> Tasks: ...
    @property
    def calls(self) -> Calls: ...

    # ruff: enable[D102]


class StorePort(Protocol):
    """A store: `gates.store.store.Store` over a file or in memory."""

    def begin(self) -> AbstractContextManager[Transaction]:
        """One write transaction: committed, durable, at the end of the block; taken back by an exception.

        Waits at most `busy_seconds` for another writer, then raises `StoreLocked`.
        """

    def read(self) -> AbstractContextManager[Transaction]:
        """One snapshot to read from; never waits for a writer."""
