"""The controls, their history, change requests and debts as JSON."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gates.changes.looking import Looking
from gates.changes.service import ChangeService
from gates.controls.instant import timestamp
from gates.controls.reader import ControlFile
from gates.errors import UnknownEntry
from gates.home import Home
from gates.policy.delta import Delta
from gates.policy.diff import diff
from gates.policy.intent import Mode
from gates.policy.values import control_values
from gates.store.rows import OwedRow, RequestRow, RevisionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is in force, what waits for somebody, what is owed.

    `why` says by the control file what stops every job, null where nothing does; `unreviewed` what is wrong
    where that file is not the newest revision.
    """

    newest: RevisionRow
    mode: Mode
    why: str | None
    unreviewed: str | None
    requests: tuple[RequestRow, ...]
    owed: tuple[OwedRow, ...]


def standing_of(service: ChangeService, home: Home) -> Standing:
    """How the controls of `home` stand. Raises what the store raises."""
    controls = ControlFile(home.control_file).current()
    return Standing(
        newest=service.newest(),
        mode=service.mode(),
        why=controls.unknown or controls.killed,
        unreviewed=service.unreviewed(),
        requests=tuple(service.open_requests()),
        owed=tuple(service.owed()),
    )


def standing(found: Standing) -> dict[str, Any]:
    """How the controls stand."""
    return {
        "mode": found.mode.value,
        "environment": found.newest.after["environment"],
        "live": found.why is None,
        "why": found.why,
        "newest": revision(found.newest),
        "controls": found.newest.after,
        "unreviewed": found.unreviewed,
        "requests": [request(row) for row in found.requests],
        "owed": [debt(row) for row in found.owed],
    }


def difference(service: Looking, before: int, after: int) -> list[dict[str, str]]:
    """What revision `after` changed against `before`. Raises `UnknownEntry`."""
    by_number = {row.revision: row.after for row in service.revisions()}
    for number in (before, after):
        if number not in by_number:
            raise UnknownEntry(f"there is no revision {number}; `slotgate controls history` lists them")
    return deltas(diff(control_values(by_number[before]), control_values(by_number[after])))


def deltas(found: Iterable[Delta]) -> list[dict[str, str]]:
    """What moves, which way, in words."""
    return [{"dimension": d.dimension.value, "direction": d.direction.value, "words": d.words} for d in found]


def revision(row: RevisionRow) -> dict[str, Any]:
    """One revision; `request` is null where nobody asked by one."""
    return {
        "revision": row.revision,
        "kind": row.kind.value,
        "at": timestamp(row.effective_at_ns),
        "by": row.actor_id,
        "stage": row.stage,
        "step": row.step,
        "request": row.request_number,
    }


def request(row: RequestRow) -> dict[str, Any]:
    """One change request; `digest` is what an approver signs."""
    return {
        "request": row.number,
        "state": row.state.value,
        "kind": row.kind,
        "baseRevision": row.base_revision,
        "requester": row.requester,
        "editors": list(row.editors),
        "content": row.content,
        "digest": row.content_digest,
        "evidence": row.evidence_digest,
        "createdAt": timestamp(row.created_at_ns),
        "closedBecause": row.closed_because,
    }


def debt(row: OwedRow) -> dict[str, Any]:
    """A reason or a review that is owed."""
    return {
        "id": row.owed_id,
        "kind": row.kind.value,
        "revision": row.revision,
        "by": row.operator_id,
        "due": timestamp(row.due_ns),
    }
