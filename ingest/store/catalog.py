"""Sources and files as rows of the store, read whole."""

from typing import Any

import duckdb

from ingest.sources.checkpoint import Catalog, KnownFile, Source
from ingest.sources.counts import Counts
from ingest.sources.identity import Mark
from ingest.sources.listing import FileStat

_SOURCE = (
    "source_id, generation, name, trust, history_id, first_line, checkpoint, ending, at_checkpoint,"
    " at_ending, coalesce(beginnings, [])"
)
_FILE = "path, device, inode, size, mtime_ns, ctime_ns, via, source_id, covered, counts"


def read_catalog(cursor: duckdb.DuckDBPyConnection) -> Catalog:
    """Everything known, in two small queries."""
    sources = cursor.execute(f"SELECT {_SOURCE} FROM source").fetchall()  # noqa: S608 names of ours; values are bound
    files = cursor.execute(f"SELECT {_FILE} FROM source_file").fetchall()  # noqa: S608 names of ours; values are bound
    return Catalog(
        {row[0]: _source(row) for row in sources},
        {(row[1], row[2]): KnownFile(FileStat(*row[:7]), row[7], row[8], Counts.of(row[9])) for row in files},
    )


def _source(row: tuple[Any, ...]) -> Source:
    source_id, generation, name, trust, history_id, first_line, checkpoint, ending, *rest = row
    counts, all_counts, beginnings = rest
    return Source(
        source_id,
        generation,
        name,
        trust,
        history_id,
        first_line,
        Mark(**checkpoint),
        Mark(**ending),
        Counts.of(counts),
        Counts.of(all_counts),
        tuple(beginnings),
    )
