"""A home of its own for every test that changes one, and one for those that are refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dashboard.api.control.place import Place, placed


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with placed(tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """For what changes nothing."""
    with placed(tmp_path_factory.mktemp("closed")) as found:
        yield found
