"""Shared by the tests of pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.server.seat import Seat
from tests.dashboard.auth.town import Town
from tests.dashboard.views.pages import seated_town


@pytest.fixture
def here(tmp_path: Path) -> Iterator[tuple[Town, Seat]]:
    with seated_town(tmp_path) as found:
        yield found
