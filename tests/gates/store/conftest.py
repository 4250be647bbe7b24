"""Every kind of store, for the contract suites."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gates.store.port import StorePort
from gates.store.store import Store
from tests.gates.store.in_a_file import store_in_a_file
from tests.gates.store.in_memory import store_in_memory
from tests.gates.store.server import Server


@pytest.fixture(params=["file", "postgresql", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path, postgresql: Server) -> Iterator[StorePort]:
    match request.param:
        case "file":
            opened = store_in_a_file(tmp_path / "gate.db")
        case "postgresql":
            opened = Store.open(postgresql.new_store())
        case _:
            opened = store_in_memory()
    yield opened
    opened.close()
