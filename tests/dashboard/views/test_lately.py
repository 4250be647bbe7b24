"""What changed in the last hour, on the Overview."""

import time
from pathlib import Path

from dashboard.server import seat as seats
from gates.changes.killing import kill
from tests.dashboard.auth.town import BOB
from tests.dashboard.record import LIVE, SECOND_NS, empty_home, line, publish, seated, spool
from tests.dashboard.views.pages import page, said, seated_town

HOUR_NS = 3_600 * SECOND_NS


def test_deeds_of_people_and_what_telemetry_showed(tmp_path: Path) -> None:
    with seated_town(tmp_path) as (people, seat):
        at = time.time_ns()
        new = line("new").replace(b"openai.v1", b"openai.v2")
        spool(people.home, [(at - 2 * HOUR_NS, line("old")), (at - SECOND_NS, new)])
        seat.loader.pass_once()
        kill(people.home, by=BOB, reason="too many 503")
        told = said(page("overview", people, "bob").run())
        assert "What changed in the last hour newest first" in told
        assert "executorVersion openai.v2 seen for the first time; 1 line since Triage" in told
        assert "bob stopped all AI calls – “too many 503” Audit log" in told
        assert "sign in" not in told


def test_that_nothing_changed_is_said(tmp_path: Path) -> None:
    with seated_town(tmp_path) as (people, seat):
        at = time.time_ns()
        spool(people.home, [(at - 3 * HOUR_NS, line("old"))])
        seat.loader.pass_once()
        told = said(page("overview", people).run())
        assert "Nothing changed: no change of the controls, no request," in told


def test_a_home_without_a_record_of_changes_still_shows_telemetry(tmp_path: Path) -> None:
    home = empty_home(tmp_path)
    at = time.time_ns()
    publish(home, LIVE, at_ns=at - 5 * HOUR_NS)
    spool(home, [(at - 90 * 60 * SECOND_NS, line(f"j{n}")) for n in range(3)])
    seat = seated(home)
    seats.take(seat)
    told = said(page("overview").run())
    assert "what people did cannot be read" in told
    assert "no line at all in the last hour; the hour before had 3 Runbook" in told
    assert "Nothing changed" not in told
    seat.store.close()
