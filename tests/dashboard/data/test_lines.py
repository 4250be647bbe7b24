"""Every line and the rollups answer alike: counts to the line, latencies within 1 %, whatever the span."""

from collections.abc import Callable, Iterator

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.data import lines as choosing
from dashboard.data.bins import axis
from dashboard.data.every_line import EveryLine
from dashboard.data.lately import of_telemetry
from dashboard.data.lines import Lines, everything, lines_of
from dashboard.data.overview import overview
from dashboard.data.queries import Cursor
from dashboard.data.rolled_lines import RolledLines
from dashboard.data.scope import SCOPES, WINDOW_BY_NAME, Everything, Window
from dashboard.data.selection import selection
from dashboard.data.stages import listed
from dashboard.views.breakdown import latency_table
from ingest.rollups.grain import Grain
from ingest.rollups.log import count_stored
from ingest.rollups.reading import Span
from ingest.rollups.rebuilding import rebuild_rollups
from ingest.store import TelemetryStore

START_NS = 1_795_227_600_000_000_000
SECOND_NS, HOUR_NS = 10**9, 3_600 * 10**9
HOURS = 30
NEW_NS = START_NS + 19 * HOUR_NS + 30 * 60 * SECOND_NS
"""From then on another executorVersion is there."""
LINES = f"""
INSERT INTO telemetry BY NAME
SELECT 0 AS source_id, i AS line_offset, 0 AS record_index, 'transport' AS time_quality,
    CASE WHEN h % 97 > 0 THEN {START_NS} + (h % {HOURS * 3600}) * {SECOND_NS} + i END AS line_time_ns,
    'v' || CASE WHEN line_time_ns > {NEW_NS} THEN 2 ELSE h % 2 END AS executor_version,
    'job-' || i AS job_id, 0 AS bucket,
    CASE WHEN h % 100 < 40 THEN 'openai' ELSE 'stub' END AS path,
    CASE WHEN h % 100 < 3 THEN 'FAILED' WHEN h % 100 < 40 THEN 'COMPLETED' ELSE 'STUB' END AS status,
    CASE WHEN h % 100 < 3 THEN 'OPENAI_HTTP_ERROR' WHEN h % 100 >= 70 THEN 'KILL_SWITCH' END AS error_code,
    CASE WHEN h % 100 >= 98 THEN 'a stub that failed' END AS contradiction,
    CASE WHEN h % 100 < 40 THEN exp(4 + h % 5000 / 1000) ELSE h % 9 END AS latency_ms,
    CASE WHEN h % 11 > 0 THEN 0 END AS interval_no, CASE WHEN h % 11 > 0 THEN 2 END AS stage,
    CASE WHEN h % 11 > 0 THEN ['expand-10', 'expand-25'][1 + (h % 11 > 6)::INTEGER] END AS step
FROM (SELECT i, (hash(i) % 1_000_000)::BIGINT AS h FROM range($first, $end) r(i))
"""
SOURCE = """
INSERT INTO source BY NAME
SELECT 0 AS source_id, 0 AS generation, 'a' AS name, 'managed' AS trust, 'home' AS history_id,
    mark AS checkpoint, mark AS ending, counts AS at_checkpoint, counts AS at_ending FROM (
    SELECT {'offset': 0, anchor: 0, chain: ''::BLOB, digest: ''::BLOB} AS mark, {lines: 0, record_lines: 0,
        noise_lines: 0, joined_pieces: 0, accepted: 0, held_elsewhere: 0, quarantined: 0} AS counts)
"""
INTERVAL = f"""
INSERT INTO control_interval BY NAME
SELECT 'home' AS history_id, 0 AS interval_no, {START_NS} AS from_ns, 1 AS revision, 2 AS stage,
    'expand-10' AS step, false AS kill, true AS feature, 10 AS percent, true AS allowlist,
    'nobody' AS zero_admits, false AS removed
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TelemetryStore]:
    """Six thousand lines over thirty hours, the last thousand of them not folded yet."""
    with TelemetryStore.open(tmp_path_factory.mktemp("lines") / "telemetry.duckdb") as opened:
        with opened.transaction() as cursor:
            cursor.execute(SOURCE)
            cursor.execute(INTERVAL)
            cursor.execute(LINES, {"first": 0, "end": 5_000})
        rebuild_rollups(opened)
        with opened.transaction() as cursor:
            cursor.execute(LINES, {"first": 5_000, "end": 6_000})
            count_stored(cursor, "line_offset >= 5_000", {}, 1)
        yield opened


def assert_alike(rolled: pd.DataFrame, exact: pd.DataFrame, measured: tuple[str, ...] = ()) -> None:
    """The same rows in the same order, but for what is measured, which is within 1 %."""
    left, right = (one.reset_index(drop=True) for one in (rolled, exact))
    pd.testing.assert_frame_equal(
        left.drop(columns=list(measured)), right.drop(columns=list(measured)), check_dtype=False
    )
    for name in measured:
        assert ((left[name] - right[name]).abs() <= 0.01 * right[name]).all()


@given(
    scope=st.sampled_from(list(SCOPES.values())),
    start=st.integers(-HOUR_NS, HOURS * HOUR_NS),
    length=st.one_of(st.integers(1, 3 * 60 * SECOND_NS), st.integers(1, (HOURS + 2) * HOUR_NS)),
    grain=st.sampled_from(Grain),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_span_is_counted_alike(
    store: TelemetryStore, scope: object, start: int, length: int, grain: Grain
) -> None:
    span = Span(START_NS + start, START_NS + start + length)
    window = Window("", "", length)
    with store.cursor() as cursor:
        exact: Lines = EveryLine(cursor, selection(scope, window, span.end_ns))  # type: ignore[arg-type]
        rolled: Lines = RolledLines(cursor, scope, span, grain)  # type: ignore[arg-type]
        assert rolled.quality() == exact.quality()
        assert_alike(rolled.outcomes(), exact.outcomes())
        assert_alike(rolled.latencies(), exact.latencies(), ("p50", "p95", "p99", "longest"))
        drawn = axis(max(span.start_ns, span.end_ns - 2 * HOUR_NS), span.end_ns)
        if drawn.width_ns >= 60 * SECOND_NS:
            assert_alike(rolled.outcomes_over(drawn), exact.outcomes_over(drawn))
            found = exact.percentiles_over(drawn)
            assert_alike(rolled.percentiles_over(drawn), found, ("p50", "p95", "p99"))


def test_all_of_time_holds_also_what_has_none(store: TelemetryStore) -> None:
    with store.cursor() as cursor:
        exact = EveryLine(cursor, selection(Everything(), WINDOW_BY_NAME["all"], 0))
        rolled = RolledLines(cursor, Everything(), None, Grain.HOUR)
        quality = rolled.quality()
        assert quality == exact.quality()
        assert quality["no_time"] > 0
        drawn = axis(quality["first_ns"], quality["last_ns"])
        assert_alike(rolled.outcomes_over(drawn), exact.outcomes_over(drawn))
        places = pd.DataFrame({"bin": [3], "path": ["openai"]})
        few, all_of_them = (one.runs_in(drawn, places, 1_000) for one in (rolled, exact))
        assert len(few) == len(all_of_them) > 0
        assert sorted(few["seconds"]) == pytest.approx(sorted(all_of_them["seconds"]), rel=0.01)
        assert rolled.few_latencies("openai", 19) == pytest.approx(
            exact.few_latencies("openai", 19), rel=0.01
        )


def test_rollups_answer_where_there_are_more_lines_than_one_reads(
    store: TelemetryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_ns = START_NS + HOURS * HOUR_NS
    with store.cursor() as cursor:
        assert isinstance(everything(cursor), EveryLine)
        monkeypatch.setattr(choosing, "READ_UP_TO", 1_000)
        assert everything(cursor).said.startswith("from minute rollups")
        assert lines_of(cursor, Everything(), WINDOW_BY_NAME["7d"], now_ns).said.startswith("from hour")
        assert "within 1 %" in lines_of(cursor, Everything(), WINDOW_BY_NAME["24h"], now_ns).said
        assert isinstance(lines_of(cursor, Everything(), WINDOW_BY_NAME["15m"], now_ns), EveryLine)


def test_the_page_says_what_its_latencies_were_counted_from(
    store: TelemetryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Everything(), WINDOW_BY_NAME["24h"], START_NS + HOURS * HOUR_NS
    with store.cursor() as cursor:
        assert "Latency, from every line: exact nearest-rank" in latency_table(overview(cursor, *asked))
        monkeypatch.setattr(choosing, "READ_UP_TO", 1_000)
        view = overview(cursor, *asked)
    assert "Latency, from minute rollups: counts exact, latency within 1 %" in latency_table(view)


def test_every_line_is_read_while_rollups_are_not_complete(
    store: TelemetryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "READ_UP_TO", 1_000)
    with store.transaction() as cursor:
        cursor.execute("UPDATE rollup_state SET is_complete = false")
    with store.cursor() as cursor:
        assert isinstance(everything(cursor), EveryLine)
    rebuild_rollups(store)
    with store.cursor() as cursor:
        assert isinstance(everything(cursor), RolledLines)


@pytest.mark.parametrize(
    "ask", [listed, lambda cursor: of_telemetry(cursor, START_NS + 20 * HOUR_NS)], ids=["stays", "lately"]
)
def test_what_only_counts_is_the_same_from_rollups(
    store: TelemetryStore, monkeypatch: pytest.MonkeyPatch, ask: Callable[[Cursor], tuple[object, ...]]
) -> None:
    with store.cursor() as cursor:
        exact = ask(cursor)
        monkeypatch.setattr(choosing, "READ_UP_TO", 1_000)
        assert ask(cursor) == exact != ()
