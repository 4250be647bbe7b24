"""Shared by the tests of `slotgate exec`."""

from pathlib import Path

import pytest

from tests.gates.executor.builders import home_with


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return home_with(tmp_path / "home")
