"""Bring sources into the telemetry store: what is new in them, exactly once.

Rows, quarantine, counts and checkpoint of a source are committed together. Whatever ends a load, the
next one takes up at the checkpoint and replaces the rows that belonged to lines still open there. At its
end the gate audit looks at what is new.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

from ingest.errors import SourceGone, UnreadableSource
from ingest.gate_audit import bring_up
from ingest.history.controls import ControlHistory
from ingest.job_specs.taking_in import take_in_specs
from ingest.loading.file_load import FileLoader, Progress
from ingest.loading.grouping import groups, new_in
from ingest.loading.progress import LoadProgress
from ingest.loading.summary import LoadSummary, SourceSummary
from ingest.progress import Tell, silent
from ingest.rollups.upkeep import bring_up_rollups, settle_rollups
from ingest.runs.taking_in import take_in_runs
from ingest.sources.checkpoint import Catalog
from ingest.sources.counts import Counts
from ingest.sources.listing import listed, stat_of
from ingest.store import TelemetryStore
from ingest.store.catalog import read_catalog
from ingest.store.failures import in_words
from ingest.store.histories import attribute_anew, attribute_untimed, write_history
from ingest.store.rows import rows_of_sources

TOGETHER_BYTES = 8 << 20
"""Files with no more in them that is new are stored in one transaction."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a load reads besides its paths. Files below `spool` are the home's own (`managed`).

    `specs` is where runs told of their job specs, `runs` where it is recorded how they ended.
    """

    stdin: BinaryIO | None
    clock: Callable[[], int]
    spool: Path | None
    specs: Path | None = None
    runs: Path | None = None


def load(
    store: TelemetryStore,
    paths: Sequence[Path],
    history: ControlHistory | None,
    tell: Tell = silent,
    surroundings: Surroundings | None = None,
) -> LoadSummary:
    """Load files, folders and `-`. Files that did not change are not opened: cheap enough for every second.

    An imported `history` attributes every source named here anew; the home's own (`history_id` is
    "home") attributes those that have no other. A file that cannot be read to its end is a `failed`
    source of the summary, and the others are loaded all the same.

    `tell` is told in bytes on disk. Raises `UnreadableSource` when a named path is not there, `StoreError`,
    and what `tell` raises.
    """
    around = surroundings or Surroundings(None, time.time_ns, None)
    named = set(paths)
    files = [path for path in listed(paths) if not is_part_of(path, store.path)]
    progress = LoadProgress(tell, files)
    room = store.sparing()
    with loading(store, history, around, progress.read, tell=tell, room=room) as (loader, standing):
        summaries: list[SourceSummary] = []
        for group in groups(files, partial(_new_in, standing.catalog), TOGETHER_BYTES):
            with store.together() if len(group) > 1 else nullcontext():
                summaries += _loaded(loader, group, named, progress)
        checked = _checked(store, standing.catalog, summaries)
    return LoadSummary(checked, standing.reattributed, loader.missing())


@dataclass(frozen=True, slots=True)
class Standing:
    """What a load left: it still stands if nobody had a turn since `turn`, and `history` is the same."""

    turn: int
    catalog: Catalog
    history: ControlHistory | None
    reattributed: int


@contextmanager
def loading(
    store: TelemetryStore,
    history: ControlHistory | None,
    around: Surroundings,
    progress: Progress = lambda _name, _done, _stored: None,
    before: Standing | None = None,
    tell: Tell = silent,
    room: AbstractContextManager[None] | None = None,
) -> Iterator[tuple[FileLoader, Standing]]:
    """A turn at the sources: history and job specs are taken in before it, runs and the gate audit after it.

    What `before` found is not read again. `tell` is told of the rollups of an older home that are built
    first. `room` is entered for all of it: `store.sparing()` where much may come. Raises `StoreError`.
    """
    with store.loading as turn, room or nullcontext():
        store.require_its_place()
        bring_up_rollups(store, around.clock(), tell)
        if before is not None and before.turn + 1 == turn and before.history is history:
            standing = Standing(turn, before.catalog, history, 0)
        else:
            reattributed = _take_in(store, history)
            with store.cursor() as cursor, in_words(store.path):
                standing = Standing(turn, read_catalog(cursor), history, reattributed)
        if around.specs is not None:
            take_in_specs(store, around.specs)
        yield (
            FileLoader(store, standing.catalog, history, progress, around.stdin, around.clock, around.spool),
            standing,
        )
        if around.runs is not None:
            take_in_runs(store, around.runs)
        settle_rollups(store)
        bring_up(store)


def _loaded(
    loader: FileLoader, files: list[Path], named: set[Path], progress: LoadProgress
) -> Iterator[SourceSummary]:
    """Load the files; one that left its folder since that was listed, as rotation does, is left out."""
    for path in files:
        try:
            yield loader.load_file(path)
        except SourceGone as gone:
            if path in named:
                yield SourceSummary(str(path), "failed", None, 0, Counts(), Counts(), None, error=str(gone))
        progress.passed(path)


def _new_in(catalog: Catalog, path: Path) -> int | None:
    try:
        stat = stat_of(path)
    except UnreadableSource:  # loading it says why
        return None
    return None if stat is None else new_in(catalog, stat)


def _checked(
    store: TelemetryStore, catalog: Catalog, summaries: list[SourceSummary]
) -> tuple[SourceSummary, ...]:
    """The summaries of what changed, compared with the rows that are really there."""
    changed = [one.source_id for one in summaries if one.state not in ("unchanged", "copy")]
    ids = {source_id for source_id in changed if source_id is not None}
    if not ids:
        return tuple(summaries)
    with store.cursor() as cursor, in_words(store.path):
        accepted = rows_of_sources(cursor, "telemetry", ids)
        quarantined = rows_of_sources(cursor, "quarantine", ids)
    missing = {
        source_id
        for source_id in ids
        if (counts := catalog.sources[source_id].at_ending).accepted != accepted[source_id]
        or counts.quarantined != quarantined[source_id]
    }
    return tuple(replace(one, is_stored=one.source_id not in missing) for one in summaries)


def is_part_of(path: Path, store: Path) -> bool:
    """Whether `path` is the store itself, or what DuckDB writes beside it."""
    return path.name.startswith(store.name) and path.parent.resolve() == store.parent.resolve()


def _take_in(store: TelemetryStore, history: ControlHistory | None) -> int:
    """Store the history; the home's own grows, and what it newly says of earlier moments is applied."""
    if history is None:
        return 0
    with store.transaction() as cursor:
        changed_from = write_history(cursor, history)
        if changed_from is None:
            return 0
        rows = cursor.execute("SELECT source_id FROM source WHERE history_id = ?", [history.history_id])
        sources = [row[0] for row in rows.fetchall()]
        count = attribute_anew(cursor, history.history_id, sources, changed_from) if sources else 0
        for source_id in sources:
            attribute_untimed(cursor, source_id)
        return count
