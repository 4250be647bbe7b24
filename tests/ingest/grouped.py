"""Files that are loaded together, and one by one: the stores hold the same."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ingest.history.controls import ControlHistory
from ingest.loading.load import Surroundings, load
from ingest.loading.summary import SourceSummary
from ingest.store import TelemetryStore
from tests.ingest.rollups.content import kept, recounted
from tests.ingest.store_from_template import open_store

_TABLES = ("source", "source_file", "telemetry", "line_claim", "quarantine", "noise_sample")


def assert_alike(
    folder: Path, homes: Path, contents: Sequence[bytes], history: ControlHistory | None
) -> None:
    """Write `contents` as files into `folder`, and load them both ways, twice."""
    for number, content in enumerate(contents):
        (folder / f"{number:03d}.log").write_bytes(content)
    files = sorted(folder.iterdir())
    around = Surroundings(None, lambda: 1, None)
    with (
        open_store(homes / "together.duckdb") as together,
        open_store(homes / "apart.duckdb") as apart,
    ):
        for _ in range(2):
            summaries = load(together, [folder], history, surroundings=around).sources
            expected: list[SourceSummary] = []
            for path in files:
                expected += load(apart, [path], history, surroundings=around).sources
            assert list(summaries) == expected
            assert rows(together) == rows(apart)
            assert kept(together, "rollup_minute") == recounted(together, minutes=1)


def rows(store: TelemetryStore) -> dict[str, list[tuple[Any, ...]]]:
    """All that stands of lines and files."""
    with store.cursor() as cursor:
        return {table: cursor.execute(f"SELECT * FROM {table} ORDER BY ALL").fetchall() for table in _TABLES}
