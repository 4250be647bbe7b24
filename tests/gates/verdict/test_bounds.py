"""The bounds against the shared vectors, exact arithmetic, and their own laws."""

import json
from fractions import Fraction
from math import comb, exp, log
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.verdict import bounds

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "data" / "vectors" / "verdict.json").read_text(encoding="utf-8")
)
PASS, FAIL = 0.05, 0.01


@pytest.mark.parametrize(("bad", "of", "rate", "evidence"), VECTORS["E_below"])
def test_evidence_below(bad: int, of: int, rate: float, evidence: float) -> None:
    assert exp(bounds.log_e_below(bad, of, rate)) == pytest.approx(evidence, abs=1e-6)


@pytest.mark.parametrize(("bad", "of", "rate", "evidence"), VECTORS["E_above"])
def test_evidence_above(bad: int, of: int, rate: float, evidence: float) -> None:
    assert exp(bounds.log_e_above(bad, of, rate)) == pytest.approx(evidence, abs=1e-6)


@pytest.mark.parametrize(("bad", "of", "bound"), VECTORS["U_at_0.05"])
def test_upper(bad: int, of: int, bound: float) -> None:
    assert bounds.upper(bad, of, PASS) == pytest.approx(bound, abs=5e-7)


@pytest.mark.parametrize(("bad", "of", "bound"), VECTORS["L_at_0.01"])
def test_lower(bad: int, of: int, bound: float) -> None:
    assert bounds.lower(bad, of, FAIL) == pytest.approx(bound, abs=5e-7)


SMALLEST = [
    (float(limit.removeprefix("limit ")), int(bad), of)
    for limit, row in VECTORS["smallest_n_that_passes"].items()
    for bad, of in row.items()
]
LARGEST = [
    (float(limit.removeprefix("stop ")), int(bad), of)
    for limit, row in VECTORS["largest_n_that_still_stops"].items()
    for bad, of in row.items()
]


@pytest.mark.parametrize(("limit", "bad", "of"), SMALLEST)
def test_the_smallest_n_that_passes(limit: float, bad: int, of: int) -> None:
    assert bounds.smallest_passing(bad, limit, PASS) == of
    assert bounds.upper(bad, of, PASS) <= limit < bounds.upper(bad, of - 1, PASS)
    assert bounds.clean_needed(bad, bad, limit, PASS) == of - bad
    assert bounds.clean_needed(bad, of, limit, PASS) == 0


@pytest.mark.parametrize(("limit", "bad", "of"), LARGEST)
def test_the_largest_n_that_still_stops(limit: float, bad: int, of: int) -> None:
    assert bounds.fails(bad, of, limit, FAIL)
    assert not bounds.fails(bad, of + 1, limit, FAIL)
    assert bounds.lower(bad, of, FAIL) > limit >= bounds.lower(bad, of + 1, FAIL)


def test_every_vector_is_used_somewhere() -> None:
    """A vector that is added and tested nowhere fails here."""
    assert VECTORS.keys() == {
        "source", "E_below", "E_above", "U_at_0.05", "L_at_0.01", "smallest_n_that_passes",
        "largest_n_that_still_stops",
        "sample_ratio_M",  # test_sample_ratio.py
        "percentile_nearest_rank",  # tests of the evidence
        "default_limits", "latency",  # test_thresholds.py
        "silence_limit_minutes_by_lines_per_hour",  # test_silence.py
    }  # fmt: skip


def exact_evidence(bad: int, of: int, rate: Fraction) -> tuple[float, float]:
    """Both logarithms in exact arithmetic: the incomplete beta integral is a binomial tail."""
    mass = Fraction(1, (of + 1) * comb(of, bad))
    terms = [comb(of + 1, j) * rate**j * (1 - rate) ** (of + 1 - j) for j in range(of + 2)]
    below = sum(terms[bad + 1 :], Fraction(0))
    likelihood = rate**bad * (1 - rate) ** (of - bad)
    return (
        log_of(mass * below / (rate * likelihood)),
        log_of(mass * (1 - below) / ((1 - rate) * likelihood)),
    )


def log_of(value: Fraction) -> float:
    shift = value.numerator.bit_length() - value.denominator.bit_length()
    return log(value / Fraction(2) ** shift) + shift * log(2)


