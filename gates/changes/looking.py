"""What can be looked at in a home without changing anything."""

from dataclasses import replace

from gates.changes.acceptance import Acceptance, acceptance
from gates.changes.budget_said import stopped_again
from gates.changes.content import CONTROLS
from gates.changes.desk import Desk
from gates.changes.divergence import Counted, Divergence
from gates.changes.documents import Patch, patched
from gates.changes.gathering import newest_revision, stored_mode, thresholds_in_force
from gates.changes.preview import Preview, preview
from gates.changes.questions import question
from gates.changes.requests import known
from gates.errors import InvalidChange, UnknownEntry
from gates.policy.diff import Delta, Dimension, Direction, diff, widens
from gates.policy.intent import Mode
from gates.policy.values import control_values
from gates.store.review_rows import BadOutputRow, ReviewRow, StatementRow, ThresholdsRow
from gates.store.rows import OwedRow, RequestRow, RevisionRow
from gates.verdict.question import Question
from gates.verdict.thresholds import Thresholds


def releases(deltas: tuple[Delta, ...]) -> bool:
    """Whether a change takes the kill off."""
    return any(one.dimension is Dimension.KILL and one.direction is Direction.WIDENS for one in deltas)


class Looking:
    """The part of the change service that only reads."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._counted = Counted()

    def question(self, revision: int | None = None) -> Question:
        """What to ask the telemetry about a revision, or the newest. Raises `UnknownEntry`."""
        with self._desk.store.read() as tx:
            return question(tx, self._desk.clock(), revision)

    def reviews(self, *, revision: int | None = None, step: str | None = None) -> tuple[ReviewRow, ...]:
        """Who looked at the evidence of a revision, or of a step under any; of neither: the newest."""
        with self._desk.store.read() as tx:
            if step is not None:
                found = tx.reviews.of_step(step)
                return found if revision is None else tuple(one for one in found if one.revision == revision)
            return tx.reviews.of_revision(newest_revision(tx).revision if revision is None else revision)

    def frozen_review(self, digest: str) -> bytes:
        """Frozen evidence byte for byte: its SHA-256 is the digest. Raises `UnknownEntry`."""
        with self._desk.store.read() as tx:
            data = tx.evidence.get(digest)
        if data is None:
            raise UnknownEntry(f"no evidence is frozen as `{digest}`; the review history names the digests")
        return data

    def bad_outputs(self) -> tuple[BadOutputRow, ...]:
        """Every report of a bad output, withdrawn ones too, oldest first."""
        with self._desk.store.read() as tx:
            return tx.bad_outputs.all()

    def statements(self) -> tuple[StatementRow, ...]:
        """Every signed statement, withdrawn and expired ones too, oldest first."""
        with self._desk.store.read() as tx:
            return tx.statements.all()

    def thresholds(self) -> Thresholds:
        """What verdicts are judged by."""
        with self._desk.store.read() as tx:
            return thresholds_in_force(tx)

    def thresholds_history(self) -> tuple[ThresholdsRow, ...]:
        """Every version that somebody put in force, oldest first; empty while the defaults are."""
        with self._desk.store.read() as tx:
            return tx.thresholds.all()

    def acceptance(self) -> Acceptance:
        """The checks that a promotion to `enforce` asks for."""
        with self._desk.store.read() as tx:
            return acceptance(self._desk, tx)

    def divergence(self) -> Divergence:
        """What each mode said so far, from the audit chain."""
        with self._desk.store.read() as tx:
            self._counted = self._counted.up_to_now(tx)
        return self._counted.divergence()

    def preview(self, patch: Patch) -> Preview:
        """What a change would do to the jobs seen lately."""
        newest, at_ns = self.newest(), self._desk.clock()
        after = patched(newest.after, patch, revision=newest.revision + 1, at_ns=at_ns)
        found = preview(newest.after, after, self._desk.jobs.recent(at_ns))
        if not releases(found.deltas):
            return found
        with self._desk.store.read() as tx:
            return replace(found, stopped_again=stopped_again(tx, at_ns))

    def preview_request(self, number: int) -> Preview:
        """What a request would do."""
        row = self.request(number)
        if row.kind != CONTROLS:
            raise InvalidChange(f"request {number} is of kind `{row.kind}` and admits no job")
        return self.preview(row.content["patch"])

    def only_narrows(self, patch: Patch) -> bool:
        """Whether a change lets no more jobs through than the newest revision."""
        before = self.newest().after
        after = patched(before, patch, revision=before["revision"] + 1, at_ns=self._desk.clock())
        return not widens(diff(control_values(before), control_values(after))) and "step" not in patch

    def request(self, number: int) -> RequestRow:
        """A change request. Raises `UnknownEntry`."""
        with self._desk.store.read() as tx:
            return known(tx, number)

    def newest(self) -> RevisionRow:
        """The newest revision. Raises `UnknownEntry` before the first."""
        with self._desk.store.read() as tx:
            return newest_revision(tx)

    def revisions(self) -> tuple[RevisionRow, ...]:
        """Every revision, oldest first."""
        with self._desk.store.read() as tx:
            return tuple(tx.revisions.all())

    def mode(self) -> Mode:
        """The enforcement mode."""
        with self._desk.store.read() as tx:
            return stored_mode(tx)

    def open_requests(self) -> tuple[RequestRow, ...]:
        """What waits for somebody."""
        with self._desk.store.read() as tx:
            return tuple(tx.requests.open())

    def owed(self) -> tuple[OwedRow, ...]:
        """Reasons and reviews that are owed, oldest first."""
        with self._desk.store.read() as tx:
            return tx.owed.open()
