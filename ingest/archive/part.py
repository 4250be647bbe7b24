"""The parts of the archive as the store has them on record."""

import re
from dataclasses import dataclass, fields
from enum import StrEnum, unique
from typing import Any

import duckdb

from ingest.instants import rfc3339


@unique
class Kind(StrEnum):
    """What the rows of a part are; a value is the beginning of its name."""

    TELEMETRY = "telemetry"
    QUARANTINE = "quarantine"
    FINDINGS = "gate-findings"


_NAMED = re.compile(rf"({'|'.join(Kind)})-(\d{{4}}-\d\d|untimed)-(\d+)\.parquet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A file in the folder of the archive, and what it held when it was written.

    `month` is `YYYY-MM`, null for lines without a time; `first_ns` and `last_ns` are its oldest and newest
    line time, `written_ns` when it was put on record, all in epoch nanoseconds. `sha256` is that of the file.
    `histories` are the control histories that its rows are attributed with.
    """

    name: str
    month: str | None
    rows: int
    bytes: int
    sha256: str
    first_ns: int | None
    last_ns: int | None
    histories: tuple[str, ...]
    written_ns: int

    @property
    def kind(self) -> Kind:
        """What its rows are."""
        return Kind(self.name.partition(f"-{self.month or 'untimed'}-")[0])

    def as_record(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "name": self.name,
            "kind": self.kind.value,
            "month": self.month,
            "rows": self.rows,
            "bytes": self.bytes,
            "sha256": self.sha256,
            "from": rfc3339(self.first_ns),
            "to": rfc3339(self.last_ns),
        }


_FIELDS = tuple(field.name for field in fields(Part))
_COLUMNS = ", ".join(_FIELDS)


def name_of(kind: Kind, month: str | None, number: int) -> str:
    """The name of the `number`th part of a kind and month, from 1."""
    return f"{kind}-{month or 'untimed'}-{number}.parquet"


def kind_of(name: str) -> Kind | None:
    """What a file of this name would hold; null for a name that no part has."""
    said = _NAMED.fullmatch(name)
    return None if said is None else Kind(said[1])


def month_of(name: str) -> str | None:
    """The month in the name of a part, `YYYY-MM`; null for lines without a time."""
    said = _NAMED.fullmatch(name)
    return None if said is None or said[2] == "untimed" else said[2]


def parts(cursor: duckdb.DuckDBPyConnection) -> tuple[Part, ...]:
    """Every part on record, by month, what has no time last. DuckDB's errors leave as they are."""
    query = f"SELECT {_COLUMNS} FROM archive_part"  # noqa: S608 - the fields of a class
    found = [dict(zip(_FIELDS, row, strict=True)) for row in cursor.execute(query).fetchall()]
    every = (Part(**{**row, "histories": tuple(row["histories"])}) for row in found)
    return tuple(sorted(every, key=_order))


def put_on_record(cursor: duckdb.DuckDBPyConnection, part: Part) -> None:
    """Keep `part`, in the transaction of `cursor`, which takes its rows out of their table."""
    values = [getattr(part, name) for name in _FIELDS]
    marks = ", ".join("?" * len(values))
    cursor.execute(
        f"INSERT INTO archive_part ({_COLUMNS}) VALUES ({marks})",  # noqa: S608 - the fields of a class
        [list(value) if isinstance(value, tuple) else value for value in values],
    )


def _order(part: Part) -> tuple[bool, str, int, int]:
    said = _NAMED.fullmatch(part.name)
    number = 0 if said is None else int(said[3])
    return part.month is None, part.month or "", list(Kind).index(part.kind), number
