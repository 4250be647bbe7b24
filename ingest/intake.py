"""One source into the store, from its checkpoint to its end, in large transactions."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ingest import columns
from ingest.attribution import Attribution
from ingest.checkpoint import KnownFile, Source
from ingest.counts import Counts
from ingest.identity import Mark, Prefix
from ingest.reader import SourceReader, Taken
from ingest.sources import FileStat
from ingest.store import TelemetryStore
from ingest.store.catalog import next_source_id, write_file, write_source
from ingest.store.histories import attribute_untimed
from ingest.store.rows import delete_open_lines, held_already, insert, noise_samples_held
from ingest.streams import Stream

BLOCK = 4 << 20
_ROWS_A_TRANSACTION = 122_880
_BYTES_A_TRANSACTION = 256 << 20
_UNFINISHED = -1
NEW = 0
"""The id of a source that is not stored yet."""


@dataclass(slots=True)
class _Idle:
    """A place where no line was open: everything taken before it, and how much was read."""

    mark: Mark
    lines: Counts


class Intake:
    """Takes in `source`, whose `prefix` stands at its checkpoint; `stat` is its file, None for a pipe.

    `source` and `known_file` are always what the store holds: they are committed with the rows.
    """

    def __init__(
        self,
        store: TelemetryStore,
        source: Source,
        prefix: Prefix,
        attribution: Attribution,
        stat: FileStat | None,
    ) -> None:
        self.source = source
        self.known_file: KnownFile | None = None
        self._store = store
        self._prefix = prefix
        self._attribution = attribution
        self._stat = stat
        self._base = source.at_checkpoint
        self._stored = Counts()
        self._sealed = Taken()
        self._idle = _Idle(source.checkpoint, Counts())
        self._is_sealed = False
        self._bytes = 0
        self._must_clear = source.source_id != NEW and source.has_open_lines
        with store.cursor() as cursor:
            held = noise_samples_held(cursor, source.source_id, source.checkpoint.offset)
        self._reader = SourceReader(source.checkpoint.offset, held)

    def run(self, stream: Stream, advanced: Callable[[], None]) -> None:
        """Read `stream` to its end. Raises `UnreadableSource` and `StoreError`; what was committed stands."""
        while data := stream.read(BLOCK):
            self._prefix.update(self._reader.feed(data))
            self._bytes += len(data)
            advanced()
            if self._reader.is_idle:
                self._seal()
            waiting = self._reader.waiting + self._sealed.row_count
            if waiting >= _ROWS_A_TRANSACTION or self._bytes >= _BYTES_A_TRANSACTION:
                self._commit()
        if self._bytes or self._must_clear:
            self._finish()
        elif self._stat is not None and self.source.source_id != NEW:
            with self._store.transaction() as cursor:
                self._write_file(cursor, self._stat, self.source)

    def _seal(self) -> None:
        self._sealed.add(self._reader.take())
        self._is_sealed = True
        self._idle = _Idle(self._prefix.mark(), self._reader.counts)

    def _commit(self) -> None:
        """What was read so far; what belongs to open lines too, which a resumed load replaces."""
        with self._store.transaction() as cursor:
            source = self._write(cursor, self._prefix.mark())
            if self._stat is not None:
                unfinished = replace(self._stat, size=_UNFINISHED)
                self._write_file(cursor, unfinished, source)
        self.source = source
        self._bytes = 0

    def _finish(self) -> None:
        if self._reader.is_idle:
            self._seal()
        self._prefix.update(self._reader.rest)
        self._reader.finish()
        with self._store.transaction() as cursor:
            source = self._write(cursor, self._prefix.mark())
            attribute_untimed(cursor, source.source_id)
            if self._stat is not None:
                self._write_file(cursor, self._stat, source)
        self.source = source

    def _write(self, cursor: duckdb.DuckDBPyConnection, ending: Mark) -> Source:
        source_id = self.source.source_id or next_source_id(cursor)
        if self._must_clear:
            delete_open_lines(cursor, source_id, self.source.checkpoint.offset)
            self._must_clear = False
        checkpoint, at_checkpoint = self.source.checkpoint, self.source.at_checkpoint
        if self._is_sealed:
            self._stored += self._insert(cursor, source_id, self._sealed)
            self._sealed = Taken()
            self._is_sealed = False
            checkpoint = self._idle.mark
            at_checkpoint = self._base + self._idle.lines + self._stored
        self._stored += self._insert(cursor, source_id, self._reader.take())
        source = replace(
            self.source,
            source_id=source_id,
            history_id=self._attribution.history_id,
            checkpoint=checkpoint,
            ending=ending,
            at_checkpoint=at_checkpoint,
            at_ending=self._base + self._reader.counts + self._stored,
        )
        write_source(cursor, source)
        return source

    def _insert(self, cursor: duckdb.DuckDBPyConnection, source_id: int, taken: Taken) -> Counts:
        if not taken.row_count:
            return Counts()
        records, held = _without_held(cursor, "telemetry", taken.records())
        quarantine, also_held = _without_held(cursor, "quarantine", columns.quarantine(taken.quarantined))
        insert(cursor, "telemetry", source_id, self._attribution.columns(records))
        insert(cursor, "quarantine", source_id, quarantine)
        insert(cursor, "noise_sample", source_id, columns.noise(taken.noise))
        return Counts(
            accepted=records.num_rows, held_elsewhere=held + also_held, quarantined=quarantine.num_rows
        )

    def _write_file(self, cursor: duckdb.DuckDBPyConnection, stat: FileStat, source: Source) -> None:
        self.known_file = KnownFile(stat, source.source_id, source.ending.offset, source.at_ending)
        write_file(cursor, self.known_file)


def _without_held(cursor: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> tuple[pa.Table, int]:
    """Without what is held under the same native id, and how many that were."""
    if rows["native_id"].null_count == rows.num_rows:
        return rows, 0
    held = held_already(cursor, table, rows)
    fresh = rows.filter(pc.invert(held))
    return fresh, rows.num_rows - fresh.num_rows
