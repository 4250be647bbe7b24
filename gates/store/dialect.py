"""What differs between databases, behind one small port: all SQL outside an adapter is portable."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import Connection, Table
from sqlalchemy.exc import DBAPIError

from gates.errors import InvalidEntry, StoreError


class Dialect(Protocol):
    """One database. `name` says in messages which store is meant."""

    @property
    def name(self) -> str: ...  # noqa: D102 - what it returns says what it is

    def writing(self) -> AbstractContextManager[Connection]:
        """A write transaction that no other writer can interleave, durable when it ends."""

    def reading(self) -> AbstractContextManager[Connection]:
        """A transaction that sees one snapshot and refuses writes."""

    def make_append_only(self, connection: Connection, tables: Iterable[Table]) -> None:
        """Have the database refuse to change or delete rows of `tables`."""

    def damage(self, connection: Connection) -> tuple[str, ...]:
        """What the database's own check finds wrong; empty when it is sound."""

    def failure(self, error: DBAPIError) -> StoreError | InvalidEntry:
        """What `error` means and what to do; `InvalidEntry` for a value the database cannot hold."""

    def close(self) -> None:
        """Let go of every connection."""
