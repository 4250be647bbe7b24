"""The Overview in each of its states, run by Streamlit's own harness on real homes."""

import html
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.server import seat as seats
from dashboard.server.seat import Seat
from tests.dashboard.record import (
    HOUR_NS,
    LIVE,
    SECOND_NS,
    empty_home,
    line,
    publish,
    sample_seat,
    seated,
    spool,
)
from tests.dashboard.views.pages import knowing_components

ENTRY = Path(__file__).parents[3] / "dashboard" / "app.py"


@contextmanager
def taken(seat: Seat) -> Iterator[AppTest]:
    """The app before its first run, on `seat`."""
    seats.take(seat)
    try:
        yield knowing_components(AppTest.from_file(str(ENTRY), default_timeout=60))
    finally:
        seat.store.close()


def words(app: AppTest) -> str:
    """Everything on the page that is not in a table of its own, as a reader sees it."""
    assert not app.exception
    markup = " ".join(element.value for element in app.html if "<style>" not in element.value)
    markup = markup.replace("<wbr>", "")  # where a code may be broken
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", markup)))


def state(app: AppTest) -> str | None:
    strip = next(element.value for element in app.html if "sg-strip" in element.value)
    found = re.search(r'data-state="([^"]+)"', strip)
    return found[1] if found else None


def test_an_empty_home_says_what_would_fill_it(tmp_path: Path) -> None:
    with taken(seated(empty_home(tmp_path))) as app:
        said = words(app.run())
        assert state(app) == "UNKNOWN"
        assert "executors stub" in said
        assert "No telemetry yet" in said
        assert "slotgate run" in said
        assert "no line with a time yet" in said


def test_the_sample_shows_its_known_figures(tmp_path: Path) -> None:
    with taken(sample_seat(tmp_path)) as app:
        said = words(app.run())
        assert "Runs 266" in said
        assert "openai 16.9 % 45 lines" in said
        assert "stub 83.1 % 221 lines" in said
        assert "openai failed 33.3 % 15 of 45" in said
        assert "stub STUB ROLLOUT_EXCLUDED 189 71.1 %" in said
        assert "STALE: last line" in said
        steps = app.dataframe[0].value
        assert steps["step"].tolist()[:3] == ["baseline", "expand-100", "expand-50"]
        assert len(app.get("vega_lite_chart")) == 4


def test_the_address_chooses_the_step_and_the_picker_writes_it(tmp_path: Path) -> None:
    with taken(sample_seat(tmp_path)) as app:
        app.query_params["scope"] = "canary-1"
        app.run()
        assert app.selectbox(key="scope").value == "canary-1"
        alone = words(app)
        app.selectbox(key="scope").set_value("expand-10").run()
        assert app.query_params["scope"] in ("expand-10", ["expand-10"])
        assert words(app) != alone
        app.selectbox(key="scope").set_value("all").run()
        assert "scope" not in app.query_params


@pytest.mark.parametrize("asked", ["", "no-such-step", "<script>", "canary-1'; DROP TABLE telemetry; --"])
def test_an_unknown_step_in_the_address_is_ignored(tmp_path: Path, asked: str) -> None:
    with taken(sample_seat(tmp_path)) as app:
        app.query_params["scope"] = asked
        assert "Runs 266" in words(app.run())


def test_a_step_without_lines_says_so(tmp_path: Path) -> None:
    with taken(sample_seat(tmp_path)) as app:
        app.query_params["scope"] = "stage-4"
        assert "No lines here" in words(app.run())


def test_live_killed_and_unreadable_controls(tmp_path: Path) -> None:
    home = empty_home(tmp_path)
    publish(home, LIVE)
    spool(home, [(time.time_ns(), line("j1"))])
    with taken(seated(home)) as app:
        said = words(app.run())
        assert state(app) == "LIVE"
        assert "Stage / step 1 canary / canary-5" in said
        assert "Percent 5 %" in said
        publish(home, LIVE.killed(), revision=2)
        assert "KILLED every job gets a stub" in words(app.run())
        home.control_file.write_bytes(b"{")
        said = words(app.run())
        assert state(app) == "UNKNOWN"
        assert "STATE UNKNOWN executors stub" in said
        assert "canary-5" not in said.split("last line")[0]


