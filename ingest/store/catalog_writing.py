"""Sources and files into the store, in the caller's transaction, some at a time."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, fields

import duckdb
import pyarrow as pa

from ingest.registering import registered
from ingest.sources.checkpoint import KnownFile, Source
from ingest.sources.counts import Counts

_MARK = pa.struct(
    [("offset", pa.int64()), ("anchor", pa.int64()), ("chain", pa.binary()), ("digest", pa.binary())]
)
_COUNTS = pa.struct([(one.name, pa.int64()) for one in fields(Counts)])
_SOURCES = pa.schema(
    [
        ("source_id", pa.int32()),
        ("generation", pa.int32()),
        ("name", pa.string()),
        ("trust", pa.string()),
        ("history_id", pa.string()),
        ("first_line", pa.binary()),
        ("checkpoint", _MARK),
        ("ending", _MARK),
        ("at_checkpoint", _COUNTS),
        ("at_ending", _COUNTS),
        ("beginnings", pa.list_(pa.binary())),
    ]
)
_FILES = pa.schema(
    [
        ("path", pa.string()),
        ("device", pa.int64()),
        ("inode", pa.uint64()),
        ("size", pa.int64()),
        ("mtime_ns", pa.int64()),
        ("ctime_ns", pa.int64()),
        ("via", pa.string()),
        ("source_id", pa.int32()),
        ("covered", pa.int64()),
        ("counts", _COUNTS),
    ]
)


def replace_source(cursor: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Store `source` in place of what stood there."""
    write_sources(cursor, [source], {source.source_id})


def write_sources(
    cursor: duckdb.DuckDBPyConnection, sources: Iterable[Source], replaced: Collection[int]
) -> None:
    """Store sources, each once; those of `replaced` take the place of what stands there."""
    if replaced:
        cursor.execute("DELETE FROM source WHERE list_contains(?, source_id)", [list(replaced)])
    rows = pa.Table.from_pylist([_source_row(one) for one in sources], schema=_SOURCES)
    with registered(cursor, "arriving_sources", rows):
        cursor.execute("INSERT INTO source BY NAME SELECT * FROM arriving_sources")


def write_file(cursor: duckdb.DuckDBPyConnection, known: KnownFile) -> None:
    """Store what was seen of a file; its inode is its key."""
    write_files(cursor, [known])


def write_files(cursor: duckdb.DuckDBPyConnection, files: Iterable[KnownFile]) -> None:
    """Store what was seen of files, each once."""
    rows = pa.Table.from_pylist([_file_row(one) for one in files], schema=_FILES)
    with registered(cursor, "arriving_files", rows):
        cursor.execute(
            "DELETE FROM source_file f WHERE EXISTS "
            "(FROM arriving_files a WHERE a.device = f.device AND a.inode = f.inode)"
        )
        cursor.execute("INSERT INTO source_file BY NAME SELECT * FROM arriving_files")


def _source_row(source: Source) -> dict[str, object]:
    return {
        "source_id": source.source_id,
        "generation": source.generation,
        "name": source.name,
        "trust": source.trust,
        "history_id": source.history_id,
        "first_line": source.first_line,
        "checkpoint": asdict(source.checkpoint),
        "ending": asdict(source.ending),
        "at_checkpoint": asdict(source.at_checkpoint),
        "at_ending": asdict(source.at_ending),
        "beginnings": source.beginnings,
    }


def _file_row(known: KnownFile) -> dict[str, object]:
    stat = known.stat
    return {
        "path": stat.path,
        "device": stat.device,
        "inode": stat.inode,
        "size": stat.size,
        "mtime_ns": stat.mtime_ns,
        "ctime_ns": stat.ctime_ns,
        "via": stat.via,
        "source_id": known.source_id,
        "covered": known.covered,
        "counts": asdict(known.counts),
    }
