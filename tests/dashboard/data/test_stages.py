"""The stays on steps and what each showed, on a real store."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.data.queries import Cursor
from dashboard.data.stage_detail import STEPS_DRAWN, detail
from dashboard.data.stages import bounded, figures, listed, named
from dashboard.server.seat import Seat
from gates.verdict.defaults import DEFAULT
from ingest.evidence import step_windows
from ingest.report.report import Selection, report
from schemas.stages import Step
from tests.dashboard.record import HOUR_NS, SECOND_NS, empty_home, line, publish, sample_seat, seated, spool
from tests.dashboard.rungs import Rung

NOW = 1_800_000_000 * SECOND_NS
CANARY, WIDER = Rung(Step.CANARY_5, percent=5), Rung(Step.EXPAND_10, percent=10)


def fill(folder: Path) -> Seat:
    """canary-5 for an hour, expand-10 for two, killed there, canary-5 again and still."""
    home = empty_home(folder)
    for number, (rung, hours) in enumerate(
        ((CANARY, 6), (WIDER, 5), (WIDER.killed(), 4), (CANARY, 3)), start=1
    ):
        publish(home, rung, number, NOW - hours * HOUR_NS)
    at = NOW - 6 * HOUR_NS + SECOND_NS
    few = [(at + n * SECOND_NS, line(f"few-{n}", "openai", "COMPLETED", None, 10 * n)) for n in range(19)]
    at = NOW - 5 * HOUR_NS + 30 * SECOND_NS
    many = [(at + n * SECOND_NS, line(f"many-{n}", "openai", "COMPLETED", None, n + 1)) for n in range(100)]
    bad = [
        (at + (200 + n) * SECOND_NS, line(f"bad-{n}", "openai", "FAILED", "OPENAI_HTTP_ERROR"))
        for n in range(3)
    ]
    again = [(at + 300 * SECOND_NS, line("many-0", "openai", "FAILED", "MISSING_API_KEY"))]
    probe = [(at + 310 * SECOND_NS, line("probe:1"))]
    leak = [(NOW - 4 * HOUR_NS + 900 * SECOND_NS, line("leak", "openai", "COMPLETED", None, 7))]
    stub = [(NOW - 3 * HOUR_NS + (n + 1) * SECOND_NS, line(f"stub-{n}")) for n in range(5)]
    spool(home, [*few, *many, *bad, *again, *probe, *leak, *stub])
    return seated(home)


@pytest.fixture(scope="module")
def cursor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cursor]:
    seat = fill(tmp_path_factory.mktemp("stays"))
    yield seat.store.cursor()
    seat.store.close()


def test_every_stay_newest_first_with_names_that_stay(cursor: Cursor) -> None:
    listing = listed(cursor)
    assert [one.name for one in listing] == ["canary-5@4", "expand-10@2", "canary-5@1"]
    assert [one.lines for one in listing] == [5, 106, 19]
    assert [one.stay.to_ns is None for one in listing] == [True, False, False]
    assert listing[1].stay.revisions == (2, 3)
    assert all(one.of_home for one in listing)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("canary-5", "canary-5@4"),
        ("canary-5@1", "canary-5@1"),
        ("expand-10", "expand-10@2"),
        ("expand-100", None),
        ("", None),
        ("<script>", None),
        ("canary-5@1'; --", None),
    ],
)
def test_a_step_alone_means_its_newest_stay(cursor: Cursor, asked: str, found: str | None) -> None:
    one = named(listed(cursor), asked)
    assert (one and one.name) == found


def test_figures_are_those_of_the_step_windows(cursor: Cursor) -> None:
    listing = listed(cursor)
    told = [figures(cursor, one.stay, NOW) for one in reversed(listing)]
    assert tuple(one.window for one in told) == step_windows(cursor)
    wide = told[1]
    assert (wide.in_lines.runs, wide.in_lines.openai, wide.in_lines.completed) == (105, 105, 101)
    assert (wide.window.units, wide.window.failed) == (104, 4)  # a job that failed once failed
    assert dict(wide.in_lines.codes) == {"OPENAI_HTTP_ERROR": 3, "MISSING_API_KEY": 1}
    assert (wide.window.p50, wide.window.p95, wide.points) == (50, 95, ())


def test_few_calls_are_shown_one_by_one(cursor: Cursor) -> None:
    first = figures(cursor, listed(cursor)[-1].stay, NOW)
    assert first.points == tuple(10.0 * n for n in range(19))
    none = figures(cursor, listed(cursor)[0].stay, NOW)
    assert (none.points, none.window.p50, dict(none.in_lines.codes)) == ((), None, {})


def test_what_the_gate_audit_found_is_of_the_stay(cursor: Cursor) -> None:
    by_name = {one.name: one.found for one in listed(cursor)}
    found = {one.code: one for one in by_name["expand-10@2"]}
    assert (found["KILL_BREACH"].severity, found["KILL_BREACH"].lines) == ("critical", 1)
    assert by_name["canary-5@1"] == () or all(one.code != "KILL_BREACH" for one in by_name["canary-5@1"])


def test_the_bounds_are_those_of_the_verdict() -> None:
    one = bounded(5, 15, DEFAULT)
    assert (round(one.lower, 3), one.failed, one.units) == (0.052, 5, 15)  # "at least 5.2 %" of the plans
    none = bounded(0, 0, DEFAULT)
    assert (none.lower, none.upper) == (0.0, 1.0)


def test_one_stay_closely(cursor: Cursor) -> None:
    wide = listed(cursor)[1]
    found = detail(cursor, wide.stay)
    assert int(found.outcomes["runs"].sum()) == 105
    assert found.outcomes["share"].sum() == pytest.approx(1)
    assert found.versions["executor_version"].tolist() == ["openai.v1"]
    assert found.versions["failed"].tolist() == [4]
    assert (found.hours, found.model_hours) == (2, 2)
    curve = found.distribution
    assert curve["share"].is_monotonic_increasing
    assert (curve["share"].iloc[-1], curve["calls"].iloc[0]) == (1.0, 101)
    assert len(curve) <= STEPS_DRAWN + 1
    # Each point is exact: that share of the calls took no longer.
    assert curve.loc[curve["seconds"] == 0.05, "share"].tolist() == [pytest.approx(51 / 101)]


def test_a_history_brought_in_has_its_stays_too(tmp_path: Path) -> None:
    seat = sample_seat(tmp_path)
    cursor = seat.store.cursor()
    listing = listed(cursor)
    told = report(cursor, Selection())["steps"]
    assert [one.stay.step.value for one in listing] == [entry["step"] for entry in reversed(told)]
    assert [figures(cursor, one.stay, NOW).in_lines.runs for one in listing] == [
        e["lines"] for e in reversed(told)
    ]
    assert not any(one.of_home for one in listing)
    assert len({one.name for one in listing}) == len(listing)
    seat.store.close()


def test_an_empty_home_has_none(tmp_path: Path) -> None:
    seat = seated(empty_home(tmp_path))
    assert listed(seat.store.cursor()) == ()
    seat.store.close()
