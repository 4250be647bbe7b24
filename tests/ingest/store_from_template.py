"""Stores for tests. To make the tables costs more than most tests do with them, so they are made once."""

from functools import cache
from pathlib import Path

from ingest.store import TelemetryStore
from tests.made_once import bytes_of


def open_store(path: Path) -> TelemetryStore:
    """As `TelemetryStore.open`; a file that is missing is a copy of an empty one that it made before."""
    put_empty(path)
    return TelemetryStore.open(path)


def put_empty(path: Path) -> None:
    """Such a copy at `path`, where there is no file yet."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(_empty())


@cache
def _empty() -> bytes:
    return bytes_of(TelemetryStore.open)
