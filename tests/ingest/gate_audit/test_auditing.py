"""Whatever the order of arrival, the findings are those of one audit from scratch, by the definition."""

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.gate_audit import Filter, bring_up, clock_skew_ns, findings, lines_of, unaudited
from ingest.gate_audit.auditing import Audited
from ingest.history.controls import read_history
from ingest.loading.load import load
from ingest.recent_jobs import recent_jobs
from ingest.store import TelemetryStore
from tests.ingest.gate_audit import reference
from tests.ingest.gate_audit.worlds import (
    OUTCOMES,
    Disk,
    World,
    at,
    cri,
    event,
    line,
    worlds,
)

OPENAI, FAILED, NO_CODE, KILLED, NOT_LISTED, EXCLUDED, OTHER, IMPOSSIBLE = OUTCOMES
ALL = (1.0, 1.0, 1.0, 1.0)
EARLY, LATE = "job-22", "job-0"  # buckets 0 and 48


def expected(world: World, disk: Disk, skew_ns: int = reference.SKEW_NS) -> list[reference.Found]:
    history = disk.history()
    intervals = history.intervals if history else ()
    subjects = world.subjects(history) if history else {}
    return reference.audit(world.lines, intervals, subjects, world.specs(), skew_ns)


arrivals = given(worlds, st.lists(st.tuples(*[st.floats(0, 1)] * 4), max_size=3))


def any_order_of_arrival(world: World, stages: list[Sequence[float]]) -> None:
    with TemporaryDirectory() as folder:
        disk = Disk(Path(folder), world)
        with disk.store:
            for shares in stages:
                disk.grow(shares)
                disk.load()
            disk.grow(ALL)
            disk.load()
            assert disk.found() == expected(world, disk)
            with disk.store.cursor() as cursor:
                assert unaudited(cursor) == 0
            assert not bring_up(disk.store).was_due
            with disk.store.transaction() as cursor:
                cursor.execute("DELETE FROM gate_mark")
            assert bring_up(disk.store, at_once=500).was_due == bool(world.lines)
            assert disk.found() == expected(world, disk)


# Each example makes a store on disk: many more in tests/soak.
test_any_order_of_arrival = settings(max_examples=12)(arrivals(any_order_of_arrival))


def cri_without_time(one: reference.Line) -> str:
    return cri(one).split(" ", 3)[3]


def stored(folder: Path, world: World) -> Disk:
    disk = Disk(folder, world)
    disk.grow(ALL)
    disk.load()
    return disk


KILL_AT_4 = (
    event("effective", 0, 1, percent=10),
    event("publishing", 3_800, 2, percent=10, kill=True),
    event("effective", 4_000, 2, percent=10, kill=True),
)


def killed(ms: int, latency_ms: int = 0) -> World:
    """One openai line of an admitted job around a kill at 4 s."""
    return World(KILL_AT_4, ((line(ms, EARLY, OPENAI, latency_ms),), ()), ())


CASES = {
    "before the kill": (killed(3_000), None),
    "decided before, written after": (killed(9_000, 5_500), None),
    "a little after: another clock": (killed(4_900), True),
    "as late as a clock may be": (killed(4_999), True),
    "later than any clock": (killed(5_000), False),
}


@pytest.mark.parametrize(("world", "excused"), CASES.values(), ids=CASES)
def test_a_kill_and_the_grace_around_it(tmp_path: Path, world: World, excused: bool | None) -> None:
    disk = stored(tmp_path, world)
    with disk.store:
        assert [one[2:] for one in disk.found()] == ([] if excused is None else [("KILL_BREACH", 2, excused)])


def test_who_saw_a_revision_while_it_was_published_is_excused(tmp_path: Path) -> None:
    early_stub = line(2_900, EARLY, KILLED)  # 0.9 s before the publication began
    too_early = line(2_700, "job-23", KILLED)
    disk = stored(tmp_path, World(KILL_AT_4, ((too_early, early_stub), ()), ()))
    with disk.store:
        assert disk.found() == [
            (EARLY, at(2_900), "STALE_KILL", 1, True),
            ("job-23", at(2_700), "STALE_KILL", 1, False),
        ]


def test_the_nearest_revision_explains(tmp_path: Path) -> None:
    history = (
        event("effective", 0, 1, kill=True),
        event("effective", 4_000, 2, kill=True, percent=50),
        event("effective", 8_000, 3),
        event("effective", 8_400, 4, feature=False),
    )
    disk = stored(tmp_path, World(history, ((line(8_500, EARLY, KILLED, 300),), ()), ()))
    with disk.store, disk.store.cursor() as cursor:
        assert cursor.execute("SELECT revision, explained_by FROM gate_finding").fetchall() == [(3, 2)]
        (only,) = lines_of(cursor, Filter(), 10, with_excused=True)
        assert only.words.endswith("; in grace: legal under revision 2")
        assert lines_of(cursor, Filter(), 10) == ()
        assert findings(cursor, Filter()).found[0].excused == 1


