"""Take in quarantined records that are valid for today's parser, each exactly once.

    in quarantine, line closed, valid now        ACCEPTED: one row of telemetry, none in quarantine
    the same, its native id is held already      DUPLICATE: no row in quarantine any more
    in quarantine, anything else                 REFUSED, and nothing moves
    not in quarantine, in telemetry              ALREADY_IN, and nothing moves
    in neither                                   UNKNOWN

Row, counts of source and files, debt of the gate audit and the event are one transaction, under the lock
that a load holds. A copy of the file that is read later holds the same record at the same place, so it is
recognised as before.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

import duckdb

from ingest import columns
from ingest.contract.outcomes import Cause
from ingest.gate_audit import bring_up
from ingest.history.attribution import Attribution
from ingest.history.controls import HOME, ControlHistory
from ingest.quarantine.asking import Held, QuarantineQuestion, quarantine
from ingest.quarantine.place import RecordPlace
from ingest.quarantine.rereading import Reading, Refusal, reread
from ingest.rollups.log import Origin, count_in
from ingest.sources.checkpoint import Catalog, Source
from ingest.sources.counts import Counts
from ingest.store import TelemetryStore
from ingest.store.catalog import read_catalog
from ingest.store.catalog_writing import replace_source, write_file
from ingest.store.events import record_event
from ingest.store.histories import attribute_untimed, read_history_of
from ingest.store.native_ids import held_already
from ingest.store.rows import insert_records

MOST_AT_ONCE = 1_000
_OPEN = "its line may still be written to; the next load reads it again"
_IN_TELEMETRY = "SELECT count(*) FROM telemetry WHERE source_id = ? AND line_offset = ? AND record_index = ?"
_TAKE_OUT = "DELETE FROM quarantine WHERE source_id = ? AND line_offset = ? AND record_index = ?"


class Became(StrEnum):
    """What became of one record."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REFUSED = "refused"
    ALREADY_IN = "already in"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayRequest:
    """Which records: those named, or, where none is, the newest of `cause` (null: of every cause)."""

    places: tuple[RecordPlace, ...] = ()
    cause: Cause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One record: what became of it, and why in words."""

    place: RecordPlace
    became: Became
    why: str


def replay(
    store: TelemetryStore, asked: ReplayRequest, clock: Callable[[], int] = time.time_ns
) -> tuple[Replayed, ...]:
    """Read the records again and take in what is valid, at most `MOST_AT_ONCE`; then the gate audit looks.

    Raises `StoreError`; what was committed before stands, and a second call goes on behind it.
    """
    with store.loading:
        with store.transaction() as cursor:
            answers = tuple(_replayed(cursor, place, clock) for place in _places(cursor, asked))
        if any(one.became is Became.ACCEPTED for one in answers):
            bring_up(store)
    return answers


def _places(cursor: duckdb.DuckDBPyConnection, asked: ReplayRequest) -> Sequence[RecordPlace]:
    if asked.places:
        return asked.places[:MOST_AT_ONCE]
    found = quarantine(cursor, QuarantineQuestion(cause=asked.cause, limit=MOST_AT_ONCE))
    return [one.place for one in found.records]


def _replayed(cursor: duckdb.DuckDBPyConnection, place: RecordPlace, clock: Callable[[], int]) -> Replayed:
    found = quarantine(cursor, QuarantineQuestion(place=place, limit=1)).records
    if not found:
        is_in = cursor.execute(_IN_TELEMETRY, [*_key(place)]).fetchall()[0][0]
        became, why = (Became.ALREADY_IN, "it is telemetry") if is_in else (Became.UNKNOWN, "no such record")
        return Replayed(place=place, became=became, why=why)
    held = found[0]
    if held.is_open:
        return Replayed(place=place, became=Became.REFUSED, why=_OPEN)
    reading = reread(held)
    match reading:
        case Refusal(why):
            return Replayed(place=place, became=Became.REFUSED, why=why)
        case Reading():
            return _taken_in(cursor, held, reading, clock)
        case _:
            assert_never(reading)


def _taken_in(
    cursor: duckdb.DuckDBPyConnection, held: Held, reading: Reading, clock: Callable[[], int]
) -> Replayed:
    place, catalog = held.place, read_catalog(cursor)
    source = catalog.sources[place.source_id]
    record = columns.records([(place.line_offset, reading.record)])
    cursor.execute(_TAKE_OUT, [*_key(place)])
    is_held = held.native_id is not None and held_already(cursor, "telemetry", record)[0].as_py()
    if is_held:
        moved = Counts(held_elsewhere=1, quarantined=-1)
        became, why = Became.DUPLICATE, "another line holds it under the same native id"
    else:
        attribution = Attribution(_history_of(cursor, source))
        attributed = attribution.columns(record)
        insert_records(cursor, place.source_id, attributed)
        count_in(cursor, Origin(source.history_id, source.trust), attributed)
        if held.line_time_ns is None:
            attribute_untimed(cursor, place.source_id)
        _owe(cursor, source, held, reading.record.job_id)
        moved = Counts(accepted=1, quarantined=-1)
        became, why = Became.ACCEPTED, f"valid now; it was {held.cause}"
    _count(cursor, catalog, place, moved)
    record_event(
        cursor, clock(), "replayed", place.source_id, f"record {place} was {held.cause}, now {became}"
    )
    return Replayed(place=place, became=became, why=why)


def _history_of(cursor: duckdb.DuckDBPyConnection, source: Source) -> ControlHistory | None:
    return None if source.history_id is None else read_history_of(cursor, source.history_id)


def _owe(cursor: duckdb.DuckDBPyConnection, source: Source, held: Held, job_id: str) -> None:
    """The gate audit was past this line: it must look at it."""
    if held.line_time_ns is None or source.history_id is None:
        # No debt finds a line without a time; its source is audited again from there.
        cursor.execute(
            "UPDATE gate_mark SET audited_to = $offset WHERE source_id = $source AND audited_to > $offset",
            {"offset": held.place.line_offset, "source": source.source_id},
        )
    elif source.history_id == HOME:
        cursor.execute("INSERT INTO gate_debt (job_id, from_ns) VALUES (?, ?)", [job_id, held.line_time_ns])
    else:
        owed = [source.history_id, held.line_time_ns]
        cursor.execute("INSERT INTO gate_debt (history_id, from_ns) VALUES (?, ?)", owed)


def _count(cursor: duckdb.DuckDBPyConnection, catalog: Catalog, place: RecordPlace, moved: Counts) -> None:
    """A closed line counts at the checkpoint and at the end, and in every file that reaches beyond it."""
    source = catalog.sources[place.source_id]
    replace_source(
        cursor,
        replace(source, at_checkpoint=source.at_checkpoint + moved, at_ending=source.at_ending + moved),
    )
    for known in catalog.files.values():
        if known.source_id == place.source_id and known.covered > place.line_offset:
            write_file(cursor, replace(known, counts=known.counts + moved))


def _key(place: RecordPlace) -> tuple[int, int, int]:
    return place.source_id, place.line_offset, place.record_index
