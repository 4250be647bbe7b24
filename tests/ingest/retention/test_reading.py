"""What is asked of a time whose lines are gone: rollups answer, spans side by side add up, and it is said."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.data.every_line import EveryLine
from dashboard.data.lines import lines_of
from dashboard.data.rolled_lines import RolledLines
from dashboard.data.scope import ALL_TIME, Everything, Window
from ingest.loading.load import load
from ingest.retention.bound import DAY_NS, HOUR_NS
from ingest.retention.run import Order, retain
from ingest.rollups.grain import Grain
from ingest.rollups.histograms import histograms
from ingest.rollups.reading import Span, counts, latencies
from ingest.rollups.rebuilding import rebuild_rollups
from ingest.store import TelemetryStore
from ingest.store.gone import gone_before_ns
from tests.ingest.gate_audit.reference import Line
from tests.ingest.gate_audit.worlds import BASE_NS, cri
from tests.ingest.store_from_template import open_store

MINUTE_NS = 60 * 10**9
NOW = BASE_NS
LINES = 400
TIMES = [NOW - 9 * DAY_NS + number * 41 * MINUTE_NS + number * 7 * 10**9 for number in range(LINES // 2)]
"""Over six days, two lines each: half of them are gone."""
GONE = NOW - 7 * DAY_NS - (NOW - 7 * DAY_NS) % DAY_NS


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TelemetryStore]:
    folder = tmp_path_factory.mktemp("reading")
    (folder / "some.log").write_text(
        "".join(
            cri(Line(at_ns + offset, f"job-{at_ns}", "stub", "STUB", None, 7))
            for at_ns in [*TIMES, NOW]
            for offset in (0, 10**9)
        )
    )
    with open_store(folder / "telemetry.duckdb") as opened:
        load(opened, [folder / "some.log"], None)
        retain(opened, Order(days=7, trusts_clock=True), lambda: NOW)
        yield opened


def counted(store: TelemetryStore, start_ns: int, end_ns: int, grain: Grain) -> int:
    with store.cursor() as cursor:
        span = Span(start_ns, end_ns, gone_before_ns(cursor))
        of_counts = [lines for _, lines in cursor.execute(counts(span, grain, ("path",))).fetchall()]
        of_latencies = histograms(cursor.sql(latencies(span, grain, ("path",))).to_arrow_table()).runs
    assert sorted(of_counts) == sorted(of_latencies.tolist())
    return sum(of_counts)


moments = st.integers(TIMES[0] - HOUR_NS, TIMES[-1] + HOUR_NS)


@given(st.lists(moments, min_size=3, max_size=3).map(sorted), st.sampled_from(Grain))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_spans_side_by_side_add_up(store: TelemetryStore, cuts: list[int], grain: Grain) -> None:
    first, middle, last = cuts
    apart = counted(store, first, middle, grain) + counted(store, middle, last, grain)
    assert counted(store, first, last, grain) == apart


@given(moments, moments, st.sampled_from(Grain))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whole_minutes_and_what_is_kept_are_counted_to_the_line(
    store: TelemetryStore, start: int, end: int, grain: Grain
) -> None:
    start, end = (one if one >= GONE else one - one % MINUTE_NS for one in sorted((start, end)))
    there = sum(2 for at_ns in TIMES if start <= at_ns and at_ns + 10**9 < end)
    there += sum(1 for at_ns in TIMES if (at_ns < start <= at_ns + 10**9) or (at_ns < end <= at_ns + 10**9))
    assert counted(store, start, end, grain) == there


def test_a_view_of_what_is_gone_is_answered_by_rollups_and_says_so(store: TelemetryStore) -> None:
    with store.cursor() as cursor:
        everything = lines_of(cursor, Everything(), ALL_TIME, NOW)
        month = lines_of(cursor, Everything(), Window("30 d", "", 30 * DAY_NS), NOW)
        lately = lines_of(cursor, Everything(), Window("24 h", "", DAY_NS), NOW)
        for lines in (everything, month):
            assert isinstance(lines, RolledLines)
            assert lines.said.endswith("; single lines are kept since 2026-11-14")
            assert lines.outcomes()["runs"].sum() == LINES + 2 - (0 if lines is everything else 2)
        assert isinstance(lately, EveryLine)
        [(rows,)] = cursor.execute("SELECT count(*) FROM telemetry").fetchall()
        assert 0 < rows < LINES


def test_a_rebuild_gives_the_same_answers(store: TelemetryStore) -> None:
    before = counted(store, TIMES[0], NOW, Grain.HOUR)
    rebuild_rollups(store)
    assert counted(store, TIMES[0], NOW, Grain.HOUR) == before
