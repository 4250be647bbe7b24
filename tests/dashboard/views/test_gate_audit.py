"""The page Gate audit in its states."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.data.cached.gate_audit import buckets_of, findings_of, matrix_of
from dashboard.data.gate_audit.asked import Asked
from dashboard.server.seat import Seat
from ingest.evidence import bucket_counts
from ingest.gate_audit import findings, matrix
from tests.dashboard.auth.town import Town
from tests.dashboard.record import SECOND_NS, line, spool
from tests.dashboard.views.pages import page, said, seated_town

NASTY = "<script>alert(1)</script>\u202e\u0000"


@pytest.fixture(scope="module")
def seated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, Seat]]:
    with seated_town(tmp_path_factory.mktemp("audited")) as (people, seat):
        at = time.time_ns() + 5 * SECOND_NS  # the controls of the town came into force just now
        lines = [line(f"job-{number}", code="KILL_SWITCH") for number in range(30)]
        lines += [
            line(NASTY, "openai", "STUB", None),
            line("job-7"),
            line("job-8", "openai", "COMPLETED", None),
        ]
        lines += [line("job-9", "openai").replace(b'"v1"', b'"v2"')]
        people.home.spool.mkdir(parents=True, exist_ok=True)
        spool(people.home, [(at + number * SECOND_NS, text) for number, text in enumerate(lines)])
        seat.loader.pass_once()
        yield people, seat


def shown(people: Town, **query: str) -> AppTest:
    return page("gate-audit", people, "bob", **query).run()


def markup(app: AppTest) -> str:
    return " ".join(element.value for element in app.html)


def test_findings_first_then_the_table_and_the_lines(seated: tuple[Town, Seat]) -> None:
    app = shown(seated[0])
    words = said(app)
    assert "FINDINGS Worst is" in words
    assert "The table" in words
    assert "STALE_KILL" in words
    assert "Lines 3" in words
    assert "page 1 of 2" in words
    assert "Bucket health" in words
    assert "Uneven:" in words
    assert "percent is not the share of jobs" in words
    assert "Look at the quarantine" in words
    assert len(app.get("vega_lite_chart")) == 1


def test_what_goes_over_all_lines_is_what_the_audit_counts(seated: tuple[Town, Seat]) -> None:
    store, now_ns, chosen = seated[1].store, time.time_ns(), Asked(severity="critical")
    with store.cursor() as cursor:
        assert matrix_of(store, chosen, now_ns, 60) == matrix(cursor, chosen.chosen) != ()
        assert findings_of(store, chosen, now_ns, 60) == findings(cursor, chosen.chosen)
        counted = buckets_of(store, now_ns, 60)
        assert counted is not None
        assert counted[0] == bucket_counts(cursor)
        assert sum(counted[0]) > 0


def test_a_panel_that_is_counted_yet_says_so() -> None:
    def panels() -> None:
        from dashboard.views.tried import beside

        assert beside(lambda: None, "the table") is None
        assert beside(lambda: (0,), "bucket health") == (0,)

    assert said(AppTest.from_function(panels).run()).strip() == "the table: being counted …"


def test_what_executors_write_is_inert(seated: tuple[Town, Seat]) -> None:
    written = markup(shown(seated[0], code="CONTRACT"))
    assert "&lt;script&gt;" in written
    assert "<script" not in written
    assert "\u202e" not in written
    assert "/triage?line=" in written


def test_the_address_chooses(seated: tuple[Town, Seat]) -> None:
    app = shown(seated[0], code="STALE_KILL", severity="medium", page="2")
    words = said(app)
    assert app.selectbox(key="code").value == "STALE_KILL"
    assert "page 2 of 2" in words
    assert "code STALE_KILL" in words
    app.selectbox(key="severity").set_value("critical").run()
    assert "page" not in app.query_params
    assert "Lines none of these" in said(app)


@pytest.mark.parametrize(
    "query", [{"code": "<script>"}, {"revision": "x"}, {"page": "-3"}, {"step": "'; DROP"}]
)
def test_an_address_that_makes_no_sense_is_passed_over(
    seated: tuple[Town, Seat], query: dict[str, str]
) -> None:
    assert "FINDINGS" in said(shown(seated[0], **query))


def test_a_version_from_the_address_is_a_chip(seated: tuple[Town, Seat]) -> None:
    words = said(shown(seated[0], version="openai.v1"))
    assert "version openai.v1 remove" in words
    assert "NO ANSWER" in said(shown(seated[0], version="nobody's"))


def test_the_data_of_the_chart_can_be_opened(seated: tuple[Town, Seat]) -> None:
    app = shown(seated[0])
    assert app.expander[0].label in ("Data behind the chart", "Why, and what would change it")


def test_nothing_there_and_nothing_to_read(tmp_path: Path) -> None:
    with seated_town(tmp_path) as (people, seat):
        assert "No telemetry yet" in said(shown(people))
        with seat.store.transaction() as cursor:
            cursor.execute("ALTER TABLE gate_finding RENAME TO gone")
        assert "The telemetry could not be read" in said(shown(people, step="canary-1"))
