"""The page Stages in each of its states."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.data.cached.stages import detail_of, figures_of, listed_stays
from dashboard.server import seat as seats
from dashboard.server.seat import Seat
from tests.dashboard.auth.town import Town
from tests.dashboard.data.test_stages import NOW, fill
from tests.dashboard.record import HOUR_NS, LIVE, SECOND_NS, empty_home, line, publish, seated, spool
from tests.dashboard.views.pages import page, said, seated_town

PATIENCE = 60.0


def counted(seat: Seat) -> None:
    """Everything is counted before a page asks: a page itself waits for little more than a second."""
    now_ns = time.time_ns()
    for one in listed_stays(seat.store, now_ns):
        assert figures_of(seat.store, one, now_ns, PATIENCE) is not None
        assert detail_of(seat.store, one, now_ns, PATIENCE) is not None


@pytest.fixture(scope="module")
def stays(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seat]:
    """Stays with lines, and no record of who changed what."""
    seat = fill(tmp_path_factory.mktemp("stays"))
    counted(seat)
    yield seat
    seat.store.close()


@pytest.fixture
def shown(stays: Seat) -> Seat:
    seats.take(stays)
    return stays


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, Seat]]:
    """A home with people whose controls are live since now, with a job that failed."""
    with seated_town(tmp_path_factory.mktemp("town")) as (town, seat):
        at = time.time_ns() + SECOND_NS
        failed = line("one", "openai", "FAILED", "<b>ODD</b>", 3)
        spool(town.home, [(at, failed), (at, line("two", "openai", "COMPLETED", None, 500))])
        seat.loader.pass_once()
        seat.watch.look()
        counted(seat)
        yield town, seat


def test_every_stay_with_its_figures(shown: Seat) -> None:
    del shown
    told = said(page("stages").run())
    assert "Every stay on a step" in told
    assert "4 of 104 (3.8 %) true rate" in told
    assert "50 ms / 95 ms" in told
    assert "each of 19: too few for percentiles" in told
    assert "OPENAI_HTTP_ERROR 3" in told
    assert "KILL_BREACH 1 critical" in told
    assert "The record of changes could not be read" in told  # this home has none, and the rest still stands
    assert "not in this home's history of changes" in told


def test_one_stay_closely_by_its_address(shown: Seat) -> None:
    del shown
    app = page("stages", step="expand-10").run()
    told = said(app)
    assert "expand-10, revisions 2 to 3" in told
    assert "How long completed model calls took" in told
    assert "executorVersions; lines in 2 distinct hours, to the model in 2" in told
    assert app.query_params["step"] in ("expand-10@2", ["expand-10@2"])  # a link that keeps its meaning
    assert len(app.get("vega_lite_chart")) == 1


def test_any_two_side_by_side(shown: Seat) -> None:
    del shown
    told = said(page("stages", None, "alice", **{"step": "expand-10@2", "with": "canary-5@1"}).run())
    assert "canary-5@1 and expand-10@2 the earlier one first" in told
    assert "A before/after comparison, not an experiment" in told
    assert "Latency: 19 completed calls in canary-5@1 are too few for percentiles" in told
    assert "errorCodes of failures only in expand-10@2: OPENAI_HTTP_ERROR, MISSING_API_KEY." in told


def test_a_stay_without_model_calls(shown: Seat) -> None:
    del shown
    told = said(page("stages", step="canary-5").run())
    assert "No model call completed: there is no latency to show." in told
    assert "no model call" in told


def test_the_pickers_write_the_address(shown: Seat) -> None:
    del shown
    app = page("stages").run()
    app.selectbox(key="stages-stay").set_value("canary-5@1").run()
    assert app.query_params["step"] in ("canary-5@1", ["canary-5@1"])
    app.selectbox(key="stages-with").set_value("expand-10@2").run()
    assert app.query_params["with"] in ("expand-10@2", ["expand-10@2"])
    app.selectbox(key="stages-stay").set_value("").run()
    assert "step" not in app.query_params
    assert "side by side" not in said(app)


@pytest.mark.parametrize("asked", ["", "nowhere", "<script>alert(1)</script>", "expand-10@2'; DROP TABLE x"])
def test_an_unknown_stay_in_the_address_is_passed_over(shown: Seat, asked: str) -> None:
    del shown
    told = said(page("stages", step=asked).run())
    assert "Every stay on a step" in told
    assert "How long" not in told


def test_who_did_what_and_the_live_verdict(people: tuple[Town, Seat]) -> None:
    town, seat = people
    seats.take(seat)
    told = said(page("stages", town, "bob", step="canary-5").run())
    assert "live, of revision 2" in told
    assert "by alice, alone" in told
    assert "<b>ODD</b> 1" in told
    assert "Changes that made it" in told
    assert "2 of them" not in told
    assert "500 ms each of 1: too few for percentiles" in told


def test_what_telemetry_says_is_inert(people: tuple[Town, Seat]) -> None:
    seats.take(people[1])
    app = page("stages", people[0], step="canary-5").run()
    assert not any("<b>ODD" in element.value for element in app.html)


def test_a_stay_whose_lines_are_gone_says_so(tmp_path: Path) -> None:
    seat = fill(tmp_path)
    seats.take(seat)
    with seat.store.transaction() as cursor:
        cursor.execute("DELETE FROM telemetry WHERE line_time_ns < ?", [NOW - 4 * HOUR_NS])
        cursor.execute("UPDATE retention_state SET gone_before_ns = ?", [NOW - 4 * HOUR_NS])
    told = said(page("stages", step="expand-10").run())
    assert "4 of 105 lines (3.8 %) jobs not known: single lines are kept since 2027-01-15" in told
    assert "What became of the runs, from rollups: lines exact, latencies within 1 %" in told
    assert "How long completed model calls took" in told
    told = said(page("stages", None, "alice", **{"step": "expand-10@2", "with": "canary-5@1"}).run())
    assert "No comparison: canary-5@1: jobs not known: single lines are kept since 2027-01-15" in told
    seat.store.close()


def test_no_step_was_ever_in_force(tmp_path: Path) -> None:
    seat = seated(empty_home(tmp_path))
    seats.take(seat)
    assert "No step has been in force yet" in said(page("stages").run())
    seat.store.close()


def test_telemetry_that_cannot_be_read(tmp_path: Path) -> None:
    home = empty_home(tmp_path)
    publish(home, LIVE)
    seat = seated(home)
    seats.take(seat)
    with seat.store.transaction() as cursor:
        cursor.execute("ALTER TABLE telemetry RENAME TO gone")
    app: AppTest = page("stages").run()
    assert "The telemetry could not be read" in said(app)
    seat.store.close()
