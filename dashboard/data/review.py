"""Ask the change service what the Review page shows. Nothing is recorded, no cache, no Streamlit."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from dashboard.data.requests import (
    Closed,
    Inbox,
    Prospect,
    Reach,
    Sheet,
    Waiting,
    no_reach,
    reach,
)
from dashboard.record.asked import asked, asked_of
from dashboard.record.document import signs
from dashboard.record.evidence import frozen_of
from gates.changes.content import CONTROLS
from gates.changes.service import ChangeService
from gates.errors import GateError
from gates.policy.evidence import ReviewEvidence
from gates.policy.intent import Actor
from gates.store.rows import RequestRow
from schemas.stages import Step

ToLook = Callable[[], AbstractContextManager[ChangeService]]
RECENTLY_CLOSED = 25


def inbox(to_look: ToLook, actor: Actor | None, live: ReviewEvidence | None) -> Inbox:
    """What waits for `actor`, null for nobody. `live` is what telemetry showed last. Raises `GateError`."""
    with to_look() as service:
        rows, mode = service.requests(), service.mode()
        revisions = {row.revision: row for row in service.revisions()}
        if live is not None and live.revision != max(revisions):
            live = None  # of controls that are in force no more: look anew
        files = [service.request_file(row.number) for row in rows if row.closed_at_ns is None]
        closed = [row for row in rows if row.closed_at_ns is not None]
        closed.sort(key=lambda row: row.closed_at_ns or 0, reverse=True)
        return Inbox(
            waiting=tuple(
                Waiting(
                    row=file.row,
                    asked=asked(file),
                    expires_ns=file.expires_ns,
                    signed_by=tuple(one.approver_id for one in file.approvals if signs(one, file.row)),
                    comments=len(file.comments),
                    prospect=_prospect(service, actor, file.row, live),
                )
                for file in files
            ),
            closed=tuple(
                Closed(row=row, headline=asked_of(row, revisions.get(row.base_revision), "").headline)
                for row in closed[:RECENTLY_CLOSED]
            ),
            owed=service.owed(),
            mode=mode,
            next_step=service.next_step(),
        )


def sheet(
    to_look: ToLook,
    actor: Actor | None,
    number: int,
    live: ReviewEvidence | None,
    look: Callable[[ChangeService], ReviewEvidence],
) -> Sheet:
    """One request. Without `live`, `look` asks the telemetry anew. Raises `GateError`."""
    with to_look() as service:
        file = service.request_file(number)
        is_open = file.row.closed_at_ns is None
        if is_open and (live is None or live.revision != file.newest.revision):
            live = look(service)
        return Sheet(
            file=file,
            asked=asked(file),
            frozen=frozen_of(file),
            live=live if is_open else None,
            prospect=_prospect(service, actor, file.row, live),
        )


def whom_it_reaches(to_look: ToLook, number: int) -> Reach:
    """The preview of a request. Raises `GateError`."""
    with to_look() as service:
        row = service.request(number)
        if row.kind != CONTROLS:
            return no_reach("a request of this kind admits no job by itself")
        return reach(service.preview_request(number))


def _prospect(
    service: ChangeService, actor: Actor | None, row: RequestRow, live: ReviewEvidence | None
) -> Prospect:
    if actor is None:
        return Prospect(sign=None, apply=None, not_counting=None)
    # Only a look of the service's own knows whether the beta criteria are met.
    after = row.content.get("after")
    steady = isinstance(after, dict) and after.get("step") == Step.STEADY.value
    evidence = None if steady else live
    try:
        return Prospect(
            sign=service.would_approve(actor, row.number, evidence),
            apply=service.would_apply(actor, row.number, evidence),
            not_counting=service.would_not_count(actor, row.number),
        )
    except GateError as error:
        return Prospect(sign=None, apply=None, not_counting=None, failed=str(error))
