"""Bring in what a home's own executors wrote, and tell how much of it is not in yet."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import duckdb

from gates.errors import HomeError
from gates.home import Home
from ingest.follow.follower import Follower
from ingest.follow.pacing import pause_s
from ingest.gate_audit import bring_up, clock_skew_ns, unaudited
from ingest.history.controls import HOME, read_home_history
from ingest.history.history_file import HistoryFile
from ingest.loading.load import Surroundings, load
from ingest.runs.taking_in import unread_bytes
from ingest.sources.counts import Counts
from ingest.sources.listing import listed, stat_of
from ingest.store import TelemetryStore
from schemas.instant import SECOND

Clock = Callable[[], int]
_PATIENCE_S = 20.0
_PASSES_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Behind:
    """What the store does not have yet: bytes on disk of the spool and of how runs ended, revisions.

    Revisions are those of the home's history. `audit`: lines wait for the gate audit, or for another one
    with a different clock skew.
    """

    spool_bytes: int
    revisions: int
    audit: bool

    def __bool__(self) -> bool:
        return self.spool_bytes > 0 or self.revisions > 0 or self.audit


class SpoolPass:
    """One pass over the spool and the control history of `home`: what is new since the last one."""

    def __init__(self, home: Home, store: TelemetryStore, clock: Clock = time.time_ns) -> None:
        self._home = home
        self._store = store
        self._clock = clock

    def __call__(self, clock_skew_s: float | None = None) -> int:
        """How many rows it changed. The gate audit goes by `clock_skew_s`, null for as before.

        Raises what ingest raises, and `HomeError` for an unreadable file.
        """
        surroundings = Surroundings(None, self._clock, self._home.spool, self._home.specs, self._home.runs)
        history = read_home_history(self._home.history)
        spool = [self._home.spool] if self._home.spool.is_dir() else []
        summary = load(self._store, spool, history, surroundings=surroundings)
        if clock_skew_s is not None:
            bring_up(self._store, clock_skew_s)
        if summary.failed:
            first = summary.failed[0]
            raise HomeError(f"`{first.name}` could not be read to its end: {first.error}; make it readable")
        before = sum((source.held.accepted + source.held.quarantined for source in summary.sources), 0)
        now = summary.counts.accepted + summary.counts.quarantined
        return now - before + summary.reattributed


class Following:
    """The passes of a server: over the spool of `home` and `paths`, whose files may be rotated meanwhile."""

    def __init__(self, home: Home, store: TelemetryStore, paths: Sequence[str] = ()) -> None:
        around = Surroundings(None, time.time_ns, home.spool, home.specs, home.runs)
        history = HistoryFile(home.history)
        self._follower = Follower(store, [str(home.spool), *paths], around, history.read)
        self._rests_until = 0.0

    def __call__(self) -> int:
        """How many rows it changed. Raises what ingest raises, and `HomeError` for an unreadable file.

        One that cannot be read is told in a pass that changed nothing: the others go on. Before it looks
        again at thousands of files of which none changed, or for the next few lines, it rests (ADR 172, 228).
        """
        time.sleep(max(0.0, self._rests_until - time.monotonic()))
        began = time.monotonic()
        rows = 0
        for _ in range(_PASSES_AT_ONCE):
            followed = self._follower.poll()
            summary = followed.summary
            rows += sum(_stored(one.counts) - _stored(one.held) for one in summary.sources)
            rows += summary.reattributed + sum(one.reattributed for one in summary.sources)
            if followed.failures and not rows:
                raise HomeError(followed.failures[0])
            if not followed.is_behind:
                break
        ended = time.monotonic()
        self._rests_until = ended + pause_s(followed, ended - began)
        return rows


def _stored(counts: Counts) -> int:
    return counts.accepted + counts.quarantined


class PassWhenFree:
    """The pass of a server. Another pass is waited for, a load of many minutes is not."""

    def __init__(self, home: Home, store: TelemetryStore) -> None:
        self._store = store
        self._pass = SpoolPass(home, store)

    def __call__(self, clock_skew_s: float | None = None) -> int | None:
        """As `SpoolPass`; null where it did not look."""
        if not self._store.loading.acquire(timeout=_PATIENCE_S):
            return None
        self._store.loading.release()
        return self._pass(clock_skew_s)


def behind(cursor: duckdb.DuckDBPyConnection, home: Home, clock_skew_s: float | None = None) -> Behind:
    """What lies in the home and is not in the store that `cursor` reads. Raises what ingest raises."""
    rows = cursor.execute("SELECT device, inode, size FROM source_file").fetchall()
    read = {(device, inode): size for device, inode, size in rows}
    missing = 0
    for path in listed([home.spool]) if home.spool.is_dir() else []:
        found = stat_of(path)
        if found is not None:
            missing += max(0, found.size - max(0, read.get((found.device, found.inode), 0)))
    missing += unread_bytes(cursor, home.runs)
    skewed = clock_skew_s is not None and clock_skew_ns(cursor) != round(clock_skew_s * SECOND)
    return Behind(missing, _unknown_revisions(cursor, home), skewed or unaudited(cursor) > 0)


def _unknown_revisions(cursor: duckdb.DuckDBPyConnection, home: Home) -> int:
    history = read_home_history(home.history)
    if history is None:
        return 0
    rows = cursor.execute("SELECT count(*) FROM control_interval WHERE history_id = ?", [HOME]).fetchall()
    return max(0, len(history.intervals) - int(rows[0][0]))
