"""Each record under the controls of its decision: against an as-of search by hand, also after the fact."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.columns import RECORDS
from ingest.history.attribution import Attribution
from ingest.history.controls import HOME, ControlHistory, Interval, read_history
from ingest.loading.load import load
from ingest.store import TelemetryStore
from schemas.instant import epoch_ns
from schemas.stages import Step
from tests.ingest.store_from_template import open_store
from tests.ingest.stored import DATA, RECORD, captured

START = 1_790_000_000_000_000_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TelemetryStore]:
    with open_store(tmp_path / "home" / "telemetry.duckdb") as opened:
        yield opened


def history(*starts: int, history_id: str = "test") -> ControlHistory:
    ends = (*starts[1:], None)[: len(starts)]
    steps = (Step.BASELINE, Step.CANARY_1, Step.OFF_LADDER)
    intervals = [
        Interval(start, end, 10 + number, None, steps[number % 3], False, True, 1, True, "nobody")
        for number, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]
    return ControlHistory(history_id, history_id, tuple(intervals))


def expected(controls: ControlHistory, moment: int) -> Interval | None:
    """The last interval that had begun, looked for from the end."""
    return next((one for one in reversed(controls.intervals) if one.from_ns <= moment), None)


_MOMENTS = st.integers(START - 20, START + 20)


@given(
    starts=st.lists(_MOMENTS, max_size=8).map(sorted),
    lines=st.lists(st.tuples(st.none() | _MOMENTS, st.integers(0, 30)), min_size=1),
)
def test_agrees_with_a_search_from_the_end(starts: list[int], lines: list[tuple[int | None, int]]) -> None:
    controls = history(*starts)
    rows = [
        dict.fromkeys(RECORDS.names) | {"line_time_ns": time, "latency_ms": latency / 1e6}
        for time, latency in lines
    ]
    found = Attribution(controls).columns(pa.Table.from_pylist(rows, schema=RECORDS)).to_pylist()
    for row, (time, latency) in zip(found, lines, strict=True):
        decided = None if time is None else expected(controls, time - latency)
        at_line = None if time is None else expected(controls, time)
        assert row["decided_from_ns"] == (None if time is None else time - latency)
        assert row["revision"] == (decided.revision if decided else None)
        assert row["step"] == (decided.step.value if decided else None)
        assert row["revision_at_line"] == (at_line.revision if at_line else None)
        assert row["time_quality"] == ("none" if time is None else "transport")


def test_records_without_a_time_have_the_same_columns_as_others() -> None:
    rows = [
        dict.fromkeys(RECORDS.names) | {"line_time_ns": time, "latency_ms": 1.0} for time in (START, None)
    ]
    both = pa.Table.from_pylist(rows, schema=RECORDS)
    with_controls = Attribution(history(START))
    untimed = with_controls.columns(both.slice(1))
    assert untimed.schema == with_controls.columns(both).schema
    assert untimed.to_pylist() == with_controls.columns(both).to_pylist()[1:]


def test_a_latency_without_bounds_goes_back_to_before_all_revisions(
    store: TelemetryStore, tmp_path: Path
) -> None:
    line = timed("job", 0).replace('"latencyMs":7', '"latencyMs":1e308')
    (tmp_path / "a.log").write_text(line)
    load(store, [tmp_path / "a.log"], history(START - 5))
    assert rows(store) == [("job", None, 10)]


def timed(job: str, second: int) -> str:
    return f"2026-11-21T02:22:{second:02d}Z stderr F {RECORD % job}\n"


def rows(store: TelemetryStore) -> list[Any]:
    with store.cursor() as cursor:
        return cursor.execute(
            "SELECT job_id, revision, revision_at_line FROM telemetry ORDER BY line_offset"
        ).fetchall()


def everything(store: TelemetryStore) -> list[Any]:
    with store.cursor() as cursor:
        return cursor.execute("SELECT * EXCLUDE source_id FROM telemetry ORDER BY line_offset").fetchall()


def test_loading_again_with_another_history_attributes_anew(tmp_path: Path) -> None:
    """What is joined afterwards, in SQL, is what is joined on the way in."""
    log = DATA / "executor-a.cri.log"
    controls = read_history(DATA / "executor-a.controls.jsonl")
    shifted = replace(
        controls,
        history_id="shifted",
        intervals=tuple(
            replace(one, from_ns=one.from_ns + 10**9, to_ns=one.to_ns and one.to_ns + 10**9)
            for one in controls.intervals
        ),
    )
    with (
        open_store(tmp_path / "a" / "t.duckdb") as at_once,
        open_store(tmp_path / "b" / "t.duckdb") as afterwards,
    ):
        load(at_once, [log], controls)
        assert load(afterwards, [log], None).sources[0].history_id is None
        assert load(afterwards, [log], shifted).sources[0].reattributed == 266
        assert everything(afterwards) != everything(at_once)
        summary = load(afterwards, [log], controls)
        assert (summary.sources[0].reattributed, summary.accepted) == (266, 0)
        assert everything(afterwards) == everything(at_once)
        assert load(afterwards, [log], None).sources[0].history_id == controls.history_id
        with afterwards.cursor() as cursor:
            kept = cursor.execute("SELECT DISTINCT history_id FROM control_interval").fetchall()
        assert kept == [(controls.history_id,)]


def test_what_the_home_s_history_says_late_is_applied(store: TelemetryStore, tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text(timed("a", 1) + timed("b", 11) + timed("c", 21))
    base = epoch_ns("2026-11-21T02:22:00Z")
    assert base is not None
    second = 10**9
    load(store, [log], history(base, history_id=HOME))
    assert [row[1] for row in rows(store)] == [10, 10, 10]
    summary = load(store, [log], history(base, base + 10 * second, history_id=HOME))
    assert summary.reattributed == 2
    assert [row[1] for row in rows(store)] == [10, 11, 11]
    load(store, [log], history(base, base + 5 * second, base + 20 * second, history_id=HOME))
    assert [row[1] for row in rows(store)] == [10, 11, 12]


def test_lines_without_a_time_follow_a_source_that_lies_in_one_revision(
    store: TelemetryStore, tmp_path: Path
) -> None:
    log = tmp_path / "a.log"
    raw = RECORD + "\n"
    log.write_text(raw % "before" + timed("first", 1) + raw % "between" + timed("last", 9) + raw % "after")
    base = epoch_ns("2026-11-21T02:22:00Z")
    assert base is not None
    second = 10**9
    load(store, [log], history(base, base + 30 * second))
    assert [row[1] for row in rows(store)] == [None, 10, 10, 10, None]
    with log.open("a") as file:
        file.write(timed("later", 40))
    load(store, [log], None)
    assert [row[1] for row in rows(store)] == [None, 10, None, 10, None, 11]
    load(store, [log], history(base))
    assert [row[1] for row in rows(store)] == [None, 10, 10, 10, 10, 10]


def test_the_capture_is_attributed_to_the_runs_that_made_it(store: TelemetryStore) -> None:
    """Independent of all times: the tag of each job names the controls under which it ran, in order."""
    load(store, [DATA / "executor-a.cri.log"], read_history(DATA / "executor-a.controls.jsonl"))
    revision_of = {"feature_unset": 1, "kill": 2, "no_allowai": 3, "allowlist_off": 4, "pct1": 5, "pct10": 6}
    revision_of |= {"pct50": 7, "e500": 8, "html": 8, "prose": 8, "nokey": 8}
    runs = captured("executor-a.jobs.jsonl")
    ran = [
        (run["job"]["jobs"][0]["jobId"], revision_of[run["tag"]]) for run in runs if run["tag"] in revision_of
    ]
    assert len(ran) == 266
    assert [row[:2] for row in rows(store)] == ran
