"""A home of its own for every test that changes one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dashboard.api.control.place import Place, placed


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with placed(tmp_path) as found:
        yield found
