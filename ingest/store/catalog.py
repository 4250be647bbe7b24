"""Sources and files as rows of the store, read whole and written one at a time."""

from dataclasses import asdict
from typing import Any

import duckdb

from ingest.checkpoint import Catalog, KnownFile, Source
from ingest.counts import Counts
from ingest.identity import Mark
from ingest.sources import FileStat

_SOURCE = (
    "source_id, generation, name, trust, history_id, first_line, checkpoint, ending, at_checkpoint, at_ending"
)
_FILE = "path, device, inode, size, mtime_ns, ctime_ns, via, source_id, covered, counts"


def read_catalog(cursor: duckdb.DuckDBPyConnection) -> Catalog:
    """Everything known, in two small queries."""
    sources = cursor.execute(f"SELECT {_SOURCE} FROM source").fetchall()  # noqa: S608
    files = cursor.execute(f"SELECT {_FILE} FROM source_file").fetchall()  # noqa: S608
    return Catalog(
        {row[0]: _source(row) for row in sources},
        {(row[1], row[2]): KnownFile(FileStat(*row[:7]), row[7], row[8], Counts.of(row[9])) for row in files},
    )


def replace_source(cursor: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Store `source` in place of what stood there."""
    cursor.execute("DELETE FROM source WHERE source_id = ?", [source.source_id])
    add_source(cursor, source)


def add_source(cursor: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Store a source that is not there yet."""
    cursor.execute(
        f"INSERT INTO source ({_SOURCE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
        [
            source.source_id,
            source.generation,
            source.name,
            source.trust,
            source.history_id,
            source.first_line,
            asdict(source.checkpoint),
            asdict(source.ending),
            asdict(source.at_checkpoint),
            asdict(source.at_ending),
        ],
    )


def write_file(cursor: duckdb.DuckDBPyConnection, known: KnownFile) -> None:
    """Store what was seen of a file; its inode is its key."""
    stat = known.stat
    cursor.execute("DELETE FROM source_file WHERE device = ? AND inode = ?", [stat.device, stat.inode])
    cursor.execute(
        f"INSERT INTO source_file ({_FILE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
        [
            stat.path,
            stat.device,
            stat.inode,
            stat.size,
            stat.mtime_ns,
            stat.ctime_ns,
            stat.via,
            known.source_id,
            known.covered,
            asdict(known.counts),
        ],
    )


def _source(row: tuple[Any, ...]) -> Source:
    source_id, generation, name, trust, history_id, first_line, checkpoint, ending, counts, all_counts = row
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
    )
