"""Settings, and what is owed."""

from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from gates.errors import AlreadyThere, UnknownEntry
from gates.store.repositories.columns import word
from gates.store.rows import OwedKind, OwedRow
from gates.store.tables import owed, setting


class SqlSettings:
    """See `gates.store.port.Settings`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, name: str) -> str | None:
        """None when it was never set."""
        return self._connection.execute(
            select(setting.c.value).where(setting.c.name == name)
        ).scalar_one_or_none()

    def set(self, name: str, value: str) -> None:
        """Set or replace. Two statements: an upsert is spelled differently everywhere."""
        changed = self._connection.execute(update(setting).where(setting.c.name == name).values(value=value))
        if changed.rowcount == 0:
            self._connection.execute(insert(setting).values(name=name, value=value))

    def all(self) -> dict[str, str]:
        """By name."""
        rows = self._connection.execute(select(setting).order_by(setting.c.name))
        return {row.name: row.value for row in rows}


class SqlOwed:
    """See `gates.store.port.Owed`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, kind: OwedKind, *, revision: int, operator_id: str, since_ns: int, due_ns: int) -> int:
        """The next id."""
        owed_id = int(
            self._connection.execute(select(func.coalesce(func.max(owed.c.owed_id), 0) + 1)).scalar_one()
        )
        self._connection.execute(
            insert(owed).values(
                owed_id=owed_id,
                kind=kind.value,
                revision=revision,
                operator_id=operator_id,
                since_ns=since_ns,
                due_ns=due_ns,
            )
        )
        return owed_id

    def open(self) -> tuple[OwedRow, ...]:
        """Oldest first."""
        query = select(owed).where(owed.c.given_at_ns.is_(None)).order_by(owed.c.owed_id)
        return tuple(map(_owed, self._connection.execute(query)))

    def give(self, owed_id: int, *, by: str, at_ns: int, text: str) -> None:
        """Once."""
        found = self._connection.execute(select(owed).where(owed.c.owed_id == owed_id)).first()
        if found is None:
            raise UnknownEntry(f"nothing is owed under number {owed_id}; list what is owed")
        if found.given_at_ns is not None:
            raise AlreadyThere(
                f"number {owed_id} was given by `{found.given_by}` before; nothing is left to do"
            )
        self._connection.execute(
            update(owed).where(owed.c.owed_id == owed_id).values(given_at_ns=at_ns, given_by=by, text=text)
        )


def _owed(found: Row[Any]) -> OwedRow:
    return OwedRow(
        owed_id=found.owed_id,
        kind=word(OwedKind, found.kind),
        revision=found.revision,
        operator_id=found.operator_id,
        since_ns=found.since_ns,
        due_ns=found.due_ns,
        given_at_ns=found.given_at_ns,
        given_by=found.given_by,
        text=found.text,
    )
