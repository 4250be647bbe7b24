"""One source into the store, from its checkpoint to its end, in large transactions."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from ingest import columns
from ingest.errors import WorkStopped
from ingest.history.attribution import Attribution
from ingest.loading.freed_memory import keep_freed_memory
from ingest.loading.in_turn import InTurn
from ingest.loading.parts import Part, Portion, merged, whole_groups
from ingest.loading.reader import PROVING_THREADS, SourceReader, Taken
from ingest.rollups.log import Origin
from ingest.sources.beginnings import within
from ingest.sources.checkpoint import KnownFile, Source
from ingest.sources.counts import Counts
from ingest.sources.identity import Prefix
from ingest.sources.listing import FileStat
from ingest.sources.streams import Bytes
from ingest.store import TelemetryStore
from ingest.store.failures import in_words
from ingest.store.gathered import ROW_GROUP, Gathered
from ingest.store.gone_ids import Places, left_of_open_lines, went_already
from ingest.store.histories import attribute_untimed
from ingest.store.native_ids import held_already
from ingest.store.rows import delete_open_lines, noise_samples_held

BLOCK = 4 << 20
_ROWS_A_TRANSACTION = 2 * ROW_GROUP
_CLAIMING_ROWS_A_TRANSACTION = ROW_GROUP  # with claims a row takes twice the memory
_OPEN_ROWS_HELD = 2 * ROW_GROUP
_BYTES_A_TRANSACTION = 256 << 20
_SECONDS_A_TRANSACTION = 2.0
_WAITING = 2
"""How many transactions wait while one is written, so that reading goes on where some take longer."""


class Intake:
    """Takes in `source`, whose `prefix` stands at its checkpoint; `stat` is its file, None for a pipe.

    `source` and `known_file` are always what the store holds, if `is_stored`: they are committed with the
    rows. While transactions are written, in a thread of its own, what follows of the source is read.
    `taken_for_gone` says how many records were passed over for rows that retention removed.
    """

    def __init__(
        self,
        store: TelemetryStore,
        source: Source,
        prefix: Prefix,
        attribution: Attribution,
        stat: FileStat | None,
        *,
        is_stored: bool,
    ) -> None:
        self.source = source
        self.known_file: KnownFile | None = None
        self.is_stored = is_stored
        self.taken_for_gone = 0
        self._taken_back: Places = frozenset()
        self._store = store
        self._prefix = prefix
        self._attribution = attribution
        self._stat = stat
        self._base = source.at_checkpoint
        self._stored = Counts()
        self._must_clear = is_stored and source.has_open_lines
        self._may_hold_untimed = self._may_hold_timed = is_stored
        # Up to the last place where no line was open; what lies beyond it is still in the reader.
        self._parts: list[Part] = []
        self._bytes = 0
        self._written_at = time.monotonic()

    def run(self, stream: Bytes, advanced: Callable[[], None]) -> None:
        """Read `stream` to its end. Raises `UnreadableSource` and `StoreError`; what was committed stands.

        `advanced` is called before each block. Also what a `KeyboardInterrupt` finds read while it waits for
        more, and what was read when `advanced` raises `WorkStopped`, is committed before that goes on.
        """
        keep_freed_memory()
        interrupt: KeyboardInterrupt | WorkStopped | None = None
        with ThreadPoolExecutor(PROVING_THREADS) as proving, ThreadPoolExecutor(1) as writing:
            offset = self.source.checkpoint.offset
            reader = SourceReader(offset, self._noise_samples_held(offset), proving)
            writes = InTurn(writing, _WAITING)
            has_bytes = False
            while True:
                try:
                    advanced()
                    data = stream.read(BLOCK)
                except (KeyboardInterrupt, WorkStopped) as error:
                    interrupt = error
                    break
                if not data:
                    break
                has_bytes = True
                self._bytes += len(data)
                self._moved(reader, reader.feed(data))
                portion = self._due(reader)
                if portion is not None:
                    here = Part(portion.still_open, self._prefix.mark(), reader.counts)
                    if self._store.gathered is not None:
                        self._commit(portion.closed, here, self._unfinished())
                    else:
                        writes.hand_over(partial(self._commit, portion.closed, here, self._unfinished()))
            self._moved(reader, reader.drain())
            writes.finish()
        if interrupt is not None:
            if has_bytes:
                self._commit(merged(self._parts), self._rest(reader), self._unfinished())
            raise interrupt
        if has_bytes or self._must_clear:
            self._prefix.update(reader.rest)
            reader.finish()
            self._commit(merged(self._parts), self._rest(reader), self._stat, is_last=True)
        elif self._stat is not None and self.is_stored:
            with self._gathering() as gathered:
                self._put_file(gathered, self._stat, self.source)

    def _due(self, reader: SourceReader) -> Portion | None:
        """What is to be stored now, if anything."""
        waiting = sum(part.rows.record_count for part in self._parts)
        # A pipe may never end: what comes through it slowly is to be seen, too.
        is_late = self._stat is None and time.monotonic() - self._written_at >= _SECONDS_A_TRANSACTION
        if is_late or self._bytes >= _BYTES_A_TRANSACTION or reader.waiting >= _OPEN_ROWS_HELD:
            portion, self._parts = Portion(merged(self._parts), reader.take()), []
        elif waiting >= self._rows_a_transaction():
            portion, self._parts = whole_groups(self._parts)
        else:
            return None
        self._bytes = 0
        self._written_at = time.monotonic()
        return portion

    def _rows_a_transaction(self) -> int:
        is_claiming = any(part.rows.has_claims for part in self._parts)
        return _CLAIMING_ROWS_A_TRANSACTION if is_claiming else _ROWS_A_TRANSACTION

    def _noise_samples_held(self, offset: int) -> int:
        if not self.is_stored:
            return 0
        source_id = self.source.source_id
        with self._gathering() as gathered:
            return noise_samples_held(gathered.cursor_for(source_id), source_id, offset)

    def _moved(self, reader: SourceReader, data: bytes | memoryview) -> None:
        self._prefix.update(data)
        if reader.is_idle:
            self._parts.append(Part(reader.take(), self._prefix.mark(), reader.counts))

    def _rest(self, reader: SourceReader) -> Part:
        return Part(reader.take(), self._prefix.mark(), reader.counts)

    def _unfinished(self) -> FileStat | None:
        """The file as one that must be looked at again."""
        return self._stat.unfinished() if self._stat else None

    @contextmanager
    def _gathering(self) -> Iterator[Gathered]:
        """What is stored together with other files, or a transaction for this one."""
        shared = self._store.gathered
        if shared is not None:
            with in_words(self._store.path):
                yield shared
            return
        with self._store.transaction() as cursor:
            gathered = Gathered(cursor)
            yield gathered
            gathered.settled()

    def _commit(
        self, closed: Part | None, still_open: Part, stat: FileStat | None, *, is_last: bool = False
    ) -> None:
        with self._gathering() as gathered:
            source = self._put(gathered, closed, still_open)
            if stat is not None:
                self._put_file(gathered, stat, source)
            if is_last and self._may_hold_untimed and self._may_hold_timed:
                attribute_untimed(gathered.settled(), source.source_id)
        self.source = source
        self.is_stored = True

    def _put(self, gathered: Gathered, closed: Part | None, still_open: Part) -> Source:
        if self._must_clear:
            source_id = self.source.source_id
            cursor, offset = gathered.cursor_for(source_id), self.source.checkpoint.offset
            self._taken_back = left_of_open_lines(cursor, source_id, offset)
            delete_open_lines(cursor, source_id, offset)
            self._must_clear = False
        checkpoint, at_checkpoint = self.source.checkpoint, self.source.at_checkpoint
        if closed is not None:
            self._stored += self._put_rows(gathered, closed.rows)
            checkpoint, at_checkpoint = closed.mark, self._base + closed.lines + self._stored
        self._stored += self._put_rows(gathered, still_open.rows)
        source = replace(
            self.source,
            history_id=self._attribution.history_id,
            checkpoint=checkpoint,
            ending=still_open.mark,
            at_checkpoint=at_checkpoint,
            at_ending=self._base + still_open.lines + self._stored,
            # The prefix may be further on by now; taken up behind the first bytes, it does not know them.
            beginnings=within(self._prefix.beginnings, still_open.mark.offset) or self.source.beginnings,
        )
        gathered.put_source(source, is_stored=self.is_stored)
        return source

    def _put_rows(self, gathered: Gathered, taken: Taken) -> Counts:
        if not taken.row_count:
            return Counts()
        source_id = self.source.source_id
        records, held = _without_held(gathered, "telemetry", taken.records())
        records, gone = self._without_gone(gathered, records)
        quarantine, also_held = _without_held(gathered, "quarantine", columns.quarantine(taken.quarantined))
        untimed = records["line_time_ns"].null_count
        self._may_hold_untimed |= untimed > 0
        self._may_hold_timed |= untimed < records.num_rows
        origin = Origin(self._attribution.history_id, self.source.trust)
        gathered.add_records(source_id, origin, self._attribution.columns(records))
        gathered.add("quarantine", source_id, quarantine)
        gathered.add("noise_sample", source_id, columns.noise(taken.noise))
        return Counts(
            accepted=records.num_rows,
            held_elsewhere=held + gone + also_held,
            quarantined=quarantine.num_rows,
        )

    def _without_gone(self, gathered: Gathered, records: pa.Table) -> tuple[pa.Table, int]:
        """Without what is taken for rows that went, and how many that were."""
        if _has_no_id(records):
            return records, 0
        fresh, gone = _without(records, went_already(gathered.settled(), records, self._taken_back))
        self.taken_for_gone += gone
        return fresh, gone

    def _put_file(self, gathered: Gathered, stat: FileStat, source: Source) -> None:
        self.known_file = KnownFile(stat, source.source_id, source.ending.offset, source.at_ending)
        gathered.put_file(self.known_file)


def _without_held(
    gathered: Gathered, table: Literal["telemetry", "quarantine"], rows: pa.Table
) -> tuple[pa.Table, int]:
    """Without what is held under the same native id, and how many that were."""
    if _has_no_id(rows):
        return rows, 0
    return _without(rows, held_already(gathered.settled(), table, rows))


def _has_no_id(rows: pa.Table) -> bool:
    """Whether no transport named any of them: then there is nothing to ask the store, or to write for it."""
    return bool(rows["native_id"].null_count == rows.num_rows)


def _without(rows: pa.Table, is_known: pa.Array) -> tuple[pa.Table, int]:
    """Those that are not known, and how many are."""
    fresh = rows.filter(pc.invert(is_known))
    return fresh, rows.num_rows - fresh.num_rows
