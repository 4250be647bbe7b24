"""Password hashes of the dashboard's own sign-in."""

from sqlalchemy import Connection, delete, insert, select

from gates.errors import UnknownEntry
from gates.store.tables import operator, password


class SqlPasswords:
    """See `gates.store.port.Passwords`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def set(self, operator_id: str, password_hash: str, *, at_ns: int) -> None:
        """The one before is gone."""
        known = select(operator.c.operator_id).where(operator.c.operator_id == operator_id)
        if self._connection.execute(known).first() is None:
            raise UnknownEntry(f"there is no operator `{operator_id}`; `slotgate operators list` names them")
        self._connection.execute(delete(password).where(password.c.operator_id == operator_id))
        self._connection.execute(
            insert(password).values(operator_id=operator_id, hash=password_hash, set_at_ns=at_ns)
        )

    def get(self, operator_id: str) -> str | None:
        """The hash as it was set."""
        found = self._connection.execute(
            select(password.c.hash).where(password.c.operator_id == operator_id)
        ).scalar_one_or_none()
        return None if found is None else str(found)
