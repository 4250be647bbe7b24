"""The layouts of the store: each change and its record in one transaction (as sqlite-utils does it)."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    func,
    insert,
    inspect,
    select,
)

from gates.errors import StoreCorrupt, StoreTooNew
from gates.store import tables, task_tables
from gates.store.dialect import Dialect

_layout = Table(
    "layout",
    MetaData(),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("name", String(64), nullable=False),
    Column("applied_at_ns", BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Migration:
    """One step to the next layout. One that was released never changes."""

    name: str
    apply: Callable[[Connection, Dialect], None]


def _creating(*created: Table) -> Callable[[Connection, Dialect], None]:
    def apply(connection: Connection, dialect: Dialect) -> None:
        for table in created:
            table.create(connection)
        dialect.make_append_only(connection, [table for table in created if table in tables.APPEND_ONLY])

    return apply


MIGRATIONS: tuple[Migration, ...] = (
    Migration(
        "revisions, requests and people",
        _creating(
            tables.revision,
            tables.request,
            tables.request_editor,
            tables.approval,
            tables.evidence,
            tables.operator,
            tables.operator_role,
            tables.token,
            tables.setting,
            tables.owed,
        ),
    ),
    Migration("audit chain", _creating(tables.audit_record, tables.audit_checkpoint, tables.audit_late_file)),
    Migration("passwords", _creating(tables.password)),
    Migration(
        "thresholds, reviews, bad outputs, statements and drills",
        _creating(tables.threshold, tables.review, tables.bad_output, tables.statement, tables.drill),
    ),
    Migration("comments on requests", _creating(tables.request_comment)),
    Migration("tasks", _creating(task_tables.task_event, task_tables.run_view, task_tables.task_artifact)),
    Migration("calls by idempotency key", _creating(tables.keyed_call)),
)


def version(connection: Connection, name: str) -> int:
    """The layout of the store; 0 for an empty one.

    Raises `StoreTooNew`, and `StoreCorrupt` for tables that are not ours.
    """
    found = inspect(connection).get_table_names()
    if not found:
        return 0
    if _layout.name not in found:
        raise StoreCorrupt(f"{name} is no store of slotgate; name the right one")
    number = int(connection.execute(select(func.coalesce(func.max(_layout.c.version), 0))).scalar_one())
    if number > len(MIGRATIONS):
        raise StoreTooNew(
            f"{name} has layout {number} and this slotgate knows up to {len(MIGRATIONS)}; update slotgate"
        )
    return number


def migrate(dialect: Dialect, migrations: tuple[Migration, ...] = MIGRATIONS) -> None:
    """Bring the store to the newest layout; several processes may try at once.

    Raises what `version` raises; a step that fails leaves the layout before it.
    """
    with dialect.reading() as connection:
        at = version(connection, dialect.name)
    while at < len(migrations):
        with dialect.writing() as connection:
            at = version(connection, dialect.name)  # again, now that nobody else can write
            # A new store comes whole: there is nothing before that a step that fails would leave.
            steps = migrations if at == 0 else migrations[at : at + 1]
            if at == 0:
                _layout.create(connection)
            for step in steps:
                step.apply(connection, dialect)
                at += 1
                connection.execute(
                    insert(_layout).values(version=at, name=step.name, applied_at_ns=time.time_ns())
                )
