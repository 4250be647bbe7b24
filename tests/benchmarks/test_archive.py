"""A month into the archive against DuckDB's own COPY of its rows, and a report before and after."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ingest.archive.keeping import ArchiveKeeping
from ingest.report.report import Selection, report
from ingest.retention.run import Order, retain
from tests.benchmarks.month_of_lines import END_NS, month_of

LINES, DAYS = 2_000_000, 7
_CLOSED = """
UPDATE source SET checkpoint = {'offset': $lines, 'anchor': 0, 'chain': ''::BLOB, 'digest': ''::BLOB},
    ending = {'offset': $lines, 'anchor': 0, 'chain': ''::BLOB, 'digest': ''::BLOB}
"""
_AUDITED = "INSERT INTO gate_mark SELECT source_id, ? FROM source"
A = TypeVar("A")


def cpu(work: Callable[[], A]) -> tuple[float, A]:
    """Seconds of CPU of all threads, and what came of it."""
    begin = time.process_time()
    found = work()
    return time.process_time() - begin, found


def test_a_month_goes_and_is_reported(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    with month_of(LINES, tmp_path) as store:
        with store.transaction() as cursor:
            cursor.execute(_CLOSED, {"lines": LINES})
            cursor.execute(_AUDITED, [LINES])

        def reported() -> str:
            with store.cursor() as asking:
                found = report(asking, Selection(), archive)
            return json.dumps({key: value for key, value in found.items() if key != "archive"})

        reported()  # reads it into memory
        before, said = cpu(reported)
        keeping = ArchiveKeeping(archive, lambda: END_NS)
        order = Order(days=DAYS, trusts_clock=True)
        query = "SELECT * FROM telemetry WHERE line_time_ns < ?"
        with store.cursor() as cursor:
            bound_ns = 1_790_812_800_000_000_000  # 2026-10-01, where the month of the older lines ends
            peer = tmp_path / "peer.parquet"
            copy = f"COPY ({query}) TO '{peer}' (FORMAT parquet, COMPRESSION zstd)"
            plain, _ = cpu(lambda: cursor.execute(copy, [bound_ns]).fetchall())
        took, passed = cpu(lambda: retain(store, order, lambda: END_NS, keeping))
        gone = passed.deleted.timed
        assert gone > LINES // 4
        after, said_after = cpu(reported)
        assert said_after == said
    size = sum(path.stat().st_size for path in archive.iterdir())
    print(
        f"\n{gone:,} of {LINES:,} rows archived in {took:.2f} s of CPU, {gone / took / 1e6:.2f} M a second, "
        f"deleted and put on record; DuckDB's COPY alone {plain:.2f} s: {took / plain:.1f} times; "
        f"{size / gone:.1f} bytes a row, COPY {peer.stat().st_size / gone:.1f}; report before "
        f"{before:.2f} s, after {after:.2f} s: {after / before:.2f} times"
    )
