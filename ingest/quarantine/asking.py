# ruff: noqa: S608 -- constants of this module put together; values are always parameters
"""What is in quarantine: counted by cause, and record by record. Queries only."""

from dataclasses import dataclass
from typing import Any

import duckdb

from ingest.contract.outcomes import Cause
from ingest.instants import rfc3339
from ingest.quarantine.place import RecordPlace

MOST_AT_ONCE = 1_000

_COUNTS = """
SELECT cause, count(*) AS records, count(*) FILTER (claims_openai), min(line_time_ns), max(line_time_ns),
    count(DISTINCT source_id)
FROM quarantine GROUP BY cause ORDER BY records DESC, cause
"""
_CHOSEN = """
WHERE ($cause IS NULL OR q.cause = $cause) AND ($source IS NULL OR q.source_id = $source)
    AND ($offset IS NULL OR q.line_offset = $offset) AND ($index IS NULL OR q.record_index = $index)
"""
# The bytes are fetched for the rows that are shown, not sorted along.
_RECORDS = f"""
WITH chosen AS (
    SELECT q.rowid AS row, q.line_time_ns AS at_ns, q.source_id AS sid, q.line_offset AS off,
        q.record_index AS idx
    FROM quarantine q {_CHOSEN}
    ORDER BY at_ns DESC NULLS LAST, sid, off DESC, idx LIMIT $limit OFFSET $skipped
)
SELECT q.source_id, q.line_offset, q.record_index, s.name, s.trust, q.line_time_ns, q.cause, q.detail,
    q.claims_openai, octet_length(q.raw), q.raw, q.line_offset >= s.checkpoint."offset", q.native_id
FROM chosen c JOIN quarantine q ON q.rowid = c.row JOIN source s ON s.source_id = q.source_id
ORDER BY c.at_ns DESC NULLS LAST, c.sid, c.off DESC, c.idx
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineQuestion:
    """Which records, newest first; null for no restriction."""

    cause: Cause | None = None
    place: RecordPlace | None = None
    limit: int = 25
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OfCause:
    """How many records of one cause, of so many sources; `claims_openai` of them say path openai."""

    cause: Cause
    records: int
    claims_openai: int
    first_ns: int | None
    last_ns: int | None
    sources: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One record. `raw` is what was kept of it in hexadecimal, key-shaped strings masked, `size` its bytes.

    `is_open`: its line may still change, the next load reads it again. `detail` and `raw` quote the log.
    """

    place: RecordPlace
    source: str
    trust: str
    line_time_ns: int | None
    cause: Cause
    detail: str
    claims_openai: bool
    size: int
    raw: str
    is_open: bool
    native_id: str | None

    @property
    def kept(self) -> bytes:
        """What was kept of it."""
        return bytes.fromhex(self.raw)

    def as_record(self) -> dict[str, Any]:
        """For `--json`, without the bytes."""
        return {
            "record": str(self.place),
            "time": rfc3339(self.line_time_ns),
            "cause": self.cause.value,
            "detail": self.detail,
            "claims_openai": self.claims_openai,
            "source": self.source,
            "trust": self.trust,
            "offset": self.place.line_offset,
            "index": self.place.record_index,
            "size": self.size,
            "open": self.is_open,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantine:
    """The whole answer: `causes` count everything in quarantine, `records` are those asked for."""

    causes: tuple[OfCause, ...]
    records: tuple[Held, ...]

    @property
    def count(self) -> int:
        """How many records are in quarantine."""
        return sum(one.records for one in self.causes)


def quarantine(cursor: duckdb.DuckDBPyConnection, asked: QuarantineQuestion) -> Quarantine:
    """What is in quarantine; at most `MOST_AT_ONCE` records. DuckDB's errors leave as they are."""
    place = asked.place
    parameters = {
        "cause": asked.cause.value if asked.cause else None,
        "source": place.source_id if place else None,
        "offset": place.line_offset if place else None,
        "index": place.record_index if place else None,
        "limit": max(0, min(asked.limit, MOST_AT_ONCE)),
        "skipped": max(0, asked.offset),
    }
    counts = cursor.execute(_COUNTS).fetchall()
    rows = cursor.execute(_RECORDS, parameters).fetchall() if parameters["limit"] else []
    return Quarantine(
        causes=tuple(_of_cause(row) for row in counts), records=tuple(_held(row) for row in rows)
    )


def _of_cause(row: tuple[Any, ...]) -> OfCause:
    cause, records, claims, first_ns, last_ns, sources = row
    return OfCause(
        cause=Cause(cause),
        records=records,
        claims_openai=claims,
        first_ns=first_ns,
        last_ns=last_ns,
        sources=sources,
    )


def _held(row: tuple[Any, ...]) -> Held:
    source_id, offset, index, name, trust, at_ns, cause, detail, claims, size, raw, is_open, native_id = row
    return Held(
        place=RecordPlace(source_id, offset, index),
        source=name,
        trust=trust,
        line_time_ns=at_ns,
        cause=Cause(cause),
        detail=detail,
        claims_openai=claims,
        size=size,
        raw=raw.hex(),
        is_open=is_open,
        native_id=native_id,
    )
