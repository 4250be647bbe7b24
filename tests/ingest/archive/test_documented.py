"""The section Archive of docs/file-formats.md names every column, and its example reads a file."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.archive.part import Kind
from ingest.history.controls import read_history
from ingest.loading.load import load
from tests.ingest.archive.worlds import moved
from tests.ingest.store_from_template import open_store
from tests.ingest.stored import DATA

PAGE = (Path(__file__).parents[3] / "docs" / "file-formats.md").read_text(encoding="utf-8")
[SECTION] = [part for part in re.split(r"^## ", PAGE, flags=re.MULTILINE) if part.startswith("Archive\n")]
[EXAMPLE] = re.findall(r"^```python archive\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which everything that was captured lies in the archive."""
    home = tmp_path_factory.mktemp("documented")
    with open_store(home / "telemetry.duckdb") as store:
        load(store, [DATA / "executor-a.cri.log"], read_history(DATA / "executor-a.controls.jsonl"))
        with store.transaction() as cursor:
            cursor.execute(
                "INSERT INTO quarantine SELECT source_id, 0, 0, NULL, NULL, 'TRUNCATED', '', '', false "
                "FROM source"
            )
        moved(store, home / "archive", "true", "2026-11")
    return home


@pytest.mark.parametrize("kind", Kind)
def test_every_column_is_on_the_page(folder: Path, kind: Kind) -> None:
    columns = duckdb.read_parquet(str(folder / "archive" / f"{kind}-2026-11-1.parquet")).columns
    assert [name for name in columns if f"`{name}`" not in SECTION] == []


def test_the_example_reads_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    said: list[Any] = []
    exec(EXAMPLE, {"print": said.append})
    lines = duckdb.read_parquet("archive/telemetry-*").project("step, path, status").fetchall()
    assert said[0].to_dict() == Counter(lines)
    assert said[0].sum() == 266
