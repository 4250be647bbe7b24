"""Bytes that a file was seen to hold and that went before they were read."""

from dataclasses import astuple, dataclass
from typing import Any, Literal

import duckdb

from ingest.instants import rfc3339

Cause = Literal["truncated", "removed"]


@dataclass(frozen=True, slots=True)
class Gap:
    """Bytes `from_offset` to `to_offset` of a source, in the file `name`, missed at `at_ns`."""

    source_id: int
    name: str
    from_offset: int
    to_offset: int
    at_ns: int
    cause: Cause

    @property
    def bytes(self) -> int:
        """How many are missing."""
        return self.to_offset - self.from_offset

    def as_record(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "name": self.name,
            "cause": self.cause,
            "from": self.from_offset,
            "to": self.to_offset,
            "at": rfc3339(self.at_ns),
        }

    @property
    def said(self) -> str:
        """In words."""
        return f"`{self.name}` was {self.cause} before {self.bytes:,} bytes of it were read"


def record_gap(cursor: duckdb.DuckDBPyConnection, gap: Gap) -> None:
    """Keep a gap, once."""
    cursor.execute(
        "INSERT INTO ingest_gap SELECT $1, $2, $3, $4, $5, $6 WHERE NOT EXISTS "
        "(FROM ingest_gap WHERE source_id = $1 AND name = $2 AND to_offset = $4)",
        list(astuple(gap)),
    )


def open_gaps(
    cursor: duckdb.DuckDBPyConnection, since_ns: int = -(2**63), until_ns: int = 2**63 - 1
) -> tuple[Gap, ...]:
    """The gaps noticed from `since_ns` to before `until_ns` that no copy has filled, oldest first."""
    rows = cursor.execute(
        """
        SELECT source_id, g.name, greatest(g.from_offset, s.ending."offset"), g.to_offset, g.at_ns, g.cause
        FROM ingest_gap g JOIN source s USING (source_id)
        WHERE s.ending."offset" < g.to_offset AND g.at_ns >= ? AND g.at_ns < ?
        ORDER BY g.at_ns, source_id
        """,
        [since_ns, until_ns],
    ).fetchall()
    return tuple(Gap(*row) for row in rows)
