"""The page's figures against the record: the sample's known counts, and the report."""

import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from dashboard.data.overview import Overview, overview
from dashboard.data.scope import ALL_TIME, SCOPES, WINDOW_BY_NAME, Everything, InStep, Unattributed
from dashboard.data.steps import UNATTRIBUTED, step_rows
from dashboard.data.time_limit import time_limit
from dashboard.errors import QueryTimeout
from dashboard.server.seat import Seat
from ingest.report.report import Selection, report
from schemas.stages import Step
from tests.dashboard.record import (
    HOUR_NS,
    LIVE,
    SECOND_NS,
    empty_home,
    expected,
    line,
    publish,
    sample_seat,
    seated,
    spool,
)

NOW = 1_795_300_000 * SECOND_NS


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seat]:
    seat = sample_seat(tmp_path_factory.mktemp("sample"))
    yield seat
    seat.store.close()


def by_outcome(frame: pd.DataFrame) -> dict[str, int]:
    return {
        f"{row['path']}/{row['status']}/{None if pd.isna(row['error_code']) else row['error_code']}": row[
            "runs"
        ]
        for row in frame.to_dict("records")
    }


def test_the_sample_counts_as_it_is_known_to(sample: Seat) -> None:
    view = overview(sample.store.cursor(), Everything(), ALL_TIME, NOW)
    assert by_outcome(view.outcomes) == expected()
    assert view.chosen.runs == 266


@pytest.mark.parametrize(
    "step", [None, Step.BASELINE, Step.CANARY_1, Step.EXPAND_10, Step.EXPAND_50, Step.EXPAND_100]
)
def test_figures_are_those_of_the_report(sample: Seat, step: Step | None) -> None:
    cursor = sample.store.cursor()
    told = report(cursor, Selection(step=step))["totals"]
    view = overview(cursor, Everything() if step is None else InStep(step), ALL_TIME, NOW)
    assert by_outcome(view.outcomes) == {
        f"{o['path']}/{o['status']}/{o['errorCode']}": o["count"] for o in told["by_outcome"]
    }
    for row in view.latencies.to_dict("records"):
        of_path = told["latency"][row["path"]]
        assert [row["runs"], row["p50"], row["p95"], row["p99"]] == [
            of_path[key] for key in ("count", "p50", "p95", "p99")
        ]


def test_steps_are_the_stays_of_the_report_newest_first(sample: Seat) -> None:
    cursor = sample.store.cursor()
    told = report(cursor, Selection())
    rows = step_rows(cursor)
    stays = rows[rows["step"] != UNATTRIBUTED]
    assert stays["step"].tolist() == [entry["step"] for entry in reversed(told["steps"])]
    assert stays["runs"].tolist() == [entry["lines"] for entry in reversed(told["steps"])]
    assert rows["runs"].sum() == 266
    assert stays.loc[stays["openai"] < 20, ["p50", "p95", "p99"]].isna().all(axis=None)


def test_bins_sum_to_the_totals_in_every_scope(sample: Seat) -> None:
    cursor = sample.store.cursor()
    for scope in SCOPES.values():
        view = overview(cursor, scope, ALL_TIME, NOW)
        drawn = 0 if view.lines is None else int(view.lines.bins["runs"].sum())
        assert drawn == view.chosen.runs - view.chosen.no_time
        if view.lines is not None:
            failed = view.outcomes[view.outcomes["status"] == "FAILED"]["runs"].sum()
            assert int(view.lines.failures["runs"].sum()) == failed


def test_few_runs_are_shown_as_points_and_many_as_percentiles(tmp_path: Path) -> None:
    home = empty_home(tmp_path)
    publish(home, LIVE, at_ns=NOW - 5 * HOUR_NS)
    few = [(NOW - 4 * HOUR_NS + n * SECOND_NS, line(f"few-{n}", latency=n)) for n in range(19)]
    many = [(NOW - HOUR_NS + n * SECOND_NS, line(f"many-{n}", latency=n)) for n in range(20)]
    spool(home, few + many)
    view = looked_at(home_seat := seated(home), "24h")
    home_seat.store.close()
    assert view.lines is not None
    assert view.axis is not None
    assert len(view.lines.points) == 19
    filled = view.lines.percentiles.dropna(subset=["runs"])
    assert filled["runs"].tolist() == [20]
    assert filled["p50"].tolist() == [0.009]
    # Every other bin is there and empty: the line breaks instead of bridging a gap.
    assert len(view.lines.percentiles) == view.axis.bins


def test_too_few_for_percentiles_in_all_are_listed(tmp_path: Path) -> None:
    home = empty_home(tmp_path)
    spool(
        home, [(NOW - n * SECOND_NS, line(f"j{n}", "openai", "COMPLETED", None, 100 + n)) for n in range(3)]
    )
    seat = seated(home)
    assert looked_at(seat, "all").few == {"openai": [100.0, 101.0, 102.0]}
    seat.store.close()


def test_a_window_ends_now_and_leaves_out_what_has_no_time(tmp_path: Path) -> None:
    home = empty_home(tmp_path)
    publish(home, LIVE, at_ns=NOW - 48 * HOUR_NS)
    spool(home, [(NOW - hours * HOUR_NS - 1, line(f"j{hours}")) for hours in (0, 5, 30)])
    (home.spool / "raw.log").write_bytes(line("untimed") + b"\n")
    seat = seated(home)
    assert [looked_at(seat, window).chosen.runs for window in ("1h", "6h", "24h", "7d", "all")] == [
        1,
        2,
        2,
        3,
        4,
    ]
    assert looked_at(seat, "all").chosen.no_time == 1
    assert looked_at(seat, "6h").axis is not None
    seat.store.close()


def test_lines_without_a_step_have_their_own_entry(tmp_path: Path) -> None:
    home = empty_home(tmp_path)
    publish(home, LIVE, at_ns=NOW - HOUR_NS)
    spool(home, [(NOW - 2 * HOUR_NS, line("before")), (NOW - SECOND_NS, line("within"))])
    (home.spool / "raw.log").write_bytes(line("untimed") + b"\n")
    seat = seated(home)
    cursor = seat.store.cursor()
    alone = overview(cursor, Unattributed(), ALL_TIME, NOW)
    assert (alone.chosen.runs, alone.chosen.no_time) == (2, 1)
    assert overview(cursor, InStep(Step.CANARY_5), ALL_TIME, NOW).chosen.runs == 1
    rows = step_rows(cursor)
    assert rows["step"].tolist() == ["canary-5", UNATTRIBUTED]
    assert rows["runs"].tolist() == [1, 2]
    seat.store.close()


def test_an_empty_record_is_a_view_too(tmp_path: Path) -> None:
    seat = seated(empty_home(tmp_path))
    view = looked_at(seat, "all")
    assert view.chosen.runs == 0
    assert view.axis is None
    assert view.lines is None
    assert step_rows(seat.store.cursor()).empty
    seat.store.close()


def test_a_query_that_takes_too_long_is_stopped(sample: Seat) -> None:
    cursor = sample.store.cursor()
    began = time.monotonic()
    with pytest.raises(QueryTimeout, match="choose a shorter window"), time_limit(cursor, 0.05):
        cursor.execute(
            "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range % 7 = b.range % 5"
        )
    assert time.monotonic() - began < 30
    assert cursor.execute("SELECT 1").fetchall() == [(1,)]


def looked_at(seat: Seat, window: str) -> Overview:
    return overview(seat.store.cursor(), Everything(), WINDOW_BY_NAME[window], NOW)
