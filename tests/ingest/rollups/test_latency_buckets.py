"""Buckets hold what their bounds say, and no latency is further from its value than is said."""

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.rollups.latency_buckets import BUCKETS, ERROR, bucket_of, value_of
from tests.ingest.rollups.content import BOUNDS

LATENCIES = st.lists(st.floats(0.001, 1e9), min_size=1, max_size=50)


def values(latencies: list[float]) -> list[float]:
    found: list[float] = value_of(bucket_of(np.array(latencies))).tolist()
    return found


def test_values_are_those_that_sql_finds() -> None:
    """As docs/file-formats.md has them for whoever reads the tables."""
    [(found,)] = duckdb.execute(
        f"SELECT list(power(1.02::DOUBLE, n - 349.5) ORDER BY n) FROM range(1, {BUCKETS}) r(n)"
    ).fetchall()
    assert value_of(np.arange(BUCKETS)).tolist() == [0.0, *found]
    assert len(BOUNDS) + 1 == BUCKETS


@given(LATENCIES)
def test_a_value_is_within_the_error_of_all_that_is_in_its_bucket(latencies: list[float]) -> None:
    for latency, value in zip(latencies, values(latencies), strict=True):
        assert abs(value - latency) <= ERROR * latency


@given(LATENCIES, st.sampled_from([50, 95, 99]))
def test_a_nearest_rank_of_values_is_within_the_error_of_the_exact_one(
    latencies: list[float], percent: int
) -> None:
    rank = -(-percent * len(latencies) // 100) - 1
    exact = sorted(latencies)[rank]
    assert abs(sorted(values(latencies))[rank] - exact) <= ERROR * exact


def test_what_no_run_takes_has_buckets_too() -> None:
    assert bucket_of(np.array([0.0, 5e-324, 0.0009])).tolist() == [0, 0, 0]
    assert bucket_of(np.array([1e300, 1.7976931348623157e308])).tolist() == [len(BOUNDS)] * 2
    assert values([0.0]) == [0.0]


@pytest.mark.parametrize("number", [0, 1, 349, len(BOUNDS) - 1])
def test_a_bound_belongs_to_the_bucket_below_it(number: int) -> None:
    bound = BOUNDS[number]
    assert bucket_of(np.array([bound, np.nextafter(bound, np.inf)])).tolist() == [number, number + 1]


def test_the_bucket_is_that_which_a_search_through_the_bounds_finds() -> None:
    bounds = np.array(BOUNDS)
    around = np.concatenate([np.nextafter(bounds, 0), bounds, np.nextafter(bounds, np.inf)])
    latencies = np.concatenate([around, np.arange(20_000) / 7, [0.0, np.inf]])
    assert bucket_of(latencies).tolist() == np.searchsorted(bounds, latencies).tolist()
