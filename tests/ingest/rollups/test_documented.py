"""docs/file-formats.md names each table and column of the rollups; its query gives what the report does."""

import re
from pathlib import Path

import pytest

from ingest.loading.load import load
from ingest.report.report import Selection, report
from tests.ingest.rollups.content import BOUNDS
from tests.ingest.store_from_template import open_store
from tests.ingest.stored import DATA

PAGE = (Path(__file__).parents[3] / "docs" / "file-formats.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("\n## Rollups\n")[2].partition("\n## ")[0]


def test_the_page_names_what_there_is(tmp_path: Path) -> None:
    with open_store(tmp_path / "telemetry.duckdb") as store, store.cursor() as cursor:
        found = cursor.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE starts_with(table_name, 'rollup_')"
        ).fetchall()
    assert {name for names in found for name in names} == {
        name
        for name in re.findall(r"`(\w+)`", SECTION.partition("\n`buckets` are")[0])
        if name not in ("telemetry", "duckdb")
    }
    assert f"Bucket {len(BOUNDS):,} is" in SECTION


def test_the_query_on_the_page_gives_what_the_report_does(tmp_path: Path) -> None:
    [query] = re.findall(r"^```sql\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)
    with open_store(tmp_path / "telemetry.duckdb") as store:
        load(store, [DATA / "executor-a.cri.log"], None)
        with store.cursor() as cursor:
            found = cursor.execute(query).fetchall()
            told = report(cursor, Selection())["totals"]["latency"]
    assert found == [
        (path, told[path]["count"], pytest.approx(told[path]["p95"], rel=0.01)) for path in ("openai", "stub")
    ]
