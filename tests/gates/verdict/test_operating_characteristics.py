"""The chance of a false answer, exact, looked at after every job: never more than was promised.

The long version with other intervals beside it is tests/benchmarks/test_operating_characteristics.py.
"""

import pytest

from gates.verdict.defaults import DEFAULT
from tests.gates.verdict.borders import (
    clopper_pearson_failing,
    clopper_pearson_passing,
    failing,
    passing,
    wald_passing,
)
from tests.gates.verdict.looks import at_least, at_most, chance_of_ever

LOOKS = 600
LIMITS = [asks.failures for asks in DEFAULT.steps.values() if asks.failures is not None]
RATES = [*LIMITS, DEFAULT.latency_p50, DEFAULT.latency_p95]
EXPAND = sorted({limits.expand for limits in RATES})
STOP = sorted({limits.stop for limits in RATES})


@pytest.mark.parametrize("limit", EXPAND)
def test_a_rate_at_the_expand_limit_hardly_ever_passes(limit: float) -> None:
    border = passing(limit, DEFAULT.pass_alpha, LOOKS)
    chance = chance_of_ever(at_most(border.__getitem__), limit, LOOKS)
    assert 0 < chance <= DEFAULT.pass_alpha


@pytest.mark.parametrize("limit", EXPAND)
def test_a_worse_rate_passes_even_less(limit: float) -> None:
    border = passing(limit, DEFAULT.pass_alpha, LOOKS)
    rates = [limit, (1 + 3 * limit) / 4 if limit > 0.5 else limit * 1.2, min(0.99, limit * 1.5)]
    chances = [chance_of_ever(at_most(border.__getitem__), rate, LOOKS) for rate in sorted(rates)]
    assert chances == sorted(chances, reverse=True)


@pytest.mark.parametrize("limit", STOP)
def test_a_rate_at_the_stop_limit_hardly_ever_fails(limit: float) -> None:
    border = failing(limit, DEFAULT.fail_alpha, LOOKS)
    chance = chance_of_ever(at_least(border.__getitem__), limit, LOOKS)
    assert 0 < chance <= DEFAULT.fail_alpha


@pytest.mark.parametrize("limit", [0.05, 0.2])
def test_a_fixed_interval_re_read_at_each_job_promises_what_it_does_not_keep(limit: float) -> None:
    """Why not a textbook interval: looked at after every job its 2.5 % become several times as much."""
    exact = clopper_pearson_passing(limit, 0.05, LOOKS)
    assert chance_of_ever(at_most(exact.__getitem__), limit, LOOKS) > 3 * 0.025
    normal = wald_passing(limit, 0.05, LOOKS)
    assert chance_of_ever(at_most(normal.__getitem__), limit, LOOKS) > 0.5
    low = clopper_pearson_failing(limit, 0.05, LOOKS)
    assert chance_of_ever(at_least(low.__getitem__), limit, LOOKS) > 3 * 0.025


def test_a_fault_is_found_and_a_good_step_passes() -> None:
    """Safe is not enough: at canary-1 one in five failing is found, one in two hundred is let go on."""
    stops = failing(0.05, DEFAULT.fail_alpha, LOOKS)
    assert chance_of_ever(at_least(stops.__getitem__), 0.2, 100) > 0.9
    expands = passing(0.2, DEFAULT.pass_alpha, LOOKS)
    assert chance_of_ever(at_most(expands.__getitem__), 0.005, 60) > 0.99


def test_the_exact_chances_agree_with_a_case_done_by_hand() -> None:
    """Two bad of two fail at 5 %: that is the whole chance within two jobs."""
    border = failing(0.05, 0.01, 2)
    assert border == [1, 2, 2]
    assert chance_of_ever(at_least(border.__getitem__), 0.05, 2) == pytest.approx(0.05**2)
