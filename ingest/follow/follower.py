"""Bring in what is new in files that change while they are followed, pass by pass.

Which files there are and what was read of them stands in the store, committed with the rows: a follower
that was killed goes on where that says. What one holds besides are open descriptors, so that a file that
loses its name between two passes is still read to its end.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from io import BufferedReader
from pathlib import Path

import duckdb

from ingest.errors import IngestError, UnreadableSource
from ingest.follow.finding import Finder, Found, Key, beside, still_there
from ingest.follow.held import MOST, HeldFiles
from ingest.follow.owed import Owed
from ingest.follow.stillness import Stillness
from ingest.history.controls import ControlHistory
from ingest.loading.file_load import FileLoader
from ingest.loading.grouping import groups, new_in
from ingest.loading.load import Standing, Surroundings, is_part_of, loading
from ingest.loading.summary import LoadSummary, SourceSummary
from ingest.sources.checkpoint import Catalog, KnownFile, same_file
from ingest.sources.counts import Counts
from ingest.sources.listing import FileStat
from ingest.sources.streams import FileStream
from ingest.store import TelemetryStore
from ingest.store.failures import translated

UPKEEP_SECONDS = 1.0
"""How often history, job specs, runs and debts of the gate audit are looked at while no file changes."""

COMPRESSED_SECONDS = 1.0
"""A compressed file is read when it was left alone for so long: half of one cannot be read to its end."""

NAMELESS_SECONDS = 30.0
"""A file without a name is held for so long after its last change."""

UNREAD_SECONDS = 600.0
"""And for so long while it was not read to its end, as on a full disk: its room is not free meanwhile."""

AGAIN_SECONDS = 5.0
"""A file that cannot be read is tried again after so long, and whenever it changes."""

TURN_SECONDS = 1.0
"""After so long a pass lets the files that are left wait: what comes and goes between looks is not seen."""

TOGETHER_BYTES = 2 << 20
"""Files that grew by no more than this in all are stored in one transaction."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What a pass did. `failures` stand until they are mended. `is_behind`: more can be read at once.

    `unread`: the files, in words, that went before anything of them could be stored.
    """

    summary: LoadSummary
    failures: tuple[str, ...] = ()
    is_behind: bool = False
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Failed:
    stat: FileStat
    at: float
    words: str


class Follower:
    """Follows `paths`: files, folders and patterns, there or not yet. Every pass asks for the `history`."""

    def __init__(
        self,
        store: TelemetryStore,
        paths: Sequence[str],
        around: Surroundings,
        history: Callable[[], ControlHistory | None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._around = around
        self._history = history
        self._monotonic = monotonic
        self._finder = Finder(paths)
        self._held = HeldFiles()
        self._stillness = Stillness()
        self._standing: Standing | None = None
        self._owed = Owed()
        self._stored: dict[Key, KnownFile] = {}
        self._inodes: dict[str, set[int]] = {}
        self._gone: set[Key] = set()
        self._others: set[Key] = set()
        self._failed: dict[Key, _Failed] = {}
        self._kept_up_at = -UPKEEP_SECONDS

    def close(self) -> None:
        """Let go of the files."""
        self._held.close()

    def poll(self) -> Followed:
        """One pass: what is new is stored, and audited. Where nothing changed, nothing but stats is asked.

        Raises `StoreError`, and what reading the history raises; then the next pass does what is left.
        """
        try:
            return self._pass()
        except IngestError:
            self._owe()
            raise
        except duckdb.Error as error:  # of a store that is to be opened anew, and cannot be
            self._owe()
            raise translated(self._store.path, error) from error

    def go_on_in(self, store: TelemetryStore) -> None:
        """Go on in a store that was opened anew; the files that are held stay so."""
        self._store, self._standing = store, None

    def _pass(self) -> Followed:
        history = self._history()
        standing, self._standing = self._standing, None
        if standing is None:
            with loading(self._store, history, self._around) as (_, standing):
                self._learn(standing.catalog)
        catalog = standing.catalog
        now = self._monotonic()
        found, removed = self._found(catalog, now)
        unread = list(self._owed.unknown(catalog.files, found.files))
        self._others &= found.renamed  # an inode may be given again, to a file that is followed
        due = [stat for stat in found.files.values() if self._is_due(stat, catalog, now)]
        if due or removed or unread or now - self._kept_up_at >= UPKEEP_SECONDS:
            with loading(self._store, history, self._around, before=standing) as (loader, standing):
                catalog = standing.catalog
                due.sort(key=lambda stat: (stat.mtime_ns, stat.path))
                summaries, waiting = [], list(due)
                for group in groups(due, partial(new_in, catalog), TOGETHER_BYTES):
                    if len(waiting) < len(due) and self._monotonic() - now >= TURN_SECONDS:
                        break
                    del waiting[: len(group)]
                    with self._store.together() if len(group) > 1 else nullcontext():
                        read = (self._read(loader, catalog, stat, found, now) for stat in group)
                        summaries += [one for one in read if one is not None]
                for known in removed:
                    loader.note_removed(known)
                    self._gone.add((known.stat.device, known.stat.inode))
                gone = tuple(loader.note_unread(stat) for stat in unread)
            self._hold(waiting)
            self._kept_up_at = now
            summary = LoadSummary(tuple(summaries), standing.reattributed, loader.missing())
            self._learn(catalog)
        else:
            summary, waiting, gone = LoadSummary(()), [], ()
        self._standing = standing
        self._owed.settle(catalog.files, found.files)
        self._stillness.forget_all_but(found.files)
        self._failed = {key: one for key, one in self._failed.items() if key in found.files}
        as_stored = (catalog.known(stat) for stat in due)
        is_behind = bool(waiting) or any(one is not None and one[0].stat.size < 0 for one in as_stored)
        failures = (*found.failures, *(one.words for one in self._failed.values()))
        return Followed(summary, failures, is_behind, gone)

    def _owe(self) -> None:
        """Nothing can be stored: hold what waits to be read, and remember how much it was."""
        found = self._finder.find(self._inodes)
        files = {key: stat for key, stat in found.files.items() if key not in found.renamed}
        files |= {(stat.device, stat.inode): stat for stat in self._held.nameless(found.files)}
        unread = [stat for stat in files.values() if self._is_unread(stat, self._stored)]
        unread.sort(key=lambda stat: (stat.mtime_ns, stat.path))
        self._owed.note(unread)
        self._hold(unread)

    def _learn(self, catalog: Catalog) -> None:
        self._stored = dict(catalog.files)  # as it is committed: a catalog goes ahead of its transaction
        inodes: dict[str, set[int]] = {}
        for known in catalog.files.values():
            if known.stat.via is not None:
                inodes.setdefault(known.stat.via, set()).add(known.stat.inode)
        self._inodes = inodes

    def _found(self, catalog: Catalog, now: float) -> tuple[Found, list[KnownFile]]:
        """All that is to be followed now, and what was removed with bytes in it that nobody read."""
        found = self._finder.find(self._inodes)
        files, removed, lost = dict(found.files), list[KnownFile](), list[FileStat]()
        self._gone -= files.keys()
        missing = catalog.files.keys() - files.keys() - self._gone
        for key in missing:
            known = catalog.files[key]
            if known.stat.via not in self._finder.paths:
                self._gone.add(key)
            elif (stat := still_there(known.stat)) is not None:
                files[key] = stat
            else:
                lost.append(known.stat)
        renamed = beside(lost)
        files |= renamed
        for stat in list(self._held.nameless(files)):
            key = stat.device, stat.inode
            still_s = self._stillness.seconds(stat, now)
            if still_s < NAMELESS_SECONDS or (
                still_s < UNREAD_SECONDS and self._is_unread(stat, catalog.files)
            ):
                files[key] = stat
            else:
                self._held.let_go(key)
        for key in missing - files.keys() - self._gone:
            known = self._owed.as_seen(catalog.files[key])
            if known.stat.seen > catalog.sources[known.source_id].ending.offset:
                removed.append(known)
            else:
                self._gone.add(key)
        return Found(files, found.renamed | renamed.keys(), found.failures), removed

    def _hold(self, waiting: Sequence[FileStat]) -> None:
        """Open what is read later: by then it may have lost its name."""
        for stat in waiting[: MOST // 2]:
            with suppress(OSError):  # told when it is its turn
                if (opened := self._held.opened(stat)) is not None:
                    opened[0].close()

    def _is_own(self, stat: FileStat) -> bool:
        is_named_so = stat.path.rpartition("/")[2].startswith(self._store.path.name)
        return is_named_so and is_part_of(Path(stat.path), self._store.path)

    def _is_unread(self, stat: FileStat, stored: Mapping[Key, KnownFile]) -> bool:
        """Whether there is more in it than what is stored, and nothing known to be wrong with it."""
        key = stat.device, stat.inode
        if key in self._failed or key in self._others or self._is_own(stat):
            return False
        if key not in stored:
            return stat.size > 0
        read = stored[key].stat  # of a young file without the time of its change
        return (read.size, read.mtime_ns) != (stat.size, stat.mtime_ns)

    def _is_due(self, stat: FileStat, catalog: Catalog, now: float) -> bool:
        key = stat.device, stat.inode
        known = catalog.files.get(key)
        if known is None and (stat.size == 0 or self._is_own(stat)):
            return False
        if known is not None and known.stat == stat and known.stat.via == stat.via:
            return False
        if key in self._others:
            return False
        failed = self._failed.get(key)
        if failed is not None and failed.stat == stat and now - failed.at < AGAIN_SECONDS:
            return False
        still_s = self._stillness.seconds(stat, now)
        return stat.is_plain_by_name or still_s >= COMPRESSED_SECONDS

    def _read(
        self, loader: FileLoader, catalog: Catalog, stat: FileStat, found: Found, now: float
    ) -> SourceSummary | None:
        key = stat.device, stat.inode
        now_ns = self._around.clock()
        try:
            opened = self._held.opened(stat)
        except OSError as error:
            words = f"`{stat.path}` cannot be read: {error.strerror}; make it readable or leave it out"
            self._failed[key] = _Failed(stat, now, words)
            return SourceSummary(stat.path, "failed", None, 0, Counts(), Counts(), None, error=words)
        if opened is None:
            return None
        file, at_opening = opened
        with file:
            if key in found.renamed and not _goes_on(file, at_opening, catalog):
                self._others.add(key)
                self._held.let_go(key)
                return None
            still_s = self._stillness.seconds(stat, now)
            summary = loader.follow_file(file, at_opening.trusted(now_ns), still_s)
        if summary.error is None:
            self._failed.pop(key, None)
        else:
            self._failed[key] = _Failed(stat, now, summary.error)
            self._held.let_go(key)
        return None if summary.state == "waiting" else summary


def _goes_on(file: BufferedReader, stat: FileStat, catalog: Catalog) -> bool:
    """Whether a file under a strange name still is what its inode was."""
    known = catalog.known(stat)
    try:
        return known is not None and same_file(FileStream(stat.path, file), *known, stat) is not None
    except UnreadableSource:
        return False