def test_a_revision_that_ran_out_kills(tmp_path: Path) -> None:
    history = (event("effective", 0, 1, breakGlassUntil="2026-11-21T02:20:04Z"),)
    lines = (line(3_000, EARLY, OPENAI), line(8_000, EARLY, OPENAI), line(8_500, EARLY, KILLED))
    disk = stored(tmp_path, World(history, (lines, ()), ()))
    with disk.store, disk.store.cursor() as cursor:
        assert disk.found() == [(EARLY, at(8_000), "KILL_BREACH", 1, False)]
        (only,) = lines_of(cursor, Filter(), 10)
        assert only.words == (
            "openai at 2026-11-21T02:20:08Z under revision 1: it ran out at 02:20:04, which kills"
        )


def test_a_removed_control_file_denies(tmp_path: Path) -> None:
    history = (event("effective", 0, 1), event("removed", 4_000, 1))
    disk = stored(tmp_path, World(history, ((line(8_000, EARLY, OPENAI),), ()), ()))
    with disk.store, disk.store.cursor() as cursor:
        assert [one[2] for one in disk.found()] == ["KILL_BREACH"]
        (only,) = lines_of(cursor, Filter(), 10)
        assert only.words.endswith("under revision 1: the control file was gone since 02:20:04")


def test_one_job_both_admitted_and_excluded_over_two_sources(tmp_path: Path) -> None:
    history = (event("effective", 0, 1, percent=10), event("effective", 60_000, 2, percent=100))
    one, other = line(2_000, EARLY, OPENAI), line(3_000, EARLY, EXCLUDED)
    under_another = line(70_000, LATE, OPENAI)
    never_admitted = line(3_000, LATE, EXCLUDED)
    world = World(history, ((one, never_admitted), (other, under_another)), ())
    disk = Disk(tmp_path, world)
    with disk.store:
        disk.grow((1.0, 0.0, 1.0, 0.0))
        disk.load()
        assert disk.found() == []
        disk.grow(ALL)
        disk.load()
        assert disk.found() == [
            (EARLY, at(2_000), "INCONSISTENT_DECISION", 1, False),
            (EARLY, at(3_000), "INCONSISTENT_DECISION", 1, False),
            (EARLY, at(3_000), "UNDER_EXPOSED", 1, False),
        ]


def test_specs_that_arrive_later_are_applied(tmp_path: Path) -> None:
    history = (event("effective", 0, 1, subjects=["Biology"]),)
    lines = (line(2_000, EARLY, OPENAI), line(3_000, "job-23", OPENAI), line(4_000, "job-24", NOT_LISTED))
    specs = (
        (EARLY, 1_000, False, "Biology"),
        ("job-23", 1_000, True, "Physics"),
        ("job-24", 1_000, True, "Biology"),
    )
    disk = Disk(tmp_path, World(history, (lines, ()), specs))
    with disk.store:
        disk.grow((1.0, 1.0, 1.0, 0.0))
        disk.load()
        assert disk.found() == []
        disk.grow(ALL)
        disk.load()
        assert disk.found() == [
            (EARLY, at(2_000), "OPTIN_BREACH", 1, False),
            ("job-23", at(3_000), "ALLOWLIST_BREACH", 1, False),
            ("job-24", at(4_000), "ALLOWLIST_STALE", 1, False),
        ]


def test_differing_specs_of_a_job_are_no_spec(tmp_path: Path) -> None:
    specs = ((EARLY, 1_000, True, "Biology"), (EARLY, 5_000, False, "Biology"))
    world = World((event("effective", 0, 1),), ((line(2_000, EARLY, OPENAI),), ()), specs)
    disk = stored(tmp_path, world)
    with disk.store, disk.store.cursor() as cursor:
        assert disk.found() == []
        assert cursor.execute("SELECT opted_in, shape_id FROM job_spec").fetchall() == [(None, None)]


def test_another_clock_skew_judges_all_anew_and_is_kept(tmp_path: Path) -> None:
    world = killed(6_500)
    disk = stored(tmp_path, world)
    with disk.store:
        assert [one[-1] for one in disk.found()] == [False]
        assert bring_up(disk.store, clock_skew_s=3) == Audited(was_due=True, findings=1)
        assert disk.found() == expected(world, disk, 3 * reference.SKEW_NS) != []
        assert [one[-1] for one in disk.found()] == [True]
        disk.load()
        with disk.store.cursor() as cursor:
            assert clock_skew_ns(cursor) == 3 * reference.SKEW_NS


