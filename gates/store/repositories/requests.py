"""Change requests: an open one moves on by legal steps, a closed one never changes."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select, update

from gates.errors import RequestConflict, UnknownEntry
from gates.store.repositories.columns import decoded, encoded, word
from gates.store.rows import NewRequest, RequestEdit, RequestRow, RequestState
from gates.store.tables import request as table
from gates.store.tables import request_editor as editors

_ENDS = frozenset({RequestState.APPLIED, RequestState.REJECTED, RequestState.EXPIRED, RequestState.VOIDED})
_STEPS: dict[RequestState, frozenset[RequestState]] = {
    RequestState.DRAFT: (_ENDS - {RequestState.APPLIED}) | {RequestState.IN_REVIEW},
    # Under shadow and off a change is applied without the signatures that enforce would ask for.
    RequestState.IN_REVIEW: _ENDS | {RequestState.APPROVED},
    RequestState.APPROVED: _ENDS | {RequestState.IN_REVIEW},
}
OPEN = tuple(state.value for state in _STEPS)


class SqlRequests:
    """See `gates.store.port.Requests`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, request: NewRequest) -> int:
        """The next number."""
        number = int(
            self._connection.execute(select(func.coalesce(func.max(table.c.number), 0) + 1)).scalar_one()
        )
        self._connection.execute(
            insert(table).values(
                number=number,
                state=request.state.value,
                kind=request.kind,
                content_json=encoded(request.content),
                content_digest=request.content_digest,
                base_revision=request.base_revision,
                requester=request.requester,
                last_editor=request.requester,
                reason=request.reason,
                decision_record=request.decision_record,
                exception=request.exception,
                evidence_digest=request.evidence_digest,
                evidence_frozen_at_ns=request.evidence_frozen_at_ns,
                created_at_ns=request.created_at_ns,
                edited_at_ns=request.created_at_ns,
            )
        )
        self._add_editor(number, (), request.requester)
        return number

    def get(self, number: int) -> RequestRow | None:
        """The one of that number."""
        return next(self._rows(select(table).where(table.c.number == number)), None)

    def open(self) -> Iterator[RequestRow]:
        """Oldest first."""
        yield from self._rows(select(table).where(table.c.state.in_(OPEN)).order_by(table.c.number))

    def all(self) -> Iterator[RequestRow]:
        """Oldest first."""
        yield from self._rows(select(table).order_by(table.c.number))

    def set_state(
        self, number: int, state: RequestState, *, by: str, at_ns: int, because: str | None = None
    ) -> None:
        """One legal step."""
        row = self._known(number)
        if state not in _STEPS.get(row.state, frozenset()):
            raise RequestConflict(
                f"request {number} is {row.state.value} and cannot become {state.value}; "
                "look at it again and propose the change anew if it is closed"
            )
        closing = {"closed_at_ns": at_ns, "closed_by": by, "closed_because": because}
        self._connection.execute(
            update(table)
            .where(table.c.number == number)
            .values(state=state.value, **(closing if state in _ENDS else {}))
        )

    def edit(self, number: int, edit: RequestEdit, *, seen_digest: str, by: str, at_ns: int) -> None:
        """Compare-and-swap on the content."""
        row = self._known(number)
        if row.state not in _STEPS:
            raise RequestConflict(f"request {number} is {row.state.value}; propose the change anew")
        if row.content_digest != seen_digest:
            raise RequestConflict(
                f"`{row.last_editor}` edited request {number} meanwhile; look at it again, then edit"
            )
        self._connection.execute(
            update(table)
            .where(table.c.number == number)
            .values(
                state=RequestState.IN_REVIEW.value,
                content_json=encoded(edit.content),
                content_digest=edit.content_digest,
                base_revision=edit.base_revision,
                reason=edit.reason,
                decision_record=edit.decision_record,
                exception=edit.exception,
                evidence_digest=edit.evidence_digest,
                evidence_frozen_at_ns=edit.evidence_frozen_at_ns,
                last_editor=by,
                edited_at_ns=at_ns,
            )
        )
        self._add_editor(number, row.editors, by)

    def _known(self, number: int) -> RequestRow:
        row = self.get(number)
        if row is None:
            raise UnknownEntry(f"there is no request {number}; list the requests to find it")
        return row

    def _add_editor(self, number: int, already: tuple[str, ...], operator_id: str) -> None:
        if operator_id not in already:
            self._connection.execute(
                insert(editors).values(request_number=number, position=len(already), operator_id=operator_id)
            )

    def _rows(self, query: Select[Any]) -> Iterator[RequestRow]:
        for found in self._connection.execute(query).all():
            names = self._connection.execute(
                select(editors.c.operator_id)
                .where(editors.c.request_number == found.number)
                .order_by(editors.c.position)
            ).scalars()
            yield _row(found, tuple(names))


def _row(found: Row[Any], names: tuple[str, ...]) -> RequestRow:
    return RequestRow(
        number=found.number,
        state=word(RequestState, found.state),
        kind=found.kind,
        content=decoded(found.content_json),
        content_digest=found.content_digest,
        base_revision=found.base_revision,
        requester=found.requester,
        editors=names,
        last_editor=found.last_editor,
        reason=found.reason,
        decision_record=found.decision_record,
        exception=found.exception,
        evidence_digest=found.evidence_digest,
        evidence_frozen_at_ns=found.evidence_frozen_at_ns,
        created_at_ns=found.created_at_ns,
        edited_at_ns=found.edited_at_ns,
        closed_at_ns=found.closed_at_ns,
        closed_by=found.closed_by,
        closed_because=found.closed_because,
    )
