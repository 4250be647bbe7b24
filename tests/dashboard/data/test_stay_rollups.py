"""What rollups say of stays is what their lines say: counts to the line, latencies within 1 %."""

from collections.abc import Hashable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.data.cached.stages import detail_of, in_lines_of
from dashboard.data.in_lines import each, nearest_rank, shares
from dashboard.data.stage_detail import STEPS_DRAWN, detail
from dashboard.data.stages import figures, listed
from dashboard.data.stay_closely import detail_in_lines
from dashboard.data.stay_rollups import in_lines
from dashboard.server.seat import Seat
from tests.dashboard.data.test_stages import NOW, fill
from tests.dashboard.record import HOUR_NS, SECOND_NS, sample_seat


@pytest.fixture(scope="module", params=["home", "brought in"])
def seat(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seat]:
    folder: Path = tmp_path_factory.mktemp("stays")
    found = fill(folder) if request.param == "home" else sample_seat(folder)
    yield found
    found.store.close()


def test_every_stay_in_lines(seat: Seat) -> None:
    with seat.store.cursor() as cursor:
        stays = [one.stay for one in listed(cursor)]
        rolled = in_lines(cursor, stays)
        exact = [figures(cursor, stay, NOW).in_lines for stay in stays]
        assert in_lines(cursor, stays[1:2]) == rolled[1:2]
        assert in_lines(cursor, ()) == ()
    assert [one.outcomes for one in rolled] == [one.outcomes for one in exact]
    assert sum(one.runs for one in rolled) > 100
    for one, other in zip(rolled, exact, strict=True):
        assert one.points == pytest.approx(other.points, rel=0.01)
        assert [value is None for value in one.three] == [value is None for value in other.three]
        assert [value or 0 for value in one.three] == pytest.approx(
            [value or 0 for value in other.three], rel=0.01
        )
        assert "from rollups: lines exact, latencies within 1 %" in one.said


def rows_of(frame: pd.DataFrame) -> list[dict[Hashable, object]]:
    return [
        {name: None if pd.isna(value) else value for name, value in row.items()}
        for row in frame.to_dict("records")
    ]


def test_every_stay_closely(seat: Seat) -> None:
    with seat.store.cursor() as cursor:
        for one in listed(cursor):
            rolled, exact = detail_in_lines(cursor, one.stay), detail(cursor, one.stay)
            assert rows_of(rolled.outcomes) == rows_of(exact.outcomes.drop(columns="jobs"))
            counts = ["executor_version", "runs", "openai", "failed"]
            assert rolled.versions[counts].equals(exact.versions[counts])
            assert (rolled.hours, rolled.model_hours) == (exact.hours, exact.model_hours)
            if exact.first_ns is not None and rolled.first_ns is not None:
                assert 0 <= exact.first_ns - rolled.first_ns < 60 * SECOND_NS
            assert list(rolled.distribution) == list(exact.distribution)
            assert set(rolled.distribution["calls"]) == set(exact.distribution["calls"])
            for _, point in rolled.distribution.iterrows():  # each of them is a point of the exact curve
                below = exact.distribution[exact.distribution["seconds"] <= point["seconds"] * 1.01 + 1e-9]
                assert below.empty or below["share"].max() >= point["share"] - 1 / STEPS_DRAWN


def test_a_stay_whose_lines_are_gone_shows_what_was_counted_of_them(tmp_path: Path) -> None:
    seat = fill(tmp_path)
    until_ns = NOW - 5 * HOUR_NS
    with seat.store.cursor() as cursor:
        before = {one.name: one for one in listed(cursor)}
        (counted,) = in_lines(cursor, [before["canary-5@1"].stay])
    assert not any(one.rolled or one.gone_before_ns for one in before.values())
    with seat.store.transaction() as cursor:
        cursor.execute("DELETE FROM telemetry WHERE line_time_ns < ?", [until_ns])
        cursor.execute("UPDATE retention_state SET gone_before_ns = ?", [until_ns])
    with seat.store.cursor() as cursor:
        after = {one.name: one for one in listed(cursor)}
        assert figures(cursor, after["canary-5@1"].stay, NOW).in_lines.runs == 0
    old, kept = after["canary-5@1"], after["expand-10@2"]
    assert (old.rolled, old.gone_before_ns, old.lines) == (True, until_ns, 19)
    assert (kept.rolled, kept.gone_before_ns, kept.lines) == (False, None, 106)
    assert in_lines_of(seat.store, (old,), NOW) == {old: counted}
    assert in_lines_of(seat.store, (), NOW) == {}
    found = detail_of(seat.store, old, NOW, 0)
    assert found is not None
    assert int(found.outcomes["runs"].sum()) == 19
    seat.store.close()


LATENCIES = st.dictionaries(st.sampled_from([0.0, 0.5, 1.0, 2.0, 7.0, 9.0]), st.integers(1, 40)).map(
    lambda counts: sorted(counts.items())
)


@given(LATENCIES, st.sampled_from([50, 95, 99]))
def test_nearest_rank_is_that_of_the_latencies(latencies: list[tuple[float, int]], of: int) -> None:
    values = list(each(latencies))
    rank = -(-len(values) * of // 100)
    assert nearest_rank(latencies, of) == (values[rank - 1] if values else None)


@given(LATENCIES, st.integers(1, 300))
def test_a_curve_is_of_true_points_and_ends_with_all(latencies: list[tuple[float, int]], steps: int) -> None:
    values, curve = list(each(latencies)), shares(latencies, steps)
    assert len(curve) <= steps
    assert all(sum(value <= ms for value in values) / len(values) == share for ms, share in curve)
    assert curve == sorted(set(curve))
    assert (curve[-1][1] if curve else None) == (1.0 if values else None)