def test_lines_without_a_time_or_a_history_are_counted_and_not_judged(tmp_path: Path) -> None:
    disk = Disk(tmp_path, World((event("effective", 2_000, 1, kill=True),), ((), ()), ()))
    with disk.store:
        untimed = cri_without_time(line(5_000, EARLY, OPENAI)) + cri_without_time(
            line(5_000, EARLY, IMPOSSIBLE)
        )
        (tmp_path / "spool" / "untimed.log").write_text(untimed)
        (tmp_path / "spool" / "early.log").write_text(cri(line(1_000, EARLY, OPENAI)))
        disk.grow(ALL)
        disk.load()
        with disk.store.cursor() as cursor:
            answer = findings(cursor, Filter())
        assert answer.judged == 0
        assert answer.not_judged == (("no time", 2), ("before the first revision", 1))
        assert [(one.code, one.lines) for one in answer.found] == [("CONTRACT", 1)]


def test_what_was_not_audited_is_counted_and_made_up_for(tmp_path: Path) -> None:
    """A crash between load and audit: the lines are there, the marks are not."""
    disk = stored(tmp_path, killed(6_500))
    with disk.store:
        with disk.store.transaction() as cursor:
            cursor.execute("DELETE FROM gate_mark")
            cursor.execute("DELETE FROM gate_finding")
        with disk.store.cursor() as cursor:
            assert unaudited(cursor) == 1
            assert findings(cursor, Filter()).unaudited == 1
        disk.load()
        assert [one[2] for one in disk.found()] == ["KILL_BREACH"]


def test_lines_that_a_new_revision_may_change_wait_for_another_audit(tmp_path: Path) -> None:
    disk = stored(tmp_path, killed(6_500))
    with disk.store:
        with disk.store.transaction() as cursor:
            cursor.execute("INSERT INTO gate_debt VALUES ('home', NULL, ?)", [at(4_000)])
            cursor.execute("INSERT INTO gate_debt VALUES (NULL, 'job-9', ?)", [at(0)])
        with disk.store.cursor() as cursor:
            assert unaudited(cursor) == 1
        assert bring_up(disk.store).was_due
        assert len(disk.found()) == 1


def test_a_source_joined_with_another_history_is_judged_by_that_alone(tmp_path: Path) -> None:
    disk = stored(tmp_path, killed(6_500))
    other = tmp_path / "other.jsonl"
    other.write_text(json.dumps(event("effective", 0, 9, feature=False)) + "\n")
    with disk.store:
        load(disk.store, [tmp_path / "spool"], read_history(other))
        assert [one[2:4] for one in disk.found()] == [("FEATURE_OFF_BREACH", 9)]
        with disk.store.cursor() as cursor:
            assert findings(cursor, Filter(history="home")).found == ()


def test_recent_jobs_have_their_specs(tmp_path: Path) -> None:
    specs = ((EARLY, 1_000, True, "Biology"), (LATE, 1_000, True, "Biology"), (LATE, 1_100, False, "Biology"))
    lines = (line(2_000, EARLY, EXCLUDED), line(2_100, LATE, KILLED), line(2_200, "job-23", KILLED))
    disk = stored(tmp_path, World((event("effective", 0, 1),), (lines, ()), specs))
    with disk.store, disk.store.cursor() as cursor:
        early, late, unknown = recent_jobs(cursor, at(10_000)).jobs
    assert early.job is not None
    assert (early.job.job_id, early.job.subject, early.job.allow_ai) == (EARLY, "Biology", True)
    assert late.job is None
    assert unknown.job is None


@pytest.mark.parametrize("sources", [3, 70])
def test_only_new_lines_wait_however_many_sources_have_some(tmp_path: Path, sources: int) -> None:
    """Of a few sources the first new row is looked for, and nothing before it is read; of many it is not.

    All are new at first, then half audited, and at last one of them has new lines that are no records.
    """
    logs = [tmp_path / f"{number}.log" for number in range(sources)]
    for number, log in enumerate(logs):
        log.write_text("".join(cri(line(number, f"job-{ms}", OPENAI)) for ms in (1_000, 2_000)))
    with TelemetryStore.open(tmp_path / "telemetry.duckdb") as store, store.cursor() as cursor:
        load(store, logs, None)
        assert unaudited(cursor) == 0
        with store.transaction() as writing:
            writing.execute("UPDATE gate_mark SET audited_to = 1")  # behind the beginning of the first line
        assert unaudited(cursor) == sources
        assert bring_up(store).was_due
        assert unaudited(cursor) == 0
        with logs[0].open("a") as file:
            file.write("noise\n")
        load(store, logs, None)
        assert unaudited(cursor) == 0
