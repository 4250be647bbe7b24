"""What to do with one file: leave it, go on in it, or begin it as a new source."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, assert_never

from ingest.errors import SourceGone, UnreadableSource
from ingest.history.attribution import Attribution
from ingest.history.controls import HOME, ControlHistory
from ingest.loading.breaks import keep_emptied, keep_gap, keep_restart, keep_unread
from ingest.loading.earlier_copy import EarlierCopy, TooShort, earlier_copy
from ingest.loading.intake import Intake
from ingest.loading.summary import SourceSummary, State
from ingest.sources.checkpoint import Catalog, Fresh, KnownFile, Resume, Source, place
from ingest.sources.counts import Counts
from ingest.sources.identity import NOTHING, Prefix
from ingest.sources.listing import FileStat, opened, stat_of
from ingest.sources.streams import Bytes, FileStream, Stream, UpTo
from ingest.store import TelemetryStore
from ingest.store.catalog_writing import write_file
from ingest.store.events import record_event
from ingest.store.gaps import Cause, Gap
from ingest.store.histories import (
    attribute_anew,
    attribute_untimed,
    change_history,
    forget_unused,
    read_history_of,
)
from ingest.store.rows import audit_anew

Progress = Callable[[str, int, Counts], None]
"""Called with a file's name, how many of its bytes on disk were read, and what was stored of it meanwhile."""

MOST_AT_ONCE = 32 << 20
"""How much of a file that is followed is read before the others have their turn."""

_EARLIEST_NS = -(2**63)
_YOUNG_S = 2.0


