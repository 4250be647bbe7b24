"""Recognise a file that was copied before its source grew on: all of it is held already.

Digests tell only whether a file holds all of a source. A shorter file is compared by what counts: every
record in it must be held, at the same place.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from ingest import columns
from ingest.loading.reader import NOISE_SAMPLES, SourceReader, Taken
from ingest.registering import registered
from ingest.rollups.counting import MINUTE_NS
from ingest.rollups.kept import GONE_BEFORE_NS
from ingest.sources.checkpoint import Source
from ingest.sources.counts import Counts
from ingest.sources.streams import Stream

_BLOCK = 4 << 20
_SAME_RECORD = (
    "line_time_ns",
    "executor_version",
    "job_id",
    "path",
    "status",
    "error_code",
    "latency_ms",
)
# Quarantine does not keep these: a record that was taken in from there has none of them.
_SAME_WHERE_KNOWN = ("stream", "container")
# Retention deleted it. It cannot be compared; but it was counted, in the minute of its time.
_GONE = f"""coalesce(line_time_ns < {GONE_BEFORE_NS}
    AND line_offset <= (SELECT last_offset FROM retention_source WHERE source_id = $source), false)"""  # noqa: S608 names of ours; values are bound
_COUNTED = ("path", "status", "error_code", "executor_version")
_NOT_COUNTED = f"""
WITH arrived AS (
    SELECT floor(line_time_ns / {MINUTE_NS})::BIGINT AS minute, {", ".join(_COUNTED)}, count(*) AS lines
    FROM arriving WHERE {_GONE} GROUP BY ALL
), counted AS (
    SELECT minute, {", ".join(_COUNTED)}, sum(lines) AS lines FROM (
        SELECT minute, key_id, lines FROM rollup_minute UNION ALL SELECT minute, key_id, lines FROM rollup_log
    ) JOIN rollup_key USING (key_id) WHERE minute IN (SELECT minute FROM arrived) GROUP BY ALL
)
SELECT count(*) FROM arrived a LEFT JOIN counted c ON a.minute = c.minute
    AND {" AND ".join(f"a.{name} IS NOT DISTINCT FROM c.{name}" for name in _COUNTED)}
WHERE a.lines > coalesce(c.lines, 0)
"""  # noqa: S608 names of ours; values are bound
# Null where retention may have deleted the record, of whatever source.
_HOLDERS = f"""
SELECT held.source_id FROM arriving JOIN telemetry held
ON held.line_offset = arriving.line_offset AND held.record_index = arriving.record_index
    AND held.job_id = arriving.job_id
WHERE list_contains($sources, held.source_id)
UNION ALL SELECT NULL FROM arriving WHERE coalesce(line_time_ns < {GONE_BEFORE_NS}, false)
"""  # noqa: S608 names of ours; values are bound
_WORTH_A_QUESTION = 3
_SAME_QUARANTINE = ("line_time_ns", "cause", "detail", "raw")


@dataclass(frozen=True, slots=True)
class EarlierCopy:
    """A file that holds the first `length` bytes of `source`, and no others; `counts` describes it."""

    source: Source
    length: int
    counts: Counts


@dataclass(frozen=True, slots=True)
class TooShort:
    """A file that begins like a source and has no record yet: nothing tells whether it is a copy."""


def earlier_copy(
    cursor: duckdb.DuckDBPyConnection, stream: Stream, candidates: Iterable[Source]
) -> EarlierCopy | TooShort | None:
    """The candidate of which `stream` is an earlier copy, if one is. Reads no further than it must."""
    possible = list(candidates)
    length = accepted = quarantined = 0
    with ThreadPoolExecutor(1) as pool:
        reader = SourceReader(0, NOISE_SAMPLES, pool)
        ended = False
        while possible and not ended:
            data = stream.read(_BLOCK)
            ended = not data
            if ended:
                reader.drain()
            else:
                reader.feed(data)
            length += len(data)
            taken = reader.take()
            accepted += taken.records().num_rows
            quarantined += len(taken.quarantined)
            possible = [one for one in possible if one.ending.offset > length]
            if taken.record_count or taken.quarantined:
                possible = [one for one in _narrowed(cursor, possible, taken) if _holds(cursor, one, taken)]
    if not possible:
        return None
    if accepted + quarantined == 0:
        return TooShort()
    reader.finish()
    rest = reader.take()
    accepted += rest.records().num_rows
    quarantined += len(rest.quarantined)
    counts = reader.counts + Counts(accepted=accepted, quarantined=quarantined)
    return EarlierCopy(possible[0], length, counts)


def _narrowed(cursor: duckdb.DuckDBPyConnection, possible: list[Source], taken: Taken) -> list[Source]:
    """Those that hold the last record, in one question, where it must be held as it is: else all."""
    if len(possible) < _WORTH_A_QUESTION or not taken.record_count:
        return possible
    with registered(cursor, "arriving", taken.records().slice(taken.record_count - 1)):
        found = cursor.execute(_HOLDERS, {"sources": [one.source_id for one in possible]}).fetchall()
    holders = {source_id for (source_id,) in found}
    return possible if None in holders else [one for one in possible if one.source_id in holders]


def _holds(cursor: duckdb.DuckDBPyConnection, source: Source, taken: Taken) -> bool:
    telemetry, quarantine = taken.records(), columns.quarantine(taken.quarantined)
    return _holds_rows(cursor, source.source_id, "telemetry", telemetry, _SAME_RECORD) and _holds_rows(
        cursor, source.source_id, "quarantine", quarantine, _SAME_QUARANTINE
    )


def _holds_rows(
    cursor: duckdb.DuckDBPyConnection, source_id: int, table: str, rows: pa.Table, same: Iterable[str]
) -> bool:
    equal = " AND ".join(f"held.{name} IS NOT DISTINCT FROM arriving.{name}" for name in same)
    if table == "telemetry":
        equal += "".join(
            f" AND (held.{name} IS NULL OR held.{name} = arriving.{name})" for name in _SAME_WHERE_KNOWN
        )
    cursor.register("arriving", rows)
    try:
        missing = cursor.execute(
            f"""
            SELECT count(*) FROM (FROM arriving WHERE NOT {_GONE}) arriving ANTI JOIN {table} held
            ON held.source_id = $source AND held.line_offset = arriving.line_offset
                AND held.record_index = arriving.record_index AND {equal}
            """,  # noqa: S608 names of ours; values are bound
            {"source": source_id},
        ).fetchall()
        if table == "telemetry":
            missing += cursor.execute(_NOT_COUNTED, {"source": source_id}).fetchall()
    finally:
        with suppress(duckdb.Error):  # not even this is possible in a transaction that failed
            cursor.unregister("arriving")
    return all(count == 0 for (count,) in missing)
