"""What DuckDB's failures mean to a user, and what to do about each."""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ingest.errors import StoreDamaged, StoreError, StoreInUse, StoreNewer, reason_of

_LOCKED = re.compile(r"set lock on file.*?(?:\(PID (\d+)\)|$)", re.DOTALL)
_FULL = re.compile(r"No space left on device|Disk quota exceeded|File too large", re.IGNORECASE)
_DENIED = re.compile(r"Permission denied|Read-only file system", re.IGNORECASE)
_DAMAGED = re.compile(
    r"not a valid DuckDB database|checksum|corrupt|Serialization|deserializ|WAL"
    r"|Could not read enough bytes|Could not read from file .*Input/output error"
    r"|Extension .* not found|Is a directory",
    re.IGNORECASE,
)
_OWNER, _SPACE = "run it as the user who owns the home", "free some space, then try again"
_TODO = {
    errno.EACCES: _OWNER,
    errno.EPERM: _OWNER,
    errno.ENOSPC: _SPACE,
    errno.EDQUOT: _SPACE,
    errno.EFBIG: _SPACE,
}
_OTHER_VERSION = re.compile(r"storage version number", re.IGNORECASE)


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Turn what DuckDB or the file system raises about the store at `path` into `StoreError`s."""
    try:
        yield
    except duckdb.Error as error:
        raise translated(path, error) from error
    except OSError as error:
        todo = _TODO.get(error.errno or 0, "make its folder writable or name another home")
        words = f"the telemetry store `{path}` cannot be used: {reason_of(error)}; {todo}"
        raise StoreError(words) from error
    except StoreNewer as error:
        raise StoreNewer(f"the telemetry store `{path}` cannot be used: {error}") from None


def translated(path: Path, error: duckdb.Error) -> StoreError:
    """The `StoreError` that says what `error` means for the store at `path`."""
    text = str(error)
    store = f"the telemetry store `{path}`"
    if locked := _LOCKED.search(text):
        owner = f" (process {locked[1]})" if locked[1] else ""
        return StoreInUse(
            f"{store} is in use by another process{owner}; let it finish or stop it, then try again"
        )
    if _FULL.search(text):
        return StoreError(
            f"{store} cannot grow: the disk, or what may be used of it, is full; "
            "free some space, then try again"
        )
    if _DENIED.search(text):
        return StoreError(f"{store} cannot be used: permission denied; make it and its folder writable")
    first = text.splitlines()[0][:300]
    # A wrong checksum comes as the base class, everything else about a bad file as one of its own.
    about_the_file = (
        isinstance(error, duckdb.IOException | duckdb.SerializationException) or type(error) is duckdb.Error
    )
    if about_the_file and _OTHER_VERSION.search(text):
        return StoreNewer(
            f"{store} cannot be used: another version of DuckDB wrote it: {first}; use the slotgate that did"
        )
    if about_the_file and _DAMAGED.search(text):
        return StoreDamaged(
            f"{store} is damaged or no telemetry store: {first}; stop what serves it, then "
            "`slotgate ingest mend` sets it aside and reads the spool again"
        )
    if isinstance(error, duckdb.FatalException | duckdb.InternalException):
        return StoreDamaged(f"{store} failed: {first}; if it fails again, `slotgate ingest mend` looks at it")
    return StoreError(f"{store} failed: {first}; what was committed before stands, try again")
