"""Calls that carried an `Idempotency-Key`, and what was answered to them."""

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from gates.errors import AlreadyThere, UnknownEntry
from gates.store.call_port import CallRow
from gates.store.tables import keyed_call as call


class SqlCalls:
    """See `gates.store.call_port.Calls`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, operator_id: str, key: str) -> CallRow | None:
        """By person and key."""
        row = self._connection.execute(select(call).where(_is(operator_id, key))).first()
        if row is None:
            return None
        return CallRow(
            operator_id=row.operator_id,
            key=row.key,
            request_digest=row.request_digest,
            begun_at_ns=row.begun_at_ns,
            status=row.status,
            body=row.body_json,
        )

    def begin(self, begun: CallRow) -> None:
        """Each key once a person."""
        if self.get(begun.operator_id, begun.key) is not None:
            raise AlreadyThere(f"the key `{begun.key}` was used before; take a new one for a new call")
        self._connection.execute(
            insert(call).values(
                operator_id=begun.operator_id,
                key=begun.key,
                request_digest=begun.request_digest,
                begun_at_ns=begun.begun_at_ns,
                status=begun.status,
                body_json=begun.body,
            )
        )

    def end(self, operator_id: str, key: str, *, status: int, body: str) -> None:
        """The last answer stands."""
        done = self._connection.execute(
            update(call).where(_is(operator_id, key)).values(status=status, body_json=body)
        )
        if done.rowcount == 0:
            raise UnknownEntry(f"no call with the key `{key}` began; look whether it was more than a day ago")

    def forget(self, operator_id: str, key: str) -> None:
        """One call."""
        self._connection.execute(delete(call).where(_is(operator_id, key)))

    def forget_before(self, at_ns: int) -> None:
        """Everybody's."""
        self._connection.execute(delete(call).where(call.c.begun_at_ns < at_ns))


def _is(operator_id: str, key: str) -> ColumnElement[bool]:
    return (call.c.operator_id == operator_id) & (call.c.key == key)
