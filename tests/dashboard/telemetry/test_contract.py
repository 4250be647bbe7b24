"""One suite over both adapters of the telemetry port: the opened file, and a real server on loopback."""

import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.cli.doctor_retention import retention_through
from dashboard.telemetry.opened import Opened
from dashboard.telemetry.port import KillQuestion, LinesQuestion, LoadRequest, Telemetry
from dashboard.telemetry.retaining import RetainRequest
from dashboard.telemetry.served import Served
from gates.home import Home
from gates.verdict.defaults import DEFAULT
from gates.verdict.evidence import KillState, Severity
from gates.verdict.gate_audit import GateCode
from gates.verdict.kill_confirmation import confirm
from gates.verdict.question import Question
from ingest.archive.looking import Depth
from ingest.contract.outcomes import Cause
from ingest.errors import InvalidHistory, StoreError, UnreadableSource, WorkStopped
from ingest.gate_audit import Filter
from ingest.instants import rfc3339
from ingest.progress import HowFar, Unit, Work
from ingest.quarantine import Became, QuarantineQuestion, ReplayRequest
from ingest.report.report import Selection, empty_report
from ingest.retention.bound import Need
from ingest.retention.run import Order
from ingest.store import TelemetryStore
from ingest.store.gaps import Gap, record_gap
from ingest.store.migrations import VERSION
from ingest.usage import DAY_NS
from schemas.stages import Step
from tests.dashboard.record import DATA, HOUR_NS, LIVE, SECOND_NS, empty_home, expected, line, publish, spool
from tests.dashboard.telemetry.serving import served_home
from tests.ingest.archive.worlds import moved
from tests.ingest.store_from_template import put_empty

Opener = Callable[[], Telemetry]
SAMPLE = LoadRequest(
    paths=(str(DATA / "executor-a.cri.log"),), controls=str(DATA / "executor-a.controls.jsonl")
)
AT = 1_760_000_000 * SECOND_NS
NOW = AT + HOUR_NS
QUESTION = Question(
    revision=1,
    step=Step.CANARY_5,
    now_ns=NOW,
    until_ns=None,
    thresholds=DEFAULT,
    budget_p50_ms=5_000,
    budget_p95_ms=20_000,
    reference=None,
    latched=None,
    bad_outputs=(),
)


