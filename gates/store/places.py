"""Where a store lies: a SQLite file by path, a PostgreSQL database by URL; the scheme chooses the adapter."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from sqlalchemy.exc import DBAPIError

from gates.errors import AlreadyThere, StoreError, StoreMissing
from gates.store.dialect import Dialect
from gates.store.sqlite import Sqlite, check_file, make_file

if TYPE_CHECKING:  # its driver is optional
    from gates.store.postgresql import Postgresql

_FILE = "sqlite:///"
_SERVER = ("postgresql://", "postgres://")


def existing(place: Path | str, busy_seconds: float) -> Dialect:
    """The database at `place`, which must hold something. Raises `StoreMissing` or another `StoreError`."""
    if isinstance(path := _at(place), Path):
        check_file(path)
        return Sqlite(path, busy_seconds)
    database = _postgresql(path, busy_seconds)
    with translated(database):
        if not database.tables():
            raise StoreMissing(
                f"{database.name} is empty; name the right one, restore it, or make a home with "
                "`slotgate init`"
            )
    return database


def vacant(place: Path | str, busy_seconds: float) -> Dialect:
    """The empty database at `place`; a file is made, a database must be there. Raises `AlreadyThere`."""
    if isinstance(path := _at(place), Path):
        make_file(path)
        return Sqlite(path, busy_seconds)
    database = _postgresql(path, busy_seconds)
    with translated(database):
        if database.tables():
            raise AlreadyThere(f"{database.name} holds something already; open it, or name an empty database")
    return database


@contextmanager
def translated(dialect: Dialect) -> Iterator[None]:
    """Errors of the driver as errors of the gates."""
    try:
        yield
    except DBAPIError as error:
        raise dialect.failure(error) from error


def _at(place: Path | str) -> Path | str:
    """A path, or the URL of a server."""
    if isinstance(place, Path) or place.startswith(_SERVER):
        return place
    if place.startswith(_FILE) and place != _FILE:
        return Path(unquote(place.removeprefix(_FILE)))
    if "://" in place:
        # The rest of the URL may hold a password.
        raise StoreError(
            f"no store is opened by `{place.partition('://')[0]}://`; "
            "name postgresql://…, sqlite:///… or a path"
        )
    return Path(place)


def _postgresql(url: str, busy_seconds: float) -> "Postgresql":
    try:
        from gates.store.postgresql import Postgresql
    except ImportError as error:
        raise StoreError(
            "the store is a PostgreSQL database and its driver is missing; install slotgate[postgresql]"
        ) from error
    return Postgresql(url, busy_seconds)
