"""Telemetry files with rows in them, and ways to damage one."""

from collections.abc import Callable
from pathlib import Path

import duckdb

from ingest.store import TelemetryStore

_HEADERS = 3 * 4096
_BLOCK = 256 * 1024
Damage = Callable[[bytes], bytes]


def make_store(path: Path, rows: int = 20_000) -> None:
    """A closed store whose noise samples fill several blocks."""
    with TelemetryStore.open(path) as store, store.transaction() as cursor:
        cursor.execute(
            "INSERT INTO noise_sample SELECT i % 5, i, (hash(i)::VARCHAR || hash(i + 1)::VARCHAR)::BLOB "
            "FROM range(?) AS numbers(i)",
            [rows],
        )


def flipped(data: bytes, at: int) -> bytes:
    """`data` with one byte changed."""
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


def of_another_duckdb(data: bytes, number: int) -> bytes:
    """The file as if storage version `number` had written it: its header sum fits."""
    header = data[:12] + number.to_bytes(8, "little") + data[20:4096]
    total = 5381
    for at in range(8, 4096, 8):
        total ^= int.from_bytes(header[at : at + 8], "little") * 0xBF58476D1CE4E5B9 & (1 << 64) - 1
    return total.to_bytes(8, "little") + header[8:] + data[4096:]


OPENING_FAILS: dict[str, Damage] = {
    "text": lambda _data: b"nothing like a database" * 400,
    "zeros": lambda data: bytes(len(data)),
    "another database": lambda _data: b"SQLite format 3\0" + bytes(5_000),
    "cut in its header": lambda data: data[:100],
    "cut behind its headers": lambda data: data[:_HEADERS],
    "a wrong header": lambda data: flipped(data, 100),
    "a wrong catalog": lambda data: flipped(data, _HEADERS + 20),
}


def make_rows_unreadable(path: Path) -> None:
    """Damage a block of noise samples: the file still opens."""
    with duckdb.connect(path) as connection:
        blocks = connection.execute(
            "SELECT max(block_id) FROM pragma_storage_info('noise_sample') WHERE column_name = 'raw'"
        ).fetchall()
    path.write_bytes(flipped(path.read_bytes(), _HEADERS + blocks[0][0] * _BLOCK + 20))
