"""Rows are counted in parts also while the transaction that stored some of them has not ended."""

from pathlib import Path

from ingest.loading.load import load
from ingest.rollups.log import count_stored
from tests.ingest.store_from_template import open_store
from tests.ingest.stored import cri


def test_rows_of_an_open_transaction_lie_far_behind_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(cri(*range(25)))
    with open_store(tmp_path / "telemetry.duckdb") as store:
        load(store, [tmp_path / "a.log"], None)
        with store.transaction() as cursor:
            cursor.execute("INSERT INTO telemetry FROM telemetry")
            first, last = cursor.execute("SELECT min(rowid), max(rowid) FROM telemetry").fetchall()[0]
            count_stored(cursor, "true", {}, 1, rows_at_once=10)
            counted = cursor.execute("SELECT sum(lines) FROM rollup_log").fetchall()
    assert last - first > 2**50
    assert counted == [(25 + 50,)]
