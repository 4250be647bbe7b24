"""Pages of failed lines are looked for where rollups say they are, and hold what all lines hold."""

from collections.abc import Iterator

import pytest

from dashboard.data.queries import Cursor
from dashboard.data.triage.failures import LINES, NO_CODE, FailedFilter, failed_lines
from ingest.rollups.rebuilding import rebuild_rollups
from ingest.store import TelemetryStore
from tests.dashboard.data.test_lines import INTERVAL, NEW_NS, SOURCE
from tests.dashboard.data.test_lines import LINES as INSERT_LINES

ALL = """
SELECT line_offset FROM telemetry WHERE path = 'openai' AND status = 'FAILED'
    AND ($code IS NULL OR coalesce(error_code, '(none)') = $code)
    AND ($version IS NULL OR executor_version = $version) AND ($step IS NULL OR step = $step)
ORDER BY line_time_ns DESC NULLS LAST, line_offset DESC
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TelemetryStore]:
    """Two hundred failures over thirty hours, and some without a time."""
    with TelemetryStore.open(tmp_path_factory.mktemp("failures") / "telemetry.duckdb") as opened:
        with opened.transaction() as cursor:
            cursor.execute(SOURCE)
            cursor.execute(INTERVAL)
            cursor.execute(INSERT_LINES, {"first": 0, "end": 6_000})
        rebuild_rollups(opened)
        yield opened


def pages(cursor: Cursor, chosen: FailedFilter) -> list[int]:
    found: list[int] = []
    for number in range(1, 100):
        page = [row["line_offset"] for row in failed_lines(cursor, chosen, number)]
        found += page
        if len(page) < LINES:
            return found
    raise AssertionError("there is no last page")


@pytest.mark.parametrize(
    "chosen",
    [
        FailedFilter(),
        FailedFilter(version="v1"),
        FailedFilter(step="expand-25"),
        FailedFilter(code="OPENAI_HTTP_ERROR", version="v2", step="expand-10"),
        FailedFilter(code=NO_CODE),
    ],
)
def test_all_pages_together_hold_every_line_once(store: TelemetryStore, chosen: FailedFilter) -> None:
    with store.cursor() as cursor:
        exact = [row[0] for row in cursor.execute(ALL, chosen.parameters()).fetchall()]
        assert pages(cursor, chosen) == exact
        assert exact or chosen.code == NO_CODE


def test_lines_that_are_gone_hide_none_that_are_there(store: TelemetryStore) -> None:
    """Rollups go on counting what retention took; here it took the newest."""
    with store.cursor() as cursor:
        cursor.begin()
        cursor.execute("DELETE FROM telemetry WHERE line_time_ns > ?", [NEW_NS])
        exact = [row[0] for row in cursor.execute(ALL, FailedFilter().parameters()).fetchall()]
        assert pages(cursor, FailedFilter()) == exact != []
        cursor.rollback()