@pytest.mark.parametrize(
    ("age_s", "said"),
    [(3, r"last line \d+ s ago"), (120, "▲ last line 2 min"), (2 * 3600, "STALE: last line 2 h")],
)
def test_the_age_of_the_last_line(tmp_path: Path, age_s: int, said: str) -> None:
    home = empty_home(tmp_path)
    at = time.time_ns()
    spool(home, [(at - age_s * SECOND_NS, line("j1"))])
    with taken(seated(home)) as app:
        assert re.search(said, words(app.run()))


def test_ingest_that_fails_is_said(tmp_path: Path) -> None:
    home = empty_home(tmp_path)
    home.history.parent.mkdir()
    home.history.write_bytes(b"not a history\n")
    with taken(seated(home)) as app:
        assert "ingest fails: InvalidHistory" in words(app.run())


def test_a_store_that_does_not_answer_leaves_the_controls_visible(tmp_path: Path) -> None:
    home = empty_home(tmp_path)
    publish(home, LIVE)
    seat = seated(home)
    with taken(seat) as app:
        with seat.store.transaction() as cursor:
            cursor.execute("ALTER TABLE telemetry RENAME TO gone")
        said = words(app.run())
        assert state(app) == "LIVE"
        assert "The telemetry could not be read" in said
        with seat.store.transaction() as cursor:
            cursor.execute("ALTER TABLE gone RENAME TO telemetry")
        assert "No telemetry yet" in words(app.run())


def test_what_telemetry_says_is_inert(tmp_path: Path) -> None:
    home = empty_home(tmp_path)
    evil = "<img src=x onerror=alert(1)>"
    spool(
        home, [(time.time_ns() - n * HOUR_NS, line(f"{evil}{n}", "openai", "FAILED", evil)) for n in range(3)]
    )
    with taken(seated(home)) as app:
        assert f"{evil} unexpected" in words(app.run())
        assert not [e for e in app.html if "<img" in e.value]


def test_unattributed_lines_are_counted_and_can_be_looked_at_alone(tmp_path: Path) -> None:
    home = empty_home(tmp_path)
    publish(home, LIVE, at_ns=time.time_ns() - HOUR_NS)
    spool(home, [(time.time_ns(), line("timed"))])
    (home.spool / "raw.log").write_bytes(line("untimed") + b"\n")
    with taken(seated(home)) as app:
        assert "Unattributed 1 1 have no time" in words(app.run())
        app.selectbox(key="scope").set_value("unattributed").run()
        said = words(app)
        assert "Runs 1" in said
        assert "no line of these has a time" in said


def test_a_damaged_file_is_told_above_the_page_until_it_is_moved_away(tmp_path: Path) -> None:
    home = empty_home(tmp_path)
    aside = home.root / "telemetry.duckdb.damaged-20261121T170212.482913Z"
    aside.touch()
    with taken(seated(home)) as app:
        app.run()
        assert any("set aside at 2026-11-21 17:02:12 UTC" in element.value for element in app.html)
        aside.unlink()
        app.run()
        assert not any("set aside at" in element.value for element in app.html)


def test_the_notice_of_a_home_stands_above_the_page(tmp_path: Path) -> None:
    with taken(seated(empty_home(tmp_path), notice="DEMO: <b>nothing</b> here is real")) as app:
        app.run()
        assert any("DEMO: &lt;b&gt;nothing" in element.value for element in app.html)


def test_paused_says_so(tmp_path: Path) -> None:
    with taken(sample_seat(tmp_path)) as app:
        app.run()
        app.toggle(key="paused").set_value(True).run()
        assert "paused, as of" in words(app)


def test_the_data_behind_the_charts_is_there_when_opened(tmp_path: Path) -> None:
    with taken(sample_seat(tmp_path)) as app:
        app.run()
        assert len(app.dataframe) == 1
        app.session_state["data"] = True
        app.run()
        over_time = [frame.value for frame in app.dataframe if "outcome" in frame.value.columns]
        assert [int(frame["runs"].sum()) for frame in over_time] == [266]
