"""How the controls came to be, told for people: each revision with its request, signatures and reason."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from gates.changes.desk import Desk
from gates.changes.gathering import ANY_RECORD as DEFAULT_PATTERN
from gates.changes.gathering import LATCHED, PATTERN, broadened, newest_revision, took_effect
from gates.changes.reverting import WayBack, way_back
from gates.store.port import Transaction
from gates.store.rows import ApprovalRow, OperatorRow, RequestRow, RevisionRow, TokenRow

_CONTROLS, _UNSAID = b'"target":"controls"', b'"reason":null'  # canonical JSON: how a record itself says it


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One revision. `reason` is null where none was given; `stands` is false where it never took effect."""

    revision: RevisionRow
    request: RequestRow | None
    approvals: tuple[ApprovalRow, ...]
    reason: str | None
    stands: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What stands besides the controls: an unacknowledged ROLL BACK, null where none; the form of records."""

    latched: str | None
    broadened: bool
    record_pattern: str


class Retelling:
    """The part of the change service that tells what was done, by whom and why. It only reads."""

    _desk: Desk

    def told(self) -> Told:
        """The newest revision. Raises `UnknownEntry` before the first."""
        with self._desk.store.read() as tx:
            newest = newest_revision(tx)
            return _told(tx, newest, _reasons(tx, {newest.revision}))

    def story(self) -> tuple[Told, ...]:
        """Every revision, newest first."""
        with self._desk.store.read() as tx:
            rows = tuple(tx.revisions.all())
            reasons = _reasons(tx, {row.revision for row in rows})
            return tuple(_told(tx, row, reasons) for row in reversed(rows))

    def standing(self) -> Standing:
        """What stands now."""
        with self._desk.store.read() as tx:
            return Standing(
                latched=tx.settings.get(LATCHED) or None,
                broadened=broadened(tx),
                record_pattern=tx.settings.get(PATTERN) or DEFAULT_PATTERN,
            )

    def way_back(self) -> WayBack:
        """How the last change would be undone. Raises `InvalidChange` where there is none."""
        with self._desk.store.read() as tx:
            return way_back(tx)

    def people(self) -> tuple[OperatorRow, ...]:
        """Everyone of this home, disabled ones too, by id."""
        with self._desk.store.read() as tx:
            return tx.operators.all()

    def tokens(self) -> tuple[TokenRow, ...]:
        """Every personal token, oldest first; nothing in them opens anything."""
        with self._desk.store.read() as tx:
            return tx.tokens.all()


def _told(tx: Transaction, row: RevisionRow, reasons: Mapping[int, str]) -> Told:
    request = None if row.request_number is None else tx.requests.get(row.request_number)
    return Told(
        revision=row,
        request=request,
        approvals=() if request is None else tx.approvals.of(request.number),
        reason=reasons.get(row.revision) if request is None else request.reason or None,
        stands=took_effect(tx, row),
    )


def _reasons(tx: Transaction, wanted: set[int]) -> dict[int, str]:
    """Why somebody acted alone, by revision, from the end of the audit chain backwards."""
    found: dict[int, str] = {}
    oldest = min(wanted, default=0)
    for record in tx.audit.backwards():
        if _CONTROLS not in record.body:
            continue
        said = json.loads(record.body)
        number = said["after"].get("revision") if isinstance(said["after"], dict) else None
        if number in wanted and _UNSAID not in record.body:
            found[number] = said["reason"]
        if isinstance(number, int) and number < oldest:
            break
    return found
