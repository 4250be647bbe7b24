"""Shared by all tests."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.gates.store.server import Server, running

# Machines differ: nothing here is judged by how long it took.
settings.register_profile("slotgate", deadline=None)
settings.load_profile("slotgate")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server, one for each worker that asks."""
    with running() as server:
        yield server
