"""Drills of the kill."""

from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from gates.errors import AlreadyThere, UnknownEntry
from gates.store.repositories.columns import word
from gates.store.repositories.numbering import next_number
from gates.store.review_rows import DrillRow, DrillState
from gates.store.tables import drill


class SqlDrills:
    """See `gates.store.review_port.Drills`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, *, request_number: int, actor_id: str, base_revision: int, at_ns: int) -> int:
        """The next number."""
        number = next_number(self._connection, drill.c.drill_id)
        self._connection.execute(
            insert(drill).values(
                drill_id=number,
                request_number=request_number,
                actor_id=actor_id,
                base_revision=base_revision,
                began_at_ns=at_ns,
                state=DrillState.RUNNING.value,
                words="",
            )
        )
        return number

    def put(self, row: DrillRow) -> None:
        """Only while it runs."""
        if self.get(row.drill_id) is None:
            raise UnknownEntry(f"there is no drill {row.drill_id}; list them to find it")
        changed = self._connection.execute(
            update(drill)
            .where(drill.c.drill_id == row.drill_id, drill.c.state == DrillState.RUNNING.value)
            .values(
                state=row.state.value,
                kill_revision=row.kill_revision,
                killed_at_ns=row.killed_at_ns,
                confirmed_at_ns=row.confirmed_at_ns,
                restored_revision=row.restored_revision,
                ended_at_ns=row.ended_at_ns,
                words=row.words,
            )
        )
        if changed.rowcount == 0:
            raise AlreadyThere(f"drill {row.drill_id} ended before; propose another")

    def get(self, drill_id: int) -> DrillRow | None:
        """The one of that number."""
        return next(iter(self._rows(select(drill).where(drill.c.drill_id == drill_id))), None)

    def running(self) -> tuple[DrillRow, ...]:
        """Oldest first."""
        return self._rows(select(drill).where(drill.c.state == DrillState.RUNNING.value))

    def all(self) -> tuple[DrillRow, ...]:
        """Oldest first."""
        return self._rows(select(drill))

    def _rows(self, query: Select[Any]) -> tuple[DrillRow, ...]:
        return tuple(map(_drill, self._connection.execute(query.order_by(drill.c.drill_id))))


def _drill(found: Row[Any]) -> DrillRow:
    return DrillRow(
        drill_id=found.drill_id,
        request_number=found.request_number,
        actor_id=found.actor_id,
        base_revision=found.base_revision,
        began_at_ns=found.began_at_ns,
        state=word(DrillState, found.state),
        kill_revision=found.kill_revision,
        killed_at_ns=found.killed_at_ns,
        confirmed_at_ns=found.confirmed_at_ns,
        restored_revision=found.restored_revision,
        ended_at_ns=found.ended_at_ns,
        words=found.words,
    )
