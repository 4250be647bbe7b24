"""One pass of retention: see whether the clock is believed, then delete, stretch by stretch.

Each stretch is a transaction of its own, beside readers and loads; between two the pass can be stopped, and
whatever ends it, the next one finds what is left. A load waits for one stretch at most.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import duckdb

from ingest.instants import rfc3339
from ingest.retention.bound import Bound, Facts, Need, bound
from ingest.retention.clock import Seen, believed
from ingest.retention.crowding import delete_surplus
from ingest.retention.deleting import NOTHING, Deleted, delete_stretch, delete_untimed, forget_runs
from ingest.retention.keeping import Keeping, KeepNothing
from ingest.retention.stretches import stretches
from ingest.retention.untimed import note_sources, parted, still_since
from ingest.rollups.upkeep import is_complete
from ingest.store import TelemetryStore
from ingest.store.events import record_event
from ingest.store.failures import in_words

_NEWEST = "SELECT max(line_time_ns) FROM telemetry WHERE line_time_ns <= ?"

TellRows = Callable[[str, int, int], None]
"""Told before each stretch of time: its month, how many rows went, and how many were to go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to delete: rows older than `days` and than every need. `trusts_clock`: a person looked at it.

    `month`, `YYYY-MM`: only rows whose line time is in it (UTC), null: all, also those without a time.
    """

    days: int
    needs: tuple[Need, ...] = ()
    trusts_clock: bool = False
    month: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """What a pass did. `said` in words; null `bound`: it did not come to look for rows.

    `is_whole`: it came to its end, else it was stopped or waits.
    """

    said: str
    bound: Bound | None = None
    deleted: Deleted = NOTHING
    is_whole: bool = False


def retain(
    store: TelemetryStore,
    order: Order,
    clock: Callable[[], int],
    keeping: Keeping | None = None,
    stopping: Callable[[], bool] = lambda: False,
    tell: TellRows = lambda _month, _done, _total: None,
) -> Passed:
    """Delete what may go, until done or `stopping`. Raises `StoreError`, what `keeping` raises, and
    `WorkStopped`, if `tell` does; what was committed stands.
    """
    now_ns = clock()
    with store.cursor() as cursor, in_words(store.path):
        waits = _waits(cursor)
    if waits is not None:
        return Passed(said=waits)
    with store.transaction() as cursor:
        waits = _looked_at_clock(cursor, now_ns, trusts=order.trusts_clock)
        note_sources(cursor, now_ns)
        forget_runs(cursor)
    if waits is not None:
        return _noted(store, Passed(said=waits), now_ns)
    keeps = keeping or KeepNothing()
    with store.cursor() as cursor, in_words(store.path):
        newest_ns = cursor.execute(_NEWEST, [now_ns]).fetchall()[0][0]
        facts = Facts(
            now_ns=now_ns,
            days=order.days,
            needs=order.needs,
            newest_ns=newest_ns,
            whole_months=keeps.whole_months,
        )
        found = bound(facts)
        chosen = [
            one
            for one in stretches(cursor, found.before_ns, keeps.rows_at_once)
            if order.month in (None, one.month)
        ]
    deleted = NOTHING
    rows = sum(stretch.rows for stretch in chosen)
    for stretch in chosen:
        if stopping():
            return _noted(store, _stopped(found, deleted, keeps), now_ns)
        tell(stretch.month, deleted.rows, rows)
        with store.transaction() as cursor:
            deleted += delete_stretch(cursor, stretch, keeps)
    for source_id, span in _untimed(store, found, keeps) if order.month is None else ():
        if stopping():
            return _noted(store, _stopped(found, deleted, keeps), now_ns)
        with store.transaction() as cursor:
            deleted += delete_untimed(cursor, source_id, span, keeps)
    if order.month is None and not keeps.whole_months:
        with store.transaction() as cursor:
            deleted += delete_surplus(cursor, bound(replace(facts, days=0)).before_ns)
    said = f"{_counted(deleted)} of before {_day(found)} {keeps.deed}; {found.why}"
    return _noted(store, Passed(said=said, bound=found, deleted=deleted, is_whole=True), now_ns)


def _waits(cursor: duckdb.DuckDBPyConnection) -> str | None:
    """Why nothing may go now, whatever is stored."""
    if not is_complete(cursor):
        return "no row goes before the rollups of an older home are built; the next load builds them"
    return None


def _looked_at_clock(cursor: duckdb.DuckDBPyConnection, now_ns: int, *, trusts: bool) -> str | None:
    """Keep what this look at the clock showed; why nothing may go yet."""
    seen = Seen(*cursor.execute("SELECT trusted_ns, leapt_ns FROM retention_state").fetchall()[0])
    looked = believed(seen, now_ns)
    keeps = Seen(now_ns) if trusts else looked.seen
    cursor.execute(
        "UPDATE retention_state SET trusted_ns = ?, leapt_ns = ?", [keeps.trusted_ns, keeps.leapt_ns]
    )
    if trusts or looked.waits_until_ns is None:
        return None
    until = rfc3339(looked.waits_until_ns)
    if seen.trusted_ns is None:
        return f"the first pass in this home deletes nothing; from {until} on, rows that are too old go"
    return (
        f"the clock stands far ahead of {rfc3339(seen.trusted_ns)}, when retention last looked, and no row "
        f"goes before {until}; where it is right, `slotgate retention run --clock-is-right` goes on at once"
    )


def _untimed(store: TelemetryStore, found: Bound, keeping: Keeping) -> list[tuple[int, tuple[int, int]]]:
    with store.cursor() as cursor, in_words(store.path):
        return [
            (source_id, span)
            for source_id, until in still_since(cursor, found.before_ns)
            for span in parted(cursor, source_id, until, keeping.rows_at_once)
        ]


def _stopped(found: Bound, deleted: Deleted, keeps: Keeping) -> Passed:
    said = (
        f"stopped; {_counted(deleted)} of before {_day(found)} {keeps.deed}, the rest goes with the next pass"
    )
    return Passed(said=said, bound=found, deleted=deleted)


def _noted(store: TelemetryStore, passed: Passed, now_ns: int) -> Passed:
    """Keep what was done, and as an event where rows went."""
    with store.transaction() as cursor:
        cursor.execute("UPDATE retention_state SET passed_ns = ?, said = ?", [now_ns, passed.said])
        if passed.deleted.rows:
            record_event(cursor, now_ns, "retention", None, passed.said)
    return passed


def _counted(deleted: Deleted) -> str:
    rows = "1 row" if deleted.rows == 1 else f"{deleted.rows:,} rows"
    return rows if deleted.rows else "no row"


def _day(found: Bound) -> str:
    return (rfc3339(found.before_ns) or "")[:10] if found.before_ns > 0 else "1970"
