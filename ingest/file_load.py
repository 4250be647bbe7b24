"""What to do with one file: leave it, go on in it, or begin it as a new source."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, assert_never

from ingest.attribution import Attribution
from ingest.checkpoint import Catalog, Fresh, KnownFile, Resume, Source, Trust, place
from ingest.counts import Counts
from ingest.earlier_copy import EarlierCopy, earlier_copy
from ingest.errors import SourceGone, UnreadableSource
from ingest.history import HOME, ControlHistory
from ingest.identity import NOTHING, Prefix
from ingest.intake import Intake
from ingest.sources import FileStat, opened, stat_of
from ingest.store import TelemetryStore
from ingest.store.catalog import replace_source, write_file
from ingest.store.events import record_event
from ingest.store.histories import attribute_anew, attribute_untimed, forget_unused, read_history_of
from ingest.store.rows import audit_anew
from ingest.streams import Stream
from ingest.summary import SourceSummary, State

Progress = Callable[[str, int], None]
"""Called with a file's name and how many of its bytes on disk were read."""

_EARLIEST_NS = -(2**63)


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
            with opened(path, self._stdin) as (stream, stat_at_opening):
                return self._load_stream(str(path), stream, stat_at_opening)
        except SourceGone:
            raise
        except UnreadableSource as error:
            return SourceSummary(str(path), "failed", None, 0, Counts(), Counts(), None, error=str(error))

    def _load_stream(self, name: str, stream: Stream, stat: FileStat | None) -> SourceSummary:
        is_managed = self._spool is not None and stat is not None and stat.path.startswith(self._spool)
        trust: Trust = "managed" if is_managed else "imported"
        where = place(self._catalog, stream, stat, trust)
        if isinstance(where, Fresh) and where.alike:
            with self._store.cursor() as cursor:
                copy = earlier_copy(cursor, stream, where.alike)
            if copy is not None:
                return self._remembered(name, copy, stat)
            stream.go_to(0)
        stream.release()
        match where:
            case Resume(found, prefix, is_same_file):
                source, count = self._attributed(found)
                intake = self._intake(source, prefix, stat, is_stored=True)
                error = self._run(intake, name, stream)
                counts = intake.source.at_ending
                grown: State = "grew" if is_same_file or counts != source.at_ending else "copy"
                state: State = "unchanged" if is_same_file and counts == source.at_ending else grown
                return self._summary(
                    name, state, intake.source, counts, source.at_ending, reattributed=count, error=error
                )
            case Fresh(first_line, earlier, _):
                source = Source(
                    source_id=self._catalog.next_source_id,
                    generation=earlier.generation + 1 if earlier else 0,
                    name=stat.path if stat else name,
                    trust=trust,
                    history_id=self._history_for(None),
                    first_line=first_line,
                    checkpoint=NOTHING,
                    ending=NOTHING,
                    at_checkpoint=Counts(),
                    at_ending=Counts(),
                )
                intake = self._intake(source, Prefix(), stat, is_stored=False)
                error = self._run(intake, name, stream)
                state = "restarted" if earlier else "new"
                counts = intake.source.at_ending
                summary = self._summary(name, state, intake.source, counts, Counts(), error=error)
                if earlier is not None and intake.is_stored:
                    with self._store.transaction() as cursor:
                        said = f"`{source.name}` began anew; what it held before stays"
                        record_event(cursor, self._clock(), "restarted", source.source_id, said)
                return summary if intake.is_stored else replace(summary, source_id=None)
            case _:
                assert_never(where)

    def _remembered(self, name: str, copy: EarlierCopy, stat: FileStat | None) -> SourceSummary:
        source, count = self._attributed(copy.source)
        if stat is not None:
            known = KnownFile(stat, source.source_id, copy.length, copy.counts)
            with self._store.transaction() as cursor:
                write_file(cursor, known)
            self._catalog.remember(source, known)
        return self._summary(name, "copy", source, copy.counts, copy.counts, reattributed=count)

    def _intake(self, source: Source, prefix: Prefix, stat: FileStat | None, *, is_stored: bool) -> Intake:
        attribution = self._attribution(source.history_id)
        return Intake(self._store, source, prefix, attribution, stat, is_stored=is_stored)

    def _run(self, intake: Intake, name: str, stream: Stream) -> str | None:
        """Take in the rest of the stream; what went wrong with it, if anything."""
        error = None
        try:
            intake.run(stream, lambda: self._progress(name, stream.bytes_on_disk_read()))
        except UnreadableSource as failure:
            error = str(failure)
        if intake.is_stored:
            self._catalog.remember(intake.source, intake.known_file)
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
            replace_source(cursor, changed)
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
