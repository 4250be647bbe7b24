"""Files that are no logs, told by how they begin: read as lines they would be noise, and nobody the wiser.

The marks are those of the formats' own specifications, each long enough, or with bytes that no text has.
"""

from ingest.errors import UnreadableSource

_LEAVE_OUT = "leave it out"
_DECOMPRESS = "decompress it first (gzip and zstd are read as they are)"
_UNPACK = "unpack it first"
_MARKS: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"\xfd7zXZ\x00", "compressed with xz", _DECOMPRESS),
    (4, b"1AY&SY", "compressed with bzip2", _DECOMPRESS),
    (0, b"\x04\x22\x4d\x18", "compressed with lz4", _DECOMPRESS),
    (0, b"\xff\x06\x00\x00sNaPpY", "compressed with snappy", _DECOMPRESS),
    (0, b"PK\x03\x04", "a zip archive", _UNPACK),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (257, b"ustar", "a tar archive", _UNPACK),
    (
        0,
        b"LPKSHHRH",
        "a journal of systemd in its own format",
        "hand in what `journalctl -o json` prints of it",
    ),
    (0, b"PAR1\x15", "a Parquet file", _LEAVE_OUT),
    (0, b"Obj\x01", "an Avro file", _LEAVE_OUT),
    (0, b"SQLite format 3\x00", "an SQLite database", _LEAVE_OUT),
    (8, b"DUCK", "a DuckDB database", _LEAVE_OUT),
    (0, b"\x89PNG\r\n\x1a\n", "a PNG image", _LEAVE_OUT),
    (0, b"\xff\xd8\xff", "a JPEG image", _LEAVE_OUT),
    (0, b"%PDF-1.", "a PDF document", _LEAVE_OUT),
    (0, b"\x7fELF", "a program", _LEAVE_OUT),
)


def refuse_foreign(name: str, head: bytes) -> None:
    """Raise `UnreadableSource` if a source of that name begins, decompressed, like a file that is no log."""
    for offset, mark, what, advice in _MARKS:
        if head.startswith(mark, offset):
            raise UnreadableSource(f"`{name}` is {what}, not a log; {advice}")
