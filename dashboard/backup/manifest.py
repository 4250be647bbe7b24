"""`manifest.json` of a backup: what is in it, written last. docs/file-formats.md says what the keys mean."""

from enum import StrEnum, unique

import msgspec

from dashboard.errors import BackupDamaged

NAME = "manifest.json"
HOME = "home/"
"""Below it lie the files of the home, under their own paths."""
VERSION = "slotgate-backup.v1"


@unique
class StoreIs(StrEnum):
    """Where the store of the home is."""

    HERE = "included"
    ELSEWHERE = "elsewhere"
    NOWHERE = "none"


class Layouts(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The layouts of the databases, null where there is none in the backup."""

    store: int | None
    telemetry: int | None


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A file of the home; `mtime_ns` is when it was written last, in ns since the epoch.

    `device` and `inode` are those that it had there: by them the telemetry knows it, whatever its name was.
    """

    path: str
    size: int
    sha256: str
    mtime_ns: int
    device: int
    inode: int


class Omitted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Something of the home that is not in the backup although no rule leaves it out."""

    path: str
    why: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What a backup says of itself. `home` is where it was taken, `revision` the newest of its store."""

    version: str
    slotgate: str
    made_at: str
    home: str
    environment: str | None
    revision: int | None
    store: StoreIs
    layouts: Layouts
    files: tuple[Entry, ...]
    left_out: tuple[Omitted, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(entry.size for entry in self.files)


def encoded(manifest: Manifest) -> bytes:
    """For the file."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"


def decoded(data: bytes) -> Manifest:
    """Raises `BackupDamaged` for what is no manifest of this version."""
    try:
        said = msgspec.json.decode(data)
        if isinstance(said, dict) and said.get("version") not in (None, VERSION):
            raise BackupDamaged(
                f"its manifest is of the form `{said['version']}`, which this slotgate does not know; "
                "use the slotgate that made it"
            )
        return msgspec.convert(said, Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BackupDamaged(f"its manifest cannot be read: {error}; take another backup") from error
