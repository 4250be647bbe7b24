"""Record a narrowing or a kill that has taken effect: in the store, or late when it cannot be."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from gates.changes.convergence import narrows_only
from gates.changes.documents import renumbered
from gates.changes.late import LateFile, LateRecord
from gates.controls.publish import InForce, Published
from gates.errors import GateError, PublishFailed
from gates.store.port import StorePort, Transaction
from gates.store.rows import AuditEntry, OwedKind, RevisionKind, RevisionRow
from schemas.instant import SECOND
from schemas.stages import STAGE_OF, Step

OWED_FOR_NS = 24 * 3600 * SECOND


class Republisher(Protocol):
    """The part of the publisher that recording needs."""

    def in_force(self) -> InForce: ...  # noqa: D102  see there
    def publish(self, controls: Mapping[str, Any], over: InForce | None = None) -> Published: ...  # noqa: D102  see there


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What somebody did. `before` and `after` are the documents in force, null where there was none."""

    action: str
    actor_id: str
    roles: tuple[str, ...]
    reason: str | None
    at_ns: int
    kind: RevisionKind
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    outcome: str | None
    codes: tuple[str, ...]
    described: Mapping[str, Any]


def record(
    store: StorePort, publisher: Republisher, late: LateFile, deed: Deed, intent_id: str
) -> str | None:
    """Write the deed down; why it could not be written yet, or null. Never raises."""
    try:
        with store.begin() as tx:
            in_force = publisher.in_force()
            document = _append_revision(tx, deed, in_force, intent_id)
            tx.audit.append(entry_of(deed, tx.settings.get("mode"), tx.settings.get("environment")))
            note_debt(tx, deed.action, deed.reason, deed.actor_id, deed.at_ns)
    except (GateError, OSError) as error:
        return spooled(late, deed, str(error))
    if document is not None and document != in_force.document:
        try:
            publisher.publish(document, over=in_force)
        except PublishFailed as error:
            return f"{error}; the next change mends the numbering"
    return None


def spooled(late: LateFile, deed: Deed, why: str) -> str:
    """Keep the deed for later; why it is late, in words."""
    try:
        late.spool(LateRecord(entry_of(deed, None, None), deed.after))
    except OSError as error:
        return (
            f"{why}; it could not be kept for later either ({(error.strerror or str(error)).lower()}): "
            "the next start records what it finds, not who did it"
        )
    return f"{why}; the record is kept and will be added late"


def entry_of(deed: Deed, mode: str | None, environment: str | None) -> AuditEntry:
    """The deed as an audit entry."""
    return AuditEntry(
        time_ns=deed.at_ns,
        actor=deed.actor_id,
        roles=deed.roles,
        action=deed.action,
        target="controls",
        before=_numbered(deed.before),
        after={**_numbered(deed.after), **deed.described},
        reason=deed.reason,
        outcome=deed.outcome,
        mode=mode,
        reason_codes=deed.codes,
        environment=environment,
    )


def note_debt(tx: Transaction, action: str, reason: str | None, actor_id: str, at_ns: int) -> None:
    """A kill without a reason owes one within 24 h; a kill with one, the same or a later, gives it."""
    if action not in ("kill", "kill again"):
        return
    newest = tx.revisions.newest()
    owed = [debt for debt in tx.owed.open() if debt.kind is OwedKind.REASON]
    if reason:
        for debt in owed:
            tx.owed.give(debt.owed_id, by=actor_id, at_ns=at_ns, text=reason)
    elif newest is not None and action == "kill":
        due_ns = at_ns + OWED_FOR_NS
        tx.owed.add(
            OwedKind.REASON, revision=newest.revision, operator_id=actor_id, since_ns=at_ns, due_ns=due_ns
        )


def row_of(
    document: Mapping[str, Any],
    before: Mapping[str, Any] | None,
    kind: RevisionKind,
    *,
    actor_id: str,
    intent_id: str,
    at_ns: int,
    request: int | None = None,
) -> RevisionRow:
    """A document as a revision of the store."""
    step = Step(document["step"])
    return RevisionRow(
        revision=document["revision"],
        intent_id=intent_id,
        actor_id=actor_id,
        before=before,
        after=document,
        effective_at_ns=at_ns,
        kind=kind,
        request_number=request,
        stage=int(STAGE_OF[step] or 0),
        step=step.value,
    )


def _append_revision(
    tx: Transaction, deed: Deed, in_force: InForce, intent_id: str
) -> Mapping[str, Any] | None:
    """The document that the store now has as its newest, or null where there was nothing to add.

    A number that the store has given away meanwhile is exchanged for a new one. Where somebody has
    changed the file since, or it held what nobody reviewed, the deed goes into the audit alone;
    `reconcile` sees to the rest.
    """
    newest = tx.revisions.newest()
    document = deed.after
    if newest is None or document is None or document == deed.before or document != in_force.document:
        return None
    if document == newest.after or not narrows_only(newest.after, document):
        return None
    renewed = renumbered(document, revision=max(newest.revision + 1, document["revision"]))
    tx.revisions.append(
        row_of(renewed, deed.before, deed.kind, actor_id=deed.actor_id, intent_id=intent_id, at_ns=deed.at_ns)
    )
    return renewed


def _numbered(document: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"revision": None if document is None else document["revision"]}
