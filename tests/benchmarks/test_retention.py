"""Deleting half a month: a pass of retention against one DELETE, and how long a load waits meanwhile."""

import threading
import time
from pathlib import Path

from ingest.retention.bound import DAY_NS
from ingest.retention.run import Order, retain
from ingest.store import TelemetryStore
from tests.benchmarks.month_of_lines import END_NS, month_of

LINES, DAYS = 2_000_000, 15
_CLOSED = """
UPDATE source SET checkpoint = {'offset': $lines, 'anchor': 0, 'chain': ''::BLOB, 'digest': ''::BLOB},
    ending = {'offset': $lines, 'anchor': 0, 'chain': ''::BLOB, 'digest': ''::BLOB}
"""
_AUDITED = "INSERT INTO gate_mark SELECT source_id, ? FROM source"
_ONE = "INSERT INTO noise_sample VALUES (0, 0, ''::BLOB)"


class Writer:
    """Commits a row over and over, as a load of a server does; `waits` are how long each took."""

    def __init__(self, store: TelemetryStore) -> None:
        self._store = store
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.waits: list[float] = []

    def __enter__(self) -> "Writer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(0.01):
            begin = time.perf_counter()
            with self._store.transaction() as cursor:
                cursor.execute(_ONE)
            self.waits.append(time.perf_counter() - begin)


def test_half_a_month_goes(tmp_path: Path) -> None:
    with month_of(LINES, tmp_path) as store:
        with store.transaction() as cursor:
            cursor.execute(_CLOSED, {"lines": LINES})
            cursor.execute(_AUDITED, [LINES])
        with Writer(store) as writer:
            begin, cpu = time.perf_counter(), time.process_time()
            passed = retain(store, Order(days=DAYS, trusts_clock=True), lambda: END_NS)
            took, cpu = time.perf_counter() - begin, time.process_time() - cpu
        gone = passed.deleted.timed
        assert LINES * 0.4 < gone <= LINES // 2, "whole days"
        begin = time.perf_counter()
        assert retain(store, Order(days=DAYS), lambda: END_NS + 1).deleted.rows == 0
        idle = time.perf_counter() - begin
    with month_of(LINES, tmp_path) as store:
        begin, plain = time.perf_counter(), time.process_time()
        with store.transaction() as cursor:
            cursor.execute("DELETE FROM telemetry WHERE line_time_ns < ?", [END_NS - DAYS * DAY_NS])
        plain, plain_took = time.process_time() - plain, time.perf_counter() - begin
    longest = max(writer.waits, default=0.0)
    print(
        f"\n{gone:,} rows: {took:.2f} s, {cpu:.2f} s of CPU, {gone / cpu / 1e6:.1f} M a second; one DELETE "
        f"{plain:.2f} s of CPU: {cpu / plain:.1f} times; a load waited {longest * 1_000:.0f} ms at most, "
        f"for one DELETE {plain_took * 1_000:.0f} ms; a pass that finds nothing takes {idle * 1_000:.0f} ms"
    )
