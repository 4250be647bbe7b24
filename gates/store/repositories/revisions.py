"""Revisions of the controls."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from gates.errors import StaleRevision
from gates.store.repositories.columns import decoded, encoded, word
from gates.store.rows import RevisionKind, RevisionRow
from gates.store.tables import revision as table


class SqlRevisions:
    """See `gates.store.port.Revisions`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, row: RevisionRow) -> None:
        """Compare-and-swap: the number must be greater than every number there."""
        newest = self._connection.execute(select(func.max(table.c.revision))).scalar_one()
        if newest is not None and row.revision <= newest:
            raise StaleRevision(
                f"revision {row.revision} is taken, the controls are at {newest}; "
                "look at what changed and propose the change anew"
            )
        self._connection.execute(
            insert(table).values(
                revision=row.revision,
                intent_id=row.intent_id,
                actor_id=row.actor_id,
                before_json=None if row.before is None else encoded(row.before),
                after_json=encoded(row.after),
                effective_at_ns=row.effective_at_ns,
                kind=row.kind.value,
                request_number=row.request_number,
                stage=row.stage,
                step=row.step,
            )
        )

    def newest(self) -> RevisionRow | None:
        """The one with the greatest number."""
        found = self._connection.execute(select(table).order_by(table.c.revision.desc()).limit(1)).first()
        return None if found is None else _row(found)

    def get(self, revision: int) -> RevisionRow | None:
        """The one of that number."""
        found = self._connection.execute(select(table).where(table.c.revision == revision)).first()
        return None if found is None else _row(found)

    def after(self, revision: int) -> Iterator[RevisionRow]:
        """Oldest first."""
        query = select(table).where(table.c.revision > revision).order_by(table.c.revision)
        yield from map(_row, self._connection.execute(query))

    def of_request(self, number: int) -> Iterator[RevisionRow]:
        """Oldest first."""
        query = select(table).where(table.c.request_number == number).order_by(table.c.revision)
        yield from map(_row, self._connection.execute(query))

    def newest_of_steps(self, prefix: str) -> Iterator[RevisionRow]:
        """Newest first."""
        mine = table.c.step.startswith(prefix, autoescape=True)
        query = select(table).where(mine).order_by(table.c.revision.desc())
        yield from map(_row, self._connection.execute(query))

    def all(self) -> Iterator[RevisionRow]:
        """Oldest first."""
        yield from map(_row, self._connection.execute(select(table).order_by(table.c.revision)))


def _row(found: Row[Any]) -> RevisionRow:
    return RevisionRow(
        revision=found.revision,
        intent_id=found.intent_id,
        actor_id=found.actor_id,
        before=None if found.before_json is None else decoded(found.before_json),
        after=decoded(found.after_json),
        effective_at_ns=found.effective_at_ns,
        kind=word(RevisionKind, found.kind),
        request_number=found.request_number,
        stage=found.stage,
        step=found.step,
    )
