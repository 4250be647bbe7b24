"""Open the store of a home, by path or by URL, or one in memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from gates.errors import InvalidEntry
from gates.store.audit.log import SqlAudit
from gates.store.dialect import Dialect
from gates.store.migrations import migrate
from gates.store.places import existing, translated, vacant
from gates.store.repositories.calls import SqlCalls
from gates.store.repositories.comments import SqlComments
from gates.store.repositories.drills import SqlDrills
from gates.store.repositories.notes import SqlOwed, SqlSettings
from gates.store.repositories.passwords import SqlPasswords
from gates.store.repositories.people import SqlOperators, SqlTokens
from gates.store.repositories.reports import SqlBadOutputs, SqlStatements
from gates.store.repositories.requests import SqlRequests
from gates.store.repositories.reviews import SqlReviews, SqlThresholds
from gates.store.repositories.revisions import SqlRevisions
from gates.store.repositories.signatures import SqlApprovals, SqlEvidence
from gates.store.repositories.tasks import SqlTasks
from gates.store.sqlite import Sqlite

BUSY_SECONDS = 5.0


class SqlTransaction:
    """The repositories over one connection. See `gates.store.port.Transaction`."""

    def __init__(self, connection: Connection) -> None:
        self.revisions = SqlRevisions(connection)
        self.requests = SqlRequests(connection)
        self.approvals = SqlApprovals(connection)
        self.evidence = SqlEvidence(connection)
        self.operators = SqlOperators(connection)
        self.tokens = SqlTokens(connection)
        self.passwords = SqlPasswords(connection)
        self.settings = SqlSettings(connection)
        self.owed = SqlOwed(connection)
        self.audit = SqlAudit(connection)
        self.thresholds = SqlThresholds(connection)
        self.reviews = SqlReviews(connection)
        self.bad_outputs = SqlBadOutputs(connection)
        self.statements = SqlStatements(connection)
        self.drills = SqlDrills(connection)
        self.comments = SqlComments(connection)
        self.tasks = SqlTasks(connection)
        self.calls = SqlCalls(connection)


class Store:
    """See `gates.store.port.StorePort`. Threads may share one; each transaction is its caller's alone."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    @classmethod
    def open(cls, place: Path | str, busy_seconds: float = BUSY_SECONDS) -> "Store":
        """The store at `place`, brought to the newest layout. It must be there.

        `place` is a path, `sqlite:///path` or `postgresql://user@host/database` as libpq reads it.
        `busy_seconds` bounds every wait for another writer. Raises a `StoreError`.
        """
        return cls(existing(place, busy_seconds))._migrated()

    @classmethod
    def create(cls, place: Path | str, busy_seconds: float = BUSY_SECONDS) -> "Store":
        """A new store at `place`: a file for this user alone, or the tables of an empty database.

        Raises `AlreadyThere` or a `StoreError`.
        """
        return cls(vacant(place, busy_seconds))._migrated()

    @classmethod
    def in_memory(cls) -> "Store":
        """A store that ends with the process."""
        return cls(Sqlite(None, 0))._migrated()

    @contextmanager
    def begin(self) -> Iterator[SqlTransaction]:
        """One write transaction: committed at the end of the block, taken back by an exception."""
        with self._translated(), self._dialect.writing() as connection:
            yield from _transaction(connection)

    @contextmanager
    def read(self) -> Iterator[SqlTransaction]:
        """One snapshot to read from."""
        with self._translated(), self._dialect.reading() as connection:
            yield from _transaction(connection)

    def damage(self) -> tuple[str, ...]:
        """What the database's own check finds wrong; empty when it is sound. Raises a `StoreError`."""
        with self._translated(), self._dialect.reading() as connection:
            return self._dialect.damage(connection)

    def close(self) -> None:
        """Let go of every connection; a store in memory is gone then."""
        self._dialect.close()

    def _migrated(self) -> "Store":
        with self._translated():
            migrate(self._dialect)
        return self

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            with translated(self._dialect):
                yield
        except UnicodeEncodeError as error:
            raise InvalidEntry("a name that is no UTF-8 cannot be stored; write it another way") from error


def _transaction(connection: Connection) -> Iterator[SqlTransaction]:
    transaction = SqlTransaction(connection)
    try:
        yield transaction
    finally:
        transaction.audit.end()
