"""A telemetry store to load into."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.store import TelemetryStore
from tests.ingest.store_from_template import open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TelemetryStore]:
    with open_store(tmp_path / "home" / "telemetry.duckdb") as opened:
        yield opened
