"""What people say and may take back: reports of bad outputs, and statements."""

from typing import Any

from sqlalchemy import Connection, Row, Select, Table, insert, select, update

from gates.errors import AlreadyThere, UnknownEntry
from gates.store.repositories.numbering import next_number
from gates.store.review_rows import BadOutputRow, StatementRow
from gates.store.tables import bad_output, statement


class SqlBadOutputs:
    """See `gates.store.review_port.BadOutputs`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, *, job_id: str, revision: int, reason: str, by: str, at_ns: int) -> int:
        """The next number."""
        number = next_number(self._connection, bad_output.c.report_id)
        self._connection.execute(
            insert(bad_output).values(
                report_id=number, job_id=job_id, revision=revision, reason=reason, reported_by=by, at_ns=at_ns
            )
        )
        return number

    def standing(self, revision: int) -> tuple[BadOutputRow, ...]:
        """Oldest first."""
        mine = (bad_output.c.revision == revision, bad_output.c.withdrawn_at_ns.is_(None))
        return self._rows(select(bad_output).where(*mine))

    def of_job(self, job_id: str) -> tuple[BadOutputRow, ...]:
        """Oldest first."""
        return self._rows(select(bad_output).where(bad_output.c.job_id == job_id))

    def all(self) -> tuple[BadOutputRow, ...]:
        """Oldest first."""
        return self._rows(select(bad_output))

    def withdraw(self, report_id: int, *, by: str, at_ns: int, because: str) -> None:
        """Once."""
        _withdraw(self._connection, bad_output, report_id, by=by, at_ns=at_ns, because=because)

    def _rows(self, query: Select[Any]) -> tuple[BadOutputRow, ...]:
        return tuple(map(_bad_output, self._connection.execute(query.order_by(bad_output.c.report_id))))


class SqlStatements:
    """See `gates.store.review_port.Statements`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, *, item: str, text: str, link: str, author: str, at_ns: int, expires_ns: int | None) -> int:
        """The next number."""
        number = next_number(self._connection, statement.c.statement_id)
        self._connection.execute(
            insert(statement).values(
                statement_id=number,
                item=item,
                text=text,
                link=link,
                author=author,
                at_ns=at_ns,
                expires_ns=expires_ns,
            )
        )
        return number

    def all(self) -> tuple[StatementRow, ...]:
        """Oldest first."""
        query = select(statement).order_by(statement.c.statement_id)
        return tuple(map(_statement, self._connection.execute(query)))

    def withdraw(self, statement_id: int, *, by: str, at_ns: int, because: str) -> None:
        """Once."""
        _withdraw(self._connection, statement, statement_id, by=by, at_ns=at_ns, because=because)


def _withdraw(
    connection: Connection, table: Table, number: int, *, by: str, at_ns: int, because: str
) -> None:
    key = next(iter(table.primary_key))
    found = connection.execute(select(table.c.withdrawn_by).where(key == number)).first()
    what = table.name.replace("_", " ")
    if found is None:
        raise UnknownEntry(f"there is no {what} of number {number}; list them to find it")
    changed = connection.execute(
        update(table)
        .where(key == number, table.c.withdrawn_at_ns.is_(None))
        .values(withdrawn_at_ns=at_ns, withdrawn_by=by, withdrawn_because=because)
    )
    if changed.rowcount == 0:
        raise AlreadyThere(f"`{found.withdrawn_by}` withdrew {what} {number} before; nothing is left to do")


def _bad_output(found: Row[Any]) -> BadOutputRow:
    return BadOutputRow(
        report_id=found.report_id,
        job_id=found.job_id,
        revision=found.revision,
        reason=found.reason,
        reported_by=found.reported_by,
        at_ns=found.at_ns,
        withdrawn_at_ns=found.withdrawn_at_ns,
        withdrawn_by=found.withdrawn_by,
        withdrawn_because=found.withdrawn_because,
    )


def _statement(found: Row[Any]) -> StatementRow:
    return StatementRow(
        statement_id=found.statement_id,
        item=found.item,
        text=found.text,
        link=found.link,
        author=found.author,
        at_ns=found.at_ns,
        expires_ns=found.expires_ns,
        withdrawn_at_ns=found.withdrawn_at_ns,
        withdrawn_by=found.withdrawn_by,
        withdrawn_because=found.withdrawn_because,
    )
