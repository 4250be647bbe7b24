"""A report over table and archive is the report from before rows were archived, byte for byte."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.archive.part import Kind, parts
from ingest.history.controls import read_history, read_home_history
from ingest.loading.load import load
from ingest.report.report import Selection
from schemas.instant import epoch_ns
from schemas.stages import Step
from tests.dashboard.record import LIVE, SECOND_NS, empty_home, line, publish, spool
from tests.ingest.archive.worlds import (
    LOGS,
    MONTHS,
    Written,
    filled,
    history_file,
    moved,
    of_month,
    reported,
    without_archive,
)
from tests.ingest.store_from_template import open_store

SELECTIONS = (
    Selection(),
    Selection(step=Step.CANARY_5),
    Selection(since_ns=epoch_ns("2026-09-10T00:00:00Z")),
    Selection(step=Step.EXPAND_100, since_ns=epoch_ns("2026-08-31T23:59:59Z")),
)


@settings(max_examples=7, deadline=None)
@given(LOGS, st.lists(st.sampled_from([None, *MONTHS]), unique=True, min_size=1), st.sampled_from(SELECTIONS))
def test_archiving_changes_nothing_that_a_report_says(
    logs: list[tuple[str | None, list[Written]]], months: list[str | None], selection: Selection
) -> None:
    with TemporaryDirectory() as name, filled(Path(name), logs) as store:
        archive = Path(name) / "archive"
        before = without_archive(reported(store, archive, selection))
        for month in months:
            moved(store, archive, of_month(month), month)
        assert without_archive(reported(store, archive, selection)) == before


WORLD: list[tuple[str | None, list[Written]]] = [
    ("kills", [Written(n % 10, n % 7, f"2026-08-{1 + n % 28:02}T10:00:00Z") for n in range(60)]),
    ("calm", [Written(n % 10, n % 5, f"2026-09-{1 + n % 28:02}T10:00:00Z") for n in range(60)]),
    (None, [Written(n % 10, n % 5, None) for n in range(20)]),
]


def test_every_kind_of_row_goes_and_is_counted(tmp_path: Path) -> None:
    with filled(tmp_path, WORLD) as store:
        before = reported(store, None)
        for month in (*MONTHS, None):
            moved(store, tmp_path / "archive", of_month(month), month)
        with store.cursor() as cursor:
            assert {one.kind for one in parts(cursor)} == set(Kind)
            for table in ("telemetry", "line_claim", "quarantine", "gate_finding"):
                assert cursor.execute(f"SELECT count(*) FROM {table}").fetchall() == [(0,)]
        after = reported(store, tmp_path / "archive")
        assert without_archive(after) == without_archive(before)
        assert before["quarantine"]["count"] > 0
        assert before["gate_audit"]["findings"]
        assert (after["archive"]["lines"], after["archive"]["missing"]) == (before["totals"]["lines"], [])
        assert reported(store, None)["totals"]["lines"] == 0


def test_archived_lines_keep_their_history_when_their_source_gets_another(tmp_path: Path) -> None:
    lines = [Written(0, n, f"2026-{month}-{1 + n:02}T10:00:00Z") for month in ("08", "10") for n in range(10)]
    archive = tmp_path / "archive"
    with filled(tmp_path, [("calm", lines)]) as store:
        moved(store, archive, of_month("2026-08"), "2026-08")
        load(store, [tmp_path / "0.log"], read_history(history_file(tmp_path, "kills")))
        found = reported(store, archive)
    assert found["totals"]["lines"] == 20
    steps = {(one["history"], one["step"]): one["lines"] for one in found["steps"] if one["lines"]}
    assert sorted((step, count) for (_, step), count in steps.items()) == [("baseline", 10), ("canary-5", 8)]
    assert len({history for history, _ in steps}) == 2
    assert found["unattributed"]["reasons"] == [{"reason": "before the first revision", "count": 2}]


def test_an_interval_that_gets_another_number_is_found_by_its_beginning(tmp_path: Path) -> None:
    lines = [Written(0, n, f"2026-09-{1 + n:02}T10:00:00Z") for n in range(28)]
    archive = tmp_path / "archive"
    with filled(tmp_path, [("kills", lines)]) as store:
        before = without_archive(reported(store, archive))
        moved(store, archive, of_month("2026-09"), "2026-09")
        with store.transaction() as cursor:
            cursor.execute("UPDATE control_interval SET interval_no = interval_no + 1")
        assert without_archive(reported(store, archive)) == before


def test_what_specs_say_of_archived_lines_of_the_home_is_known(tmp_path: Path) -> None:
    home = empty_home(tmp_path)
    at_ns = epoch_ns("2026-09-10T00:00:00Z") or 0
    publish(home, LIVE, at_ns=at_ns)
    spool(home, [(at_ns + n * SECOND_NS, line(f"job-{n}")) for n in range(1, 6)])
    with open_store(home.telemetry) as store:
        load(store, [home.spool], read_home_history(home.history))
        with store.transaction() as cursor:
            cursor.execute("INSERT INTO job_spec VALUES ('job-1', false, NULL, ?)", [at_ns])
        before = reported(store, home.archive)
        assert (before["gate_audit"]["judged"], before["gate_audit"]["scope_unknown"]) == (5, 4)
        moved(store, home.archive, "line_time_ns IS NOT NULL", "2026-09")
        assert without_archive(reported(store, home.archive)) == without_archive(before)
