"""A pass over a home: into its archive where that is wanted, told part by part, and ended between parts."""

from pathlib import Path

import pytest

from dashboard.telemetry.retaining import RetainRequest, pass_over
from ingest.errors import WorkStopped
from ingest.loading.load import load
from ingest.progress import HowFar, Unit, Work
from ingest.report.report import Selection, report
from ingest.retention.bound import DAY_NS
from ingest.retention.run import Order
from ingest.store import TelemetryStore
from tests.dashboard.record import empty_home, line, spool

AT = 1_760_000_000 * 10**9
"""2025-10-09."""
ORDER = Order(days=30, trusts_clock=True)


def clock() -> int:
    return AT


def test_months_go_into_the_archive_and_a_stopped_pass_goes_on(tmp_path: Path) -> None:
    home = empty_home(tmp_path)
    spool(home, [(AT - days * DAY_NS, line(f"job-{days}")) for days in (100, 60, 0)])
    told: list[HowFar] = []

    def tell(far: HowFar) -> None:
        told.append(far)
        if len(told) == 2:
            raise WorkStopped("enough")

    asked = RetainRequest(order=ORDER, archive=True)
    with TelemetryStore.open(home.telemetry) as store:
        load(store, [home.spool], None)
        with pytest.raises(WorkStopped):
            pass_over(home, store, asked, clock, tell=tell)
        assert told == [
            HowFar(Work.ARCHIVE, "2025-07", 0, 2, Unit.ROWS),
            HowFar(Work.ARCHIVE, "2025-08", 1, 2, Unit.ROWS),
        ]
        assert [path.name for path in home.archive.iterdir()] == ["telemetry-2025-07-1.parquet"]
        rest = pass_over(home, store, asked, clock)
        assert (rest.passed.deleted.timed, rest.passed.is_whole) == (1, True)
        with store.cursor() as cursor:
            found = report(cursor, Selection(), home.archive)
        assert (found["totals"]["lines"], found["archive"]["lines"]) == (3, 2)


def test_nothing_is_told_of_rows_that_are_only_deleted(tmp_path: Path) -> None:
    home = empty_home(tmp_path)
    spool(home, [(AT - days * DAY_NS, line(f"job-{days}")) for days in (100, 0)])
    told: list[HowFar] = []
    with TelemetryStore.open(home.telemetry) as store:
        load(store, [home.spool], None)
        done = pass_over(home, store, RetainRequest(order=ORDER), clock, tell=told.append)
    assert (done.passed.deleted.timed, told, home.archive.exists()) == (1, [], False)
