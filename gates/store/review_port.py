"""The ports of what reviews leave behind. See `gates.store.port` for what every method raises."""

from typing import Protocol

from gates.store.review_rows import (
    BadOutputRow,
    CommentRow,
    DrillRow,
    NewReview,
    ReviewRow,
    StatementRow,
    ThresholdsRow,
)


class Thresholds(Protocol):
    """Every version of the thresholds, append-only."""

    def append(self, row: ThresholdsRow) -> None:
        """Add a version. Raises `StaleRevision` unless its number is greater than every number there."""

    def newest(self) -> ThresholdsRow | None:
        """The version in force, or None while the defaults are."""

    def all(self) -> tuple[ThresholdsRow, ...]:
        """All, oldest first."""


class Reviews(Protocol):
    """Who looked at which evidence, append-only."""

    def add(self, review: NewReview) -> ReviewRow:
        """Note a look."""

    def of_revision(self, revision: int) -> tuple[ReviewRow, ...]:
        """The looks under a revision, oldest first."""

    def of_step(self, step: str) -> tuple[ReviewRow, ...]:
        """The looks at a step under any revision, oldest first."""

    def newest(self, revision: int) -> ReviewRow | None:
        """The last look under a revision, or None."""

    def expanded_before(self, revision: int) -> int | None:
        """The newest applied request over a revision before this one that was signed on EXPAND, or None."""


class BadOutputs(Protocol):
    """Outputs that people found bad."""

    def add(self, *, job_id: str, revision: int, reason: str, by: str, at_ns: int) -> int:
        """Note a report and return its number."""

    def standing(self, revision: int) -> tuple[BadOutputRow, ...]:
        """The reports made under a revision that were not withdrawn, oldest first."""

    def of_job(self, job_id: str) -> tuple[BadOutputRow, ...]:
        """Every report of a job, oldest first."""

    def all(self) -> tuple[BadOutputRow, ...]:
        """All, oldest first."""

    def withdraw(self, report_id: int, *, by: str, at_ns: int, because: str) -> None:
        """Take a report back. Raises `UnknownEntry`, or `AlreadyThere` when it was taken back before."""


class Statements(Protocol):
    """What people signed about the items of the lists."""

    def add(self, *, item: str, text: str, link: str, author: str, at_ns: int, expires_ns: int | None) -> int:
        """Keep a statement and return its number."""

    def all(self) -> tuple[StatementRow, ...]:
        """All, withdrawn and expired ones too, oldest first."""

    def withdraw(self, statement_id: int, *, by: str, at_ns: int, because: str) -> None:
        """Take a statement back. Raises `UnknownEntry`, or `AlreadyThere` when it was taken back before."""


class Drills(Protocol):
    """Drills of the kill. One that ended never changes again."""

    def begin(self, *, request_number: int, actor_id: str, base_revision: int, at_ns: int) -> int:
        """Note that a drill begins, and return its number."""

    def put(self, row: DrillRow) -> None:
        """Replace what is known of a running drill. Raises `UnknownEntry`, or `AlreadyThere` if it ended."""

    def get(self, drill_id: int) -> DrillRow | None:
        """The drill of that number, or None."""

    def running(self) -> tuple[DrillRow, ...]:
        """Those that did not end, oldest first."""

    def all(self) -> tuple[DrillRow, ...]:
        """All, oldest first."""


class Comments(Protocol):
    """What people said about requests, append-only."""

    def add(self, request_number: int, *, author: str, at_ns: int, text: str) -> CommentRow:
        """Add a comment at the end. Raises `UnknownEntry` where there is no such request."""

    def of(self, request_number: int) -> tuple[CommentRow, ...]:
        """The comments on a request, oldest first."""
