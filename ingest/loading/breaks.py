"""What is kept when a file does not go on where it was read: it was cut, replaced or removed."""

from ingest.sources.checkpoint import Catalog, KnownFile, Source
from ingest.sources.counts import Counts
from ingest.sources.listing import FileStat
from ingest.store import TelemetryStore
from ingest.store.catalog_writing import write_file
from ingest.store.events import record_event
from ingest.store.gaps import Cause, Gap, record_gap


def keep_gap(
    store: TelemetryStore, catalog: Catalog, known: KnownFile, cause: Cause, at_ns: int
) -> Gap | None:
    """What the file was seen to hold and nobody read, if anything. Raises `StoreError`.

    Of a compressed file the sizes say nothing.
    """
    source = catalog.sources[known.source_id]
    read_to, seen = source.ending.offset, known.stat.seen
    if not known.stat.is_plain_by_name or seen <= read_to:
        return None
    gap = Gap(source.source_id, known.stat.path, read_to, seen, at_ns, cause)
    with store.transaction() as cursor:
        record_gap(cursor, gap)
    return gap


def keep_restart(store: TelemetryStore, before: Source, source: Source, at_ns: int) -> None:
    """That the file of `before` holds `source` now. Raises `StoreError`."""
    said = (
        f"`{source.name}` began anew after {before.ending.offset:,} bytes were read of it; what was read "
        "stays, what was written behind that and cut off is only in a copy, if there is one"
    )
    with store.transaction() as cursor:
        record_event(cursor, at_ns, "restarted", source.source_id, said)


def keep_emptied(store: TelemetryStore, catalog: Catalog, source: Source, stat: FileStat) -> None:
    """That a file holds nothing now, and once held `source`. Raises `StoreError`."""
    known = KnownFile(stat, source.source_id, 0, Counts())
    with store.transaction() as cursor:
        write_file(cursor, known)
    catalog.remember(source, known)


def keep_unread(store: TelemetryStore, stat: FileStat, at_ns: int) -> str:
    """That a file went away of which nothing was read, and the words for it. Raises `StoreError`."""
    said = (
        f"`{stat.path}` went away while nothing could be stored, before {stat.size:,} bytes of it were read; "
        "they are only in a copy, if there is one"
    )
    with store.transaction() as cursor:
        record_event(cursor, at_ns, "unread", None, said)
    return said