class FileLoader:
    """Loads files one after another; `catalog` is kept up to date with what it stores."""

    def __init__(
        self,
        store: TelemetryStore,
        catalog: Catalog,
        history: ControlHistory | None,
        progress: Progress,
        stdin: BinaryIO | None,
        clock: Callable[[], int],
        spool: Path | None,
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._history = history
        self._progress = progress
        self._stdin = stdin
        self._clock = clock
        self._spool = f"{spool.resolve()}/" if spool else None
        self._gaps: list[Gap] = []
        self._attributions: dict[str | None, Attribution] = {None: Attribution(None)}
        if history:
            self._attributions[history.history_id] = Attribution(history)

    def load_file(self, path: Path) -> SourceSummary:
        """Load what is new in `path`; an unreadable file is a `failed` summary.

        Raises `SourceGone` and `StoreError`.
        """
        try:
            stat = stat_of(path)
            known = self._catalog.known(stat)
            if known and known[0].stat == stat:
                source, count = self._attributed(known[1])
                counts = known[0].counts
                return self._summary(str(path), "unchanged", source, counts, counts, reattributed=count)
            now_ns = self._clock()
            with opened(path, self._stdin) as (stream, at_opening):
                return self._load_stream(str(path), stream, at_opening and at_opening.trusted(now_ns))
        except SourceGone:
            raise
        except UnreadableSource as error:
            return SourceSummary(str(path), "failed", None, 0, Counts(), Counts(), None, error=str(error))

    def follow_file(self, file: BinaryIO, stat: FileStat, still_s: float) -> SourceSummary:
        """Load what is new in an open file, up to the size in `stat`, and at most `MOST_AT_ONCE` of it.

        Of a compressed file all is read. A copy that is being written may hold too little to tell it from
        a file of its own: such a one is `waiting` until it was left alone for two seconds (`still_s`). An
        unreadable file is a `failed` summary. Raises `StoreError`.
        """
        try:
            return self._load_stream(stat.path, FileStream(stat.path, file), stat, still_s)
        except UnreadableSource as error:
            return SourceSummary(stat.path, "failed", None, 0, Counts(), Counts(), None, error=str(error))

    def missing(self) -> tuple[Gap, ...]:
        """The gaps that it noticed and that no copy has filled."""
        sources = self._catalog.sources
        return tuple(gap for gap in self._gaps if sources[gap.source_id].ending.offset < gap.to_offset)

    def note_removed(self, known: KnownFile) -> None:
        """The file is nowhere any more; what it was seen to hold and nobody read is missed."""
        self._miss(known, "removed")

    def note_unread(self, stat: FileStat) -> str:
        """A file went away when nothing could be stored, nothing of it is: in words. Raises `StoreError`."""
        return keep_unread(self._store, stat, self._clock())

    def _load_stream(
        self, name: str, stream: Stream, stat: FileStat | None, still_s: float | None = None
    ) -> SourceSummary:
        """Load a file to its end, or, with `still_s`, one that is followed."""
        known = self._catalog.known(stat)
        if stat is not None and stat.via is None and known is not None:
            stat = replace(stat, via=known[0].stat.via)
        is_managed = self._spool is not None and stat is not None and stat.path.startswith(self._spool)
        where = place(self._catalog, stream, stat, self._spool if is_managed else None)
        is_anew = self._is_begun_anew(stat)
        copy: EarlierCopy | TooShort | None = None
        if where.alike:
            stream.go_to(0)
            with self._store.transaction() as cursor:
                copy = earlier_copy(cursor, stream, where.alike)
            stream.go_to(_span(where)[0])
        if not isinstance(copy, EarlierCopy):
            is_young = still_s is not None and still_s < _YOUNG_S and not is_managed
            if is_young and (_has_no_line(where) or copy is not None) and not is_anew:
                return SourceSummary(name, "waiting", None, 0, Counts(), Counts(), None)
        if known is not None and (isinstance(where, Fresh) or where.source.source_id != known[1].source_id):
            self._miss(known[0], "truncated" if is_anew else "removed")
        if isinstance(copy, EarlierCopy):
            return self._remembered(name, copy, stat)
        stream.release()
        reading: Bytes = stream
        if stat is not None and stream.is_plain:
            begin, held = _span(where)
            left = max(0, stat.size - begin)  # it may grow faster than it is read
            # A line that is open is read again from its start: what is new of it must have room, too.
            most = left if still_s is None else held - begin + MOST_AT_ONCE
            reading = UpTo(stream, min(left, most))
            stat = stat if left <= most else stat.unfinished()
        match where:
            case Resume(found, prefix, is_same_file, _):
                source, count = self._attributed(found)
                intake = self._intake(source, prefix, stat, is_stored=True)
                error = self._run(intake, name, reading)
                counts = intake.source.at_ending
                grown: State = "grew" if is_same_file or counts != source.at_ending else "copy"
                state: State = "unchanged" if is_same_file and counts == source.at_ending else grown
                summary = self._summary(
                    name, state, intake.source, counts, source.at_ending, reattributed=count, error=error
                )
                return replace(summary, taken_for_gone=intake.taken_for_gone)
            case Fresh(first_line, earlier, _):
                source = Source(
                    source_id=self._catalog.next_source_id,
                    generation=earlier.generation + 1 if earlier else 0,
                    name=stat.path if stat else name,
                    trust="managed" if is_managed else "imported",
                    history_id=self._history_for(None),
                    first_line=first_line,
                    checkpoint=NOTHING,
                    ending=NOTHING,
                    at_checkpoint=Counts(),
                    at_ending=Counts(),
                )
                intake = self._intake(source, Prefix(), stat, is_stored=False)
                error = self._run(intake, name, reading)
                state = "restarted" if earlier else "new"
                counts = intake.source.at_ending
                summary = self._summary(name, state, intake.source, counts, Counts(), error=error)
                if known is not None and is_anew and intake.is_stored:
                    keep_restart(self._store, known[1], source, self._clock())
                if known is not None and stat is not None and not intake.is_stored:
                    keep_emptied(self._store, self._catalog, known[1], stat)
                summary = replace(summary, taken_for_gone=intake.taken_for_gone)
                return summary if intake.is_stored else replace(summary, source_id=None)
            case _:
                assert_never(where)

    def _is_begun_anew(self, stat: FileStat | None) -> bool:
        """Whether the file is known, at this very place, with other content."""
        known = self._catalog.known(stat)
        return known is not None and stat is not None and known[0].stat.path == stat.path

    def _remembered(self, name: str, copy: EarlierCopy, stat: FileStat | None) -> SourceSummary:
        source, count = self._attributed(copy.source)
        if stat is not None:
            known = KnownFile(stat, source.source_id, copy.length, copy.counts)
            with self._store.transaction() as cursor:
                write_file(cursor, known)
            self._catalog.remember(source, known)
        return self._summary(name, "copy", source, copy.counts, copy.counts, reattributed=count)

    def _miss(self, known: KnownFile, cause: Cause) -> None:
        gap = keep_gap(self._store, self._catalog, known, cause, self._clock())
        if gap is not None:
            self._gaps.append(gap)

    def _intake(self, source: Source, prefix: Prefix, stat: FileStat | None, *, is_stored: bool) -> Intake:
        attribution = self._attribution(source.history_id)
        return Intake(self._store, source, prefix, attribution, stat, is_stored=is_stored)

    def _run(self, intake: Intake, name: str, stream: Bytes) -> str | None:
        """Take in the rest of the stream; what went wrong with it, if anything."""
        error = None
        before = intake.source.at_ending

        def advanced() -> None:
            self._progress(name, stream.bytes_on_disk_read(), intake.source.at_ending - before)

        try:
            intake.run(stream, advanced)
        except UnreadableSource as failure:
            error = str(failure)
        if intake.is_stored:
            self._catalog.remember(intake.source, intake.known_file)
        advanced()  # with what the last of it counted
        return error

    def _summary(
        self,
        name: str,
        state: State,
        source: Source,
        counts: Counts,
        held: Counts,
        *,
        reattributed: int = 0,
        error: str | None = None,
    ) -> SourceSummary:
        return SourceSummary(
            name,
            "failed" if error else state,
            source.source_id,
            source.generation,
            counts,
            held,
            source.history_id,
            reattributed,
            error=error,
        )

    def _history_for(self, current: str | None) -> str | None:
        """An imported history is asked for and wins; the home's own serves sources that have none."""
        if self._history is None or (self._history.history_id == HOME and current is not None):
            return current
        return self._history.history_id

    def _attribution(self, history_id: str | None) -> Attribution:
        if history_id not in self._attributions:
            assert history_id is not None
            with self._store.cursor() as cursor:
                self._attributions[history_id] = Attribution(read_history_of(cursor, history_id))
        return self._attributions[history_id]

    def _attributed(self, source: Source) -> tuple[Source, int]:
        """`source` under the history that this load asks for, and how many stored rows that changed."""
        history_id = self._history_for(source.history_id)
        if history_id is None or history_id == source.history_id:
            return source, 0
        changed = replace(source, history_id=history_id)
        with self._store.transaction() as cursor:
            change_history(cursor, changed)
            audit_anew(cursor, source.source_id)
            count = attribute_anew(cursor, history_id, [source.source_id], _EARLIEST_NS)
            attribute_untimed(cursor, source.source_id)
            forget_unused(cursor)
            record_event(
                cursor,
                self._clock(),
                "attributed",
                source.source_id,
                f"{count} records joined with history {history_id} instead of {source.history_id or 'none'}",
            )
        self._catalog.remember(changed, None)
        return changed, count


def _has_no_line(where: Resume | Fresh) -> bool:
    """Whether what is there may be the beginning of any file."""
    match where:
        case Resume(source=found, is_same_file=is_same_file):
            return not is_same_file and found.first_line is None
        case Fresh(first_line=first_line):
            return first_line is None
        case _:
            assert_never(where)


def _span(where: Resume | Fresh) -> tuple[int, int]:
    """Where reading begins, and up to where the source is held."""
    if isinstance(where, Fresh):
        return 0, 0
    return where.source.checkpoint.offset, where.source.ending.offset
