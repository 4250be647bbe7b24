"""Requests as one reader sees them: what waits for whom, and why somebody may not sign. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from dashboard.record.asked import Asked
from gates.changes.preview import Preview
from gates.changes.rehearsing import Rehearsal
from gates.changes.requested import RequestFile
from gates.policy.evidence import ReviewEvidence
from gates.policy.intent import Mode
from gates.policy.outcome import Finding, Outcome, ReasonCode
from gates.store.rows import OwedRow, RequestRow, RequestState

_OF_THE_PERSON = {ReasonCode.ROLE, ReasonCode.OWN_APPROVAL}
EXAMPLES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """What would be answered to one person who signs, or applies, now; nothing was recorded to find out.

    `not_counting` says why a signature would carry nothing, null where it would. `failed` says why it
    cannot be told; then both rehearsals are null.
    """

    sign: Rehearsal | None
    apply: Rehearsal | None
    not_counting: str | None
    failed: str | None = None

    @property
    def keeps_from_signing(self) -> tuple[str, ...]:
        """What lies with the person: their role, their own request, who brought them in."""
        if self.sign is None:
            return (self.failed or "nobody is signed in",)
        own = [one.words for one in self.sign.decision.findings if one.code in _OF_THE_PERSON]
        return (*own, *([self.not_counting] if self.not_counting else []))

    @property
    def keeps_from_applying(self) -> tuple[str, ...]:
        """The same for applying."""
        if self.apply is None:
            return (self.failed or "nobody is signed in",)
        return tuple(one.words for one in self.apply.decision.findings if one.code in _OF_THE_PERSON)

    @property
    def stands_against_signing(self) -> tuple[Finding, ...]:
        """What lies with the request and its evidence, whoever signs."""
        return _others(self.sign)

    @property
    def stands_against_applying(self) -> tuple[Finding, ...]:
        """The same for applying."""
        return _others(self.apply)


def barred(rehearsal: Rehearsal | None) -> str | None:
    """That the person lacks the role, in words, or null. Under shadow a rule blocks nothing; a page does:
    whoever may only look changes nothing through it.
    """
    if rehearsal is None:
        return None
    return next((one.words for one in rehearsal.decision.findings if one.code is ReasonCode.ROLE), None)


def blocked(rehearsal: Rehearsal | None) -> bool:
    """Whether it would be refused; under shadow and off findings are recorded and nothing is."""
    return rehearsal is not None and rehearsal.decision.outcome is Outcome.BLOCKED


def _others(rehearsal: Rehearsal | None) -> tuple[Finding, ...]:
    if rehearsal is None:
        return ()
    return tuple(one for one in rehearsal.decision.findings if one.code not in _OF_THE_PERSON)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An open request in the list. `signed_by` are those whose signature is for what it says now."""

    row: RequestRow
    asked: Asked
    expires_ns: int
    signed_by: tuple[str, ...]
    comments: int
    prospect: Prospect


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A closed request in the list."""

    row: RequestRow
    headline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """Everything that waits, and what closed lately, newest first. `next_step` may be proposed now."""

    waiting: tuple[Waiting, ...]
    closed: tuple[Closed, ...]
    owed: tuple[OwedRow, ...]
    mode: Mode
    next_step: str

    @property
    def ready(self) -> tuple[Waiting, ...]:
        """Approved: somebody may put them in force."""
        return tuple(one for one in self.waiting if one.row.state is RequestState.APPROVED)

    @property
    def mine(self) -> tuple[Waiting, ...]:
        """Those that the reader may sign as far as it lies with them."""
        return tuple(one for one in self._unsigned if not one.prospect.keeps_from_signing)

    @property
    def others(self) -> tuple[Waiting, ...]:
        """Those that somebody else must sign."""
        return tuple(one for one in self._unsigned if one.prospect.keeps_from_signing)

    @property
    def _unsigned(self) -> Iterable[Waiting]:
        return (one for one in self.waiting if one.row.state is not RequestState.APPROVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """A preview with a few of its jobs instead of all; `failed` says why there is none."""

    sentence: str
    exact: bool
    admitted: int
    expelled: int
    perhaps_admitted: int
    perhaps_expelled: int
    per_hour: float | None
    seen: int
    hours: float
    until_ns: int | None
    unseen: str | None
    scope: tuple[str, ...]
    examples: tuple[str, ...]
    failed: str | None = None


def reach(found: Preview) -> Reach:
    """What a page shows of a preview."""
    return Reach(
        sentence=found.sentence,
        exact=found.exact,
        admitted=len(found.admitted),
        expelled=len(found.expelled),
        perhaps_admitted=found.perhaps_admitted,
        perhaps_expelled=found.perhaps_expelled,
        per_hour=found.admitted_per_hour,
        seen=found.seen,
        hours=found.hours,
        until_ns=found.until_ns,
        unseen=found.unseen,
        scope=found.scope,
        examples=(*found.admitted, *found.expelled)[:EXAMPLES],
    )


def no_reach(why: str) -> Reach:
    """There is none."""
    return Reach(
        sentence=why,
        exact=False,
        admitted=0,
        expelled=0,
        perhaps_admitted=0,
        perhaps_expelled=0,
        per_hour=None,
        seen=0,
        hours=0.0,
        until_ns=None,
        unseen=None,
        scope=(),
        examples=(),
        failed=why,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One request as one reader sees it. `live` is the evidence of now, null once the request is closed."""

    file: RequestFile
    asked: Asked
    frozen: ReviewEvidence | None
    live: ReviewEvidence | None
    prospect: Prospect

    @property
    def is_open(self) -> bool:
        """Whether anything can become of it."""
        return self.file.row.closed_at_ns is None

    @property
    def mark(self) -> tuple[str, str, bool, bool]:
        """What the buttons are drawn for: state and content, and whether signing or applying is refused."""
        row, prospect = self.file.row, self.prospect
        return row.state.value, row.content_digest, blocked(prospect.sign), blocked(prospect.apply)
