"""Stores in a file for tests: to make the tables costs more than most tests do with them."""

from functools import cache
from pathlib import Path

from gates.store.store import Store
from tests.made_once import bytes_of


def store_in_a_file(path: Path) -> Store:
    """As `Store.create`, with tables that were made once."""
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(_empty())
    return Store.open(path)


@cache
def _empty() -> bytes:
    return bytes_of(Store.create)