@pytest.mark.parametrize(
    ("bad", "of", "rate"),
    [
        (0, 0, Fraction(1, 2)), (0, 1, Fraction(1, 20)), (1, 1, Fraction(1, 20)), (7, 40, Fraction(1, 10)),
        (300, 400, Fraction(1, 100)), (400, 400, Fraction(1, 10)), (0, 400, Fraction(9, 10)),
        (2, 400, Fraction(99, 100)), (399, 400, Fraction(1, 1000)), (200, 400, Fraction(1, 2)),
    ],
    ids=str,
)  # fmt: skip
def test_both_evidences_in_exact_arithmetic(bad: int, of: int, rate: Fraction) -> None:
    """Far tails are below the smallest double there: (300, 400) at 1 % is 10^-510."""
    below, above = exact_evidence(bad, of, rate)
    assert bounds.log_e_below(bad, of, float(rate)) == pytest.approx(below, rel=1e-9, abs=1e-9)
    assert bounds.log_e_above(bad, of, float(rate)) == pytest.approx(above, rel=1e-9, abs=1e-9)


COUNTS = st.integers(0, 10**7).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))
ALPHAS = st.sampled_from((0.2, 0.05, 0.01, 0.001, 1e-6))
RATES = st.floats(1e-6, 1 - 1e-6)


@given(COUNTS, ALPHAS)
def test_the_bounds_enclose_what_was_seen(counts: tuple[int, int], alpha: float) -> None:
    bad, of = counts
    low, high = bounds.lower(bad, of, alpha), bounds.upper(bad, of, alpha)
    assert 0 <= low <= high <= 1
    if of:
        assert low <= bad / of <= high


@given(COUNTS, RATES, ALPHAS)
def test_one_more_unit_moves_the_answer_one_way(counts: tuple[int, int], rate: float, alpha: float) -> None:
    """Good ones never end a PASS nor make a FAIL; bad ones never make a PASS nor end a FAIL."""
    bad, of = counts
    for good in (1, 100):
        assert bounds.passes(bad, of + good, rate, alpha) or not bounds.passes(bad, of, rate, alpha)
        assert bounds.fails(bad, of, rate, alpha) or not bounds.fails(bad, of + good, rate, alpha)
    for worse in (1, 100):
        assert bounds.passes(bad, of, rate, alpha) or not bounds.passes(bad + worse, of + worse, rate, alpha)
        assert bounds.fails(bad + worse, of + worse, rate, alpha) or not bounds.fails(bad, of, rate, alpha)


@given(COUNTS, RATES, ALPHAS)
def test_the_answers_are_the_bounds(counts: tuple[int, int], rate: float, alpha: float) -> None:
    bad, of = counts
    low, high = bounds.lower(bad, of, alpha), bounds.upper(bad, of, alpha)
    if abs(high - rate) > 1e-9:
        assert bounds.passes(bad, of, rate, alpha) == (of > 0 and high <= rate)
    if abs(low - rate) > 1e-9:
        assert bounds.fails(bad, of, rate, alpha) == (low > rate)


@given(
    st.integers(0, 500).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))),
    st.sampled_from((0.02, 0.05, 0.2, 0.6)),
)
def test_what_is_needed_is_the_smallest_that_does(counts: tuple[int, int], limit: float) -> None:
    bad, of = counts
    more = bounds.clean_needed(bad, of, limit, PASS)
    assert bounds.passes(bad, of + more, limit, PASS)
    assert more == 0 or not bounds.passes(bad, of + more - 1, limit, PASS)
    worse = bounds.bad_until_fail(bad, of, limit, FAIL)
    assert bounds.fails(bad + worse, of + worse, limit, FAIL)
    assert worse == 0 or not bounds.fails(bad + worse - 1, of + worse - 1, limit, FAIL)


def test_nothing_measured_rules_nothing_out() -> None:
    assert (bounds.lower(0, 0, FAIL), bounds.upper(0, 0, PASS)) == (0, 1)
    assert not bounds.passes(0, 0, 0.999999, 0.2)
    assert not bounds.fails(0, 0, 1e-6, 0.2)


@pytest.mark.parametrize("of", [1, 10, 10**7])
def test_all_bad_and_none_bad(of: int) -> None:
    assert bounds.upper(of, of, PASS) == 1
    assert bounds.lower(0, of, FAIL) == 0
    assert 0 < bounds.upper(0, of, PASS) < 1
    assert 0 < bounds.lower(of, of, FAIL) < 1
