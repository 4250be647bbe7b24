"""Triage in its states, with what hostile executors write, as people with different roles see it."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.server.seat import Seat
from gates.errors import GateError
from ingest.quarantine import RecordPlace
from tests.dashboard.auth.town import Town
from tests.dashboard.record import SECOND_NS, line, spool
from tests.dashboard.views.pages import page, said, seated_town
from tests.ingest.test_quarantine import as_an_older_parser_left_it

NASTY = '<img src=x onerror=alert(1)>"\u202e\u0000</td><script>alert(2)</script>'
LONG = "long-" + "x" * 10_000
KEYED = line("job-secret", code=None).replace(b"openai.v1", b"sk-abcdefghijklmnop").replace(b'"v1"', b'"v2"')


@pytest.fixture(scope="module")
def seated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, Seat]]:
    """Alice may everything, Bob looks, Carol is on call; lines good, bad and hostile."""
    folder = tmp_path_factory.mktemp("triage")
    with seated_town(folder) as (people, seat):
        at = time.time_ns() - 60 * SECOND_NS
        lines = [
            line("job-1", "openai", "COMPLETED", None, 900),
            line("job-2", "openai", "FAILED", "OPENAI_HTTP_ERROR", 700),
            line("job-22", "openai", "FAILED", "OPENAI_HTTP_ERROR", 700),
            line(NASTY, "openai", "FAILED", NASTY, 700),
            line(LONG, "openai", "FAILED", None, 700),
            line("job-later"),
            line("job-3").replace(b'"v1"', b'"v9"'),
            line("job-4", "openai", "FAILED", "X").replace(b'"jobId"', b'"retries":0,"jobId"'),
            KEYED,
            b'{"version":"v1","executorVersion":"e","jobId":"\xff\xfe\x00\x01 bin","path":"openai"}',
        ]
        people.home.spool.mkdir(parents=True, exist_ok=True)
        spool(people.home, [(at + number * SECOND_NS, text) for number, text in enumerate(lines)])
        seat.loader.pass_once()
        yield people, seat


def shown(people: Town, who: str = "alice", **query: str) -> AppTest:
    return page("triage", people, who, **query).run()


def markup(app: AppTest) -> str:
    return " ".join(element.value for element in app.html)


def test_before_anybody_asked(seated: tuple[Town, Seat]) -> None:
    words = said(shown(seated[0]))
    assert "Which job?" in words


def test_where_lines_begin_is_said_where_older_ones_were_deleted(seated: tuple[Town, Seat]) -> None:
    people, seat = seated
    assert "older ones were deleted" not in said(shown(people))
    for gone_ns in (1_792_627_200 * SECOND_NS, None):
        with seat.store.transaction() as cursor:
            cursor.execute("UPDATE retention_state SET gone_before_ns = ?", [gone_ns])
        if gone_ns is not None:
            assert "Lines are kept since 2026-10-22; older ones were deleted" in said(shown(people))


def test_a_job_by_its_id_from_the_address(seated: tuple[Town, Seat]) -> None:
    app = shown(seated[0], job="job-2")
    words = said(app)
    assert app.text_input(key="job").value == "job-2"
    assert "called the model: FAILED, OPENAI_HTTP_ERROR, after 700 ms" in words
    assert "Lines 1 1 called the model" in words
    assert "opt-in ? not known the job's spec is not known" in words
    assert "job-22" not in words
    assert app.code[0].value == "job-2"


def test_nothing_of_that_name(seated: tuple[Town, Seat]) -> None:
    words = said(shown(seated[0], job="job-0000"))
    assert "Nothing is known of “job-0000”" in words
    assert "letter by letter" in words


def test_ids_that_begin_so(seated: tuple[Town, Seat]) -> None:
    app = shown(seated[0], job="job-2", how="prefix")
    assert "2 jobs in" in said(app)
    assert "/triage?job=job-22" in markup(app)
    assert "at least 3 characters" in said(shown(seated[0], job="jo", how="prefix"))
    app.text_input(key="job").set_value("nothing-").run()
    assert "No job id begins with" in said(app)


@pytest.mark.parametrize("query", [{"job": NASTY}, {"tab": "failures"}, {"tab": "quarantine"}, {"job": LONG}])
def test_what_executors_write_is_inert_and_bounded(seated: tuple[Town, Seat], query: dict[str, str]) -> None:
    app = shown(seated[0], **query)
    said(app)
    written = markup(app)
    assert "<script" not in written
    assert "<img" not in written
    assert "\u202e" not in written
    assert "\0" not in written
    assert len(written) < 200_000
    assert "x" * 600 not in written


def test_an_id_too_long_for_an_address_is_named_by_a_line(seated: tuple[Town, Seat]) -> None:
    people, seat = seated
    with seat.store.cursor() as cursor:
        place = cursor.execute(
            "SELECT source_id, line_offset, record_index FROM telemetry WHERE job_id = ?", [LONG]
        ).fetchall()[0]
    spelled = str(RecordPlace(*place))
    assert f"/triage?line={spelled.replace(':', '%3A')}" in markup(shown(people, tab="failures"))
    app = shown(people, line=spelled)
    assert app.code[0].value == LONG
    assert "called the model: FAILED" in said(app)


def test_failures_of_one_code_and_version(seated: tuple[Town, Seat]) -> None:
    words = said(shown(seated[0], tab="failures"))
    assert "OPENAI_HTTP_ERROR openai.v1 2 40.0 % of 5: few" in words
    alone = said(shown(seated[0], tab="failures", code="OPENAI_HTTP_ERROR", version="openai.v1"))
    assert "2 failed calls" in alone
    assert "job-22" in alone
    none = said(shown(seated[0], tab="failures", code="NO_SUCH"))
    assert "No failed model call here: no evidence of harm yet" in none


def test_quarantine_by_cause(seated: tuple[Town, Seat]) -> None:
    words = said(shown(seated[0], tab="quarantine"))
    assert "By cause 4 records, 2 say path openai" in words, words
    assert "its version is not v1" in words
    only = said(shown(seated[0], tab="quarantine", cause="UNKNOWN_KEY"))
    assert "Records newest first; page 1 of 1" in only


def held(seat: Seat, cause: str) -> str:
    with seat.store.cursor() as cursor:
        found = cursor.execute(
            "SELECT source_id, line_offset, record_index FROM quarantine WHERE cause = ? LIMIT 1", [cause]
        ).fetchall()
    return str(RecordPlace(*found[0]))


@pytest.mark.parametrize(("who", "may"), [("alice", True), ("carol", True), ("bob", False)])
def test_raw_bytes_need_a_role(seated: tuple[Town, Seat], who: str, may: bool) -> None:
    people, seat = seated
    app = shown(people, who, tab="quarantine", record=held(seat, "UNKNOWN_KEY"))
    words = said(app)
    assert bool(app.code) is may
    assert ("takes the role" in words) or may
    assert "A replay would change nothing: key" in words


def test_binary_is_hexadecimal_and_keys_are_masked(seated: tuple[Town, Seat]) -> None:
    people, seat = seated
    app = shown(people, tab="quarantine", record=held(seat, "INVALID_UTF8"))
    assert "\\x00" in app.code[0].value
    assert "00000000  7b 22" in app.code[1].value
    with seat.store.cursor() as cursor:
        where = "contains(hex(raw), hex('masked'::BLOB))"
        query = f"SELECT source_id, line_offset, record_index FROM quarantine WHERE {where}"
        place = RecordPlace(*cursor.execute(query).fetchall()[0])
    masked = shown(people, tab="quarantine", record=str(place))
    assert "[masked]" in masked.code[0].value
    assert "sk-abc" not in masked.code[0].value


def test_no_such_record(seated: tuple[Town, Seat]) -> None:
    assert "No such record is in quarantine" in said(shown(seated[0], tab="quarantine", record="9:9:9"))
    assert "Record" not in said(shown(seated[0], tab="quarantine", record="<b>")).split("By cause")[0]


def test_a_viewer_is_told_why_not(seated: tuple[Town, Seat]) -> None:
    app = shown(seated[0], "bob", job="job-1")
    assert "this takes the role approver or engineering_owner or oncall; you have viewer" in said(app)
    assert app.button(key="bad-report").disabled


def test_a_bad_output_is_reported_and_taken_back(seated: tuple[Town, Seat]) -> None:
    people, _ = seated
    app = shown(people, "carol", job="job-1")
    assert app.button(key="bad-report").disabled
    app.text_area(key="bad-reason").set_value("empty page <b>").run()
    app.button(key="bad-report").click().run()
    assert "Done: report 1: the rollout holds" in said(app) or "reported bad by local|carol" in said(app)
    again = shown(people, "carol", tab="bad")
    again.text_input(key="bad-job").set_value("job-1").run()
    assert ("report bad output", "empty page <b>") in [(action, why) for _, action, why in people.actions()]
    with seated[1].to_look() as service:
        assert [one.job_id for one in service.bad_outputs()] == ["job-1"]


def test_a_replay_takes_in_once_and_is_on_record(seated: tuple[Town, Seat]) -> None:
    people, seat = seated
    with seat.store.cursor() as cursor:
        query = "SELECT source_id, line_offset, record_index FROM telemetry WHERE job_id = 'job-later'"
        place = RecordPlace(*cursor.execute(query).fetchall()[0])
    as_an_older_parser_left_it(seat.store, place, line("job-later"))
    app = shown(people, "carol", tab="quarantine", record=str(place))
    assert "a replay takes it in, once" in said(app)
    app.text_input(key="replay-reason").set_value("read by an old version").run()
    app.button(key="replay").click().run()
    assert "No such record is in quarantine" in said(app)
    assert "accepted, valid now" in said(app)
    with seat.store.cursor() as cursor:
        assert cursor.execute("SELECT count(*) FROM telemetry WHERE job_id = 'job-later'").fetchall() == [
            (1,)
        ]
    assert ("replay quarantine", "read by an old version") in [(one, why) for _, one, why in people.actions()]


def test_without_people_and_without_telemetry(tmp_path: Path) -> None:
    with seated_town(tmp_path) as (people, seat):
        assert "Nothing is in quarantine" in said(shown(people, tab="quarantine"))
        assert "Nobody reported an output" in said(shown(people, tab="bad"))
        nobody = page("triage", None, job="job-1").run()
        assert "Nothing is known of" in said(nobody)
        with seat.store.transaction() as cursor:
            cursor.execute("ALTER TABLE telemetry RENAME TO gone")
        broken = said(shown(people, job="job-7"))
        assert "The telemetry could not be read" in broken
        people.home.store.write_bytes(b"no store")
        with pytest.raises(GateError), seat.to_look() as service:
            service.bad_outputs()