def clock() -> int:
    return NOW


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Its telemetry file has tables, and nothing in them."""
    home = empty_home(tmp_path)
    put_empty(home.telemetry)
    return home


@pytest.fixture(params=["opened", "served"])
def open_telemetry(request: pytest.FixtureRequest, home: Home) -> Iterator[Opener]:
    """Called once, after the home was prepared."""
    with ExitStack() as held:

        def open_it() -> Telemetry:
            if request.param == "opened":
                return Opened(home, clock)
            return Served(held.enter_context(served_home(home, clock=clock)))

        yield open_it


def test_a_home_without_telemetry_answers_with_nothing(home: Home, open_telemetry: Opener) -> None:
    home.telemetry.unlink()
    telemetry = open_telemetry()
    assert telemetry.report(Selection()) == empty_report(Selection())
    jobs = telemetry.recent_jobs(AT)
    assert (jobs.jobs, jobs.hours, jobs.until_ns) == ((), 0.0, None)
    assert telemetry.kill_facts(KillQuestion(now_ns=AT, skew_ns=SECOND_NS)) is None


def test_a_load_and_its_report(open_telemetry: Opener) -> None:
    telemetry = open_telemetry()
    loaded = telemetry.load(SAMPLE)
    assert loaded.summary.is_balanced
    assert (loaded.history, loaded.revisions) == (SAMPLE.controls, loaded.revisions)
    assert loaded.revisions > 1
    outcomes = telemetry.report(Selection())["totals"]["by_outcome"]
    counted = {
        f"{one['path']}/{one['status']}/{one['errorCode'] or 'null'}": one["count"] for one in outcomes
    }
    assert sorted(counted.values()) == sorted(expected().values())
    again = telemetry.load(SAMPLE)
    assert (again.summary.accepted, again.summary.sources[0].state) == (0, "unchanged")


def test_a_report_of_one_step_is_the_same_through_both(home: Home, open_telemetry: Opener) -> None:
    Opened(home).load(SAMPLE)
    mine = Opened(home).report(Selection(Step.CANARY_1, 0))
    assert json.dumps(open_telemetry().report(Selection(Step.CANARY_1, 0))) == json.dumps(mine)


def test_recent_jobs_are_the_same_through_both(home: Home, open_telemetry: Opener) -> None:
    spool(home, [(AT, line("first")), (AT + SECOND_NS, line("second", code="ROLLOUT_EXCLUDED"))])
    telemetry = open_telemetry()
    telemetry.load(LoadRequest(paths=(str(home.spool),)))
    found = telemetry.recent_jobs(AT + 2 * SECOND_NS)
    assert [(job.job_id, job.reached_bucket) for job in found.jobs] == [("first", False), ("second", True)]
    assert found.until_ns == AT + SECOND_NS


def test_what_is_named_from_another_folder_is_found(
    home: Home, open_telemetry: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    telemetry = open_telemetry()
    below = tmp_path / "below"
    below.mkdir()
    shutil.copy(DATA / "executor-a.cri.log", below / "one.log")
    shutil.copy(DATA / "executor-a.controls.jsonl", below / "history.jsonl")
    monkeypatch.chdir(below)
    loaded = telemetry.load(LoadRequest(paths=("one.log",), controls="history.jsonl"))
    assert loaded.summary.is_balanced
    assert loaded.summary.accepted > 0


def test_standard_input_as_a_file(home: Home, open_telemetry: Opener, tmp_path: Path) -> None:
    telemetry = open_telemetry()
    request = LoadRequest(paths=("-",), stdin=str(DATA / "executor-a.cri.log"))
    loaded = telemetry.load(request)
    assert (loaded.summary.sources[0].name, loaded.summary.is_balanced) == ("-", True)
    assert loaded.summary.accepted == sum(expected().values())
    with pytest.raises(UnreadableSource, match="could not be passed on"):
        telemetry.load(LoadRequest(paths=("-",), stdin=str(tmp_path / "gone")))


def test_failures_are_the_same_errors(open_telemetry: Opener, tmp_path: Path) -> None:
    telemetry = open_telemetry()
    with pytest.raises(UnreadableSource, match="is not there; name files or folders that are"):
        telemetry.load(LoadRequest(paths=(str(tmp_path / "gone"),)))
    (tmp_path / "history").write_text("no history\n")
    with pytest.raises(InvalidHistory, match="is not a control history") as raised:
        telemetry.load(LoadRequest(paths=(str(DATA),), controls=str(tmp_path / "history")))
    assert raised.value.exit_code == 3


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_a_failed_source(open_telemetry: Opener, tmp_path: Path) -> None:
    (tmp_path / "closed.log").touch(0o000)
    loaded = open_telemetry().load(LoadRequest(paths=(str(tmp_path / "closed.log"),)))
    assert [source.state for source in loaded.summary.failed] == ["failed"]


def test_the_home_s_own_history_counts_where_none_is_named(home: Home, open_telemetry: Opener) -> None:
    publish(home, LIVE, at_ns=AT)
    spool(home, [(AT + SECOND_NS, line("one"))])
    telemetry = open_telemetry()
    loaded = telemetry.load(LoadRequest(paths=(str(home.spool),)))
    assert (loaded.history, loaded.revisions) == (str(home.history), 1)
    assert [step["step"] for step in telemetry.report(Selection())["steps"]] == ["canary-5"]


def leaky(home: Home) -> None:
    """A live step, then a kill that one executor obeys and one does not."""
    publish(home, LIVE, at_ns=AT)
    spool(
        home, [(AT + n * SECOND_NS, line(f"job-{n}", "openai", "COMPLETED", None, 900)) for n in range(1, 40)]
    )
    publish(home, replace(LIVE, kill=True), revision=2, at_ns=AT + 60 * SECOND_NS)
    spool(home, [(AT + 70 * SECOND_NS, line("obeys", code="KILL_SWITCH"))])
    spool(home, [(AT + 80 * SECOND_NS, line("leaks", "openai", "FAILED", "OPENAI_HTTP_ERROR", 300))])


def test_evidence_is_whole_with_what_lies_in_the_spool(home: Home, open_telemetry: Opener) -> None:
    leaky(home)
    telemetry = open_telemetry()
    found = telemetry.evidence(replace(QUESTION, until_ns=AT + 60 * SECOND_NS))
    assert (found.revision, found.units.jobs, found.units.failed) == (1, 39, 0)
    assert found.controls is not None
    assert (found.ingest.last_pass_ns, found.ingest.behind_bytes, found.ingest.unaudited) == (NOW, 0, 0)
    killed = telemetry.evidence(replace(QUESTION, revision=2))
    assert [(one.code, one.severity, one.lines) for one in killed.findings if one.lines] == [
        ("KILL_BREACH", Severity.CRITICAL, 1)
    ]
    facts = telemetry.kill_facts(KillQuestion(now_ns=NOW, skew_ns=SECOND_NS))
    assert facts is not None
    assert confirm(facts, NOW, DEFAULT).state is KillState.BREACHED


def test_evidence_says_that_lines_may_be_missing_while_a_damaged_file_lies_there(
    home: Home, open_telemetry: Opener
) -> None:
    leaky(home)
    telemetry = open_telemetry()
    aside = home.root / "telemetry.duckdb.damaged-20261121T170212.482913Z"
    aside.touch()
    failure = telemetry.evidence(QUESTION).ingest.failure
    assert failure is not None
    assert aside.name in failure
    aside.unlink()
    assert telemetry.evidence(QUESTION).ingest.failure is None


def test_evidence_is_the_same_value_through_both(home: Home, open_telemetry: Opener) -> None:
    leaky(home)
    mine = Opened(home, clock).evidence(QUESTION)
    assert open_telemetry().evidence(QUESTION) == mine


def test_the_gate_audit_drills_down(home: Home, open_telemetry: Opener) -> None:
    leaky(home)
    telemetry = open_telemetry()
    chosen = Filter(code=GateCode.KILL_BREACH)
    assert [(one.code, one.lines) for one in telemetry.gate_findings(chosen).found] == [(chosen.code, 1)]
    lines = telemetry.gate_lines(LinesQuestion(chosen=chosen, limit=10))
    assert [(one.job_id, one.revision, one.severity) for one in lines] == [("leaks", 2, Severity.CRITICAL)]
    assert telemetry.gate_lines(LinesQuestion(chosen=chosen, limit=10, offset=1)) == ()


def test_the_stays_on_steps(home: Home, open_telemetry: Opener) -> None:
    leaky(home)
    telemetry = open_telemetry()
    telemetry.load(LoadRequest(paths=(str(home.spool),)))
    stays = telemetry.step_windows()
    assert [revision for stay in stays for revision in stay.revisions] == [1, 2]
    assert (stays[0].units, stays[0].failed) == (40, 1)
    counts = telemetry.bucket_counts()
    assert (len(counts), sum(counts)) == (100, 41)


def test_what_a_day_used(home: Home, open_telemetry: Opener) -> None:
    leaky(home)
    telemetry = open_telemetry()
    telemetry.load(LoadRequest(paths=(str(home.spool),)))
    day_no = AT // DAY_NS
    [used] = telemetry.day_usage(day_no).used
    assert (used.model, used.calls, used.untold) == (None, used.lines, used.lines)
    assert used.calls > 0
    assert telemetry.day_usage(day_no - 2).used == ()


def test_what_went_before_it_was_read(home: Home, open_telemetry: Opener) -> None:
    leaky(home)
    Opened(home, clock).load(LoadRequest(paths=(str(home.spool),)))
    gap = Gap(1, "/log/a", 10**9, 2 * 10**9, AT, "removed")
    with TelemetryStore.open(home.telemetry) as store, store.transaction() as cursor:
        record_gap(cursor, gap)
        record_gap(cursor, Gap(1, "/log/filled", 0, 1, AT, "truncated"))
    telemetry = open_telemetry()
    assert telemetry.gaps() == (gap,)
    assert telemetry.report(Selection())["gaps"] == [gap.as_record()]


def test_a_report_counts_the_archive_and_says_what_is_missing_of_it(
    home: Home, open_telemetry: Opener
) -> None:
    leaky(home)
    Opened(home, clock).load(LoadRequest(paths=(str(home.spool),)))
    before = Opened(home, clock).report(Selection())
    with TelemetryStore.open(home.telemetry) as store:
        moved(store, home.archive, "line_time_ns IS NOT NULL", "2025-10")
    telemetry = open_telemetry()
    after = telemetry.report(Selection())
    assert {**after, "archive": None} == {**before, "archive": None}
    lines = before["totals"]["lines"]
    assert (after["archive"]["lines"], after["archive"]["missing"]) == (lines, [])
    first = telemetry.archive(Depth.SIZE)
    assert (len(first.parts), first.missing, first.unrecorded) == (2, (), ())
    place = home.archive / first.parts[0].part.name
    whole = place.read_bytes()
    place.write_bytes(whole[:40] + bytes([whole[40] ^ 1]) + whole[41:])
    assert telemetry.archive(Depth.SIZE).missing == ()
    [damaged] = telemetry.archive(Depth.EVERY_BYTE).missing
    assert (damaged.part, damaged.wrong) == (first.parts[0].part, "its bytes are not those written")
    said = telemetry.report(Selection())
    assert (said["archive"]["missing_lines"], said["totals"]["lines"]) == (lines, 0)
    place.unlink()
    assert [one.wrong for one in telemetry.archive(Depth.SIZE).missing] == ["it is not in its place"]
    other = place.with_name("telemetry-2025-10-9.parquet")
    other.write_bytes(whole)
    why_not = f"it is `{place.name}` under another name; give it back its own"
    assert [(one.name, one.rows, one.why_not) for one in telemetry.adopt_archive()] == [
        (other.name, lines, why_not)
    ]
    other.rename(place)
    assert telemetry.adopt_archive() == ()
    assert telemetry.report(Selection())["totals"]["lines"] == lines


def test_old_rows_go_and_what_they_counted_stays(home: Home, open_telemetry: Opener) -> None:
    spool(home, [(AT - 40 * DAY_NS, line("old")), (AT, line("new"))])
    telemetry = open_telemetry()
    telemetry.load(LoadRequest(paths=(str(home.spool),)))
    assert "every line" in telemetry.retention().words
    waits = telemetry.retain(RetainRequest(order=Order(days=30)))
    assert (waits.passed.bound, telemetry.retention().rows) == (None, 2)
    needs = (Need("the stay at canary-5 goes on", AT - 50 * DAY_NS),)
    kept = telemetry.retain(RetainRequest(order=Order(days=30, needs=needs, trusts_clock=True)))
    assert (kept.passed.deleted.rows, telemetry.retention().rows) == (0, 2)
    done = telemetry.retain(RetainRequest(order=Order(days=30)))
    assert (done.passed.deleted.timed, done.passed.is_whole, done.files) == (1, True, 0)
    found = telemetry.retention()
    assert (found.rows, found.oldest_ns, found.gone_rows, found.said) == (1, AT, 1, done.passed.said)
    deleted = telemetry.report(Selection())["deleted"]
    assert deleted == {"lines": 1, "before": rfc3339(found.gone_before_ns)}
    assert telemetry.report(Selection(None, AT))["deleted"]["lines"] == 0
    assert found.words in retention_through(telemetry).words
    assert telemetry.rebuild_rollups() == 1


def test_rollups_are_counted_anew(home: Home, open_telemetry: Opener) -> None:
    home.telemetry.unlink()
    spool(home, [(AT, line("one")), (AT, line("two"))])
    telemetry = open_telemetry()
    assert telemetry.rebuild_rollups() == 0
    telemetry.load(LoadRequest(paths=(str(home.spool),)))
    assert telemetry.rebuild_rollups() == 2
    assert telemetry.report(Selection())["totals"]["lines"] == 2


def test_quarantine_and_a_second_reading(home: Home, open_telemetry: Opener) -> None:
    home.telemetry.unlink()
    spool(home, [(AT, line("whole")), (AT, line("odd").replace(b'"v1"', b'"v\xff\x00"')), (AT, line("last"))])
    telemetry = open_telemetry()
    assert telemetry.quarantine(QuarantineQuestion()).count == 0
    assert telemetry.replay(ReplayRequest()) == ()
    telemetry.load(LoadRequest(paths=(str(home.spool),)))
    found = telemetry.quarantine(QuarantineQuestion(cause=Cause.INVALID_UTF8))
    assert [(one.cause, one.records) for one in found.causes] == [(Cause.INVALID_UTF8, 1)]
    assert b"\xff\x00" in found.records[0].kept
    place = found.records[0].place
    [answer] = telemetry.replay(ReplayRequest(places=(place,)))
    assert (answer.place, answer.became) == (place, Became.REFUSED)


def test_it_is_copied_as_of_one_moment_and_never_over_something(
    open_telemetry: Opener, home: Home, tmp_path: Path
) -> None:
    spool(home, [(AT, line("job-1")), (AT + 1, line("job-2"))])
    telemetry = open_telemetry()
    telemetry.load(LoadRequest(paths=(str(home.spool),)))
    copies = tmp_path / "copies"
    copies.mkdir()
    assert telemetry.copy_to(str(copies / "copy.duckdb")) == VERSION
    [copy] = copies.iterdir()
    assert copy.stat().st_mode & 0o777 == 0o600
    with TelemetryStore.open_for_reading(copy) as store, store.cursor() as cursor:
        assert cursor.execute("SELECT job_id FROM telemetry ORDER BY 1").fetchall() == [
            ("job-1",),
            ("job-2",),
        ]
    with pytest.raises(StoreError, match="is there already"):
        telemetry.copy_to(str(copy))


def test_a_home_without_telemetry_gives_an_empty_copy(
    home: Home, open_telemetry: Opener, tmp_path: Path
) -> None:
    home.telemetry.unlink()
    copy = tmp_path / "copy.duckdb"
    open_telemetry().copy_to(str(copy))
    with TelemetryStore.open_for_reading(copy) as store, store.cursor() as cursor:
        assert cursor.execute("SELECT count(*) FROM telemetry").fetchall() == [(0,)]


def test_long_work_tells_how_far_it_is_and_is_ended_by_who_is_told(
    home: Home, tmp_path: Path, open_telemetry: Opener
) -> None:
    pipe = tmp_path / "endless"
    os.mkfifo(pipe)
    told: list[HowFar] = []

    def feed() -> None:
        with suppress(BrokenPipeError), pipe.open("wb", buffering=0) as endless:
            while True:
                endless.write(line("job-1") + b"\n")

    def enough(far: HowFar) -> None:
        told.append(far)
        raise WorkStopped("enough")

    telemetry = open_telemetry()
    feeding = threading.Thread(target=feed)
    feeding.start()
    with pytest.raises(WorkStopped):
        telemetry.telling(enough).load(LoadRequest(paths=(str(pipe),)))
    feeding.join()
    assert [(far.work, far.at, far.total, far.unit) for far in told] == [
        (Work.LOAD, "endless", None, Unit.BYTES)
    ]
    assert telemetry.load(SAMPLE).summary.is_balanced


def test_a_file_is_rewritten_without_what_is_free(home: Home, open_telemetry: Opener) -> None:
    telemetry = open_telemetry()
    telemetry.load(SAMPLE)
    before = telemetry.report(Selection())
    compacted = telemetry.compact()
    assert compacted is not None
    assert compacted.rows > 266
    assert telemetry.report(Selection()) == before
    assert telemetry.load(SAMPLE).summary.accepted == 0
