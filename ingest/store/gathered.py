"""What was read and is to be stored in one transaction, gathered over files.

A statement costs as much as some thousand rows. So rows, sources and files wait here, and are written with a
statement for each table: of a large file as of a thousand small ones.
"""

import duckdb
import pyarrow as pa

from ingest import columns
from ingest.registering import registered
from ingest.rollups.log import Origin, count_in
from ingest.sources.checkpoint import KnownFile, Source
from ingest.store.catalog_writing import write_files, write_sources

ROW_GROUP = 122_880
"""DuckDB stores so many rows together. A whole group goes to the file at once; what remains of a
transaction goes to the log first and is written again later, which costs as much as all else."""

_MOST_ROWS = 1 << 19


class Gathered:
    """What waits to be written in the transaction of `cursor`, which its owner commits."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor
        self._rows: dict[str, list[pa.Table]] = {}
        self._telemetry: dict[Origin, list[pa.Table]] = {}
        self._row_count = 0
        self._with_rows: set[int] = set()
        self._sources: dict[int, Source] = {}
        self._replaced: set[int] = set()
        self._files: dict[tuple[int, int], KnownFile] = {}

    def settled(self) -> duckdb.DuckDBPyConnection:
        """The cursor, to which all that was gathered is written. Raises `duckdb.Error`."""
        telemetry = []
        for origin, records in self._telemetry.items():
            telemetry.append(columns.joined(records).combine_chunks())
            count_in(self._cursor, origin, telemetry[-1])
        if telemetry:
            self._insert("telemetry", _in_row_groups(columns.joined(telemetry)))
        for table, rows in self._rows.items():
            self._insert(table, columns.joined(rows).combine_chunks())
        self._rows, self._telemetry, self._row_count, self._with_rows = {}, {}, 0, set()
        if self._sources:
            write_sources(self._cursor, self._sources.values(), self._replaced)
            self._sources, self._replaced = {}, set()
        if self._files:
            write_files(self._cursor, self._files.values())
            self._files = {}
        return self._cursor

    def cursor_for(self, source_id: int) -> duckdb.DuckDBPyConnection:
        """The cursor, to which all is written that was gathered of this source. Raises `duckdb.Error`."""
        waits = source_id in self._with_rows or source_id in self._sources
        return self.settled() if waits else self._cursor

    def add_records(self, source_id: int, origin: Origin, records: pa.Table) -> None:
        """Telemetry, and what its v2 lines claim: columns of `RECORDS` with those of `Attribution`."""
        if "claims" in records.column_names:
            self.add("line_claim", source_id, columns.claims(records))
            records = records.drop_columns(["claims"])
        if records.num_rows:
            self._put(self._telemetry.setdefault(origin, []), source_id, records)

    def add(self, table: str, source_id: int, rows: pa.Table) -> None:
        """Rows whose columns are named like those of `table`. So that memory is bounded, many are written."""
        if rows.num_rows:
            self._put(self._rows.setdefault(table, []), source_id, rows)

    def _put(self, waiting: list[pa.Table], source_id: int, rows: pa.Table) -> None:
        sources = pa.repeat(pa.scalar(source_id, pa.int32()), rows.num_rows)
        waiting.append(rows.append_column("source_id", sources))
        self._with_rows.add(source_id)
        self._row_count += rows.num_rows
        if self._row_count > _MOST_ROWS:
            self.settled()

    def put_source(self, source: Source, *, is_stored: bool) -> None:
        """A source as it is now; one that `is_stored` takes the place of what stands there."""
        if is_stored and source.source_id not in self._sources:
            self._replaced.add(source.source_id)
        self._sources[source.source_id] = source

    def put_file(self, known: KnownFile) -> None:
        """What was seen of a file, in place of what stands there."""
        self._files[known.stat.device, known.stat.inode] = known

    def _insert(self, table: str, rows: pa.Table) -> None:
        with registered(self._cursor, "arriving", rows):
            self._cursor.execute(f"INSERT INTO {table} BY NAME SELECT * FROM arriving")  # noqa: S608 - a name of ours


def _in_row_groups(rows: pa.Table) -> pa.Table:
    """The rows in chunks that DuckDB stores as they are, beside each other; smaller ones it gathers first."""
    return pa.Table.from_batches(rows.combine_chunks().to_batches(ROW_GROUP), rows.schema)
