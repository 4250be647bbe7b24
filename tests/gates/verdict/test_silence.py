"""Silence and volume: the vectors, and which way they err."""

import json
from math import exp, inf, log
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gates.verdict.defaults import DEFAULT
from gates.verdict.silence import log_evidence_of_drop, silence_limit_s

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "data" / "vectors" / "verdict.json").read_text(encoding="utf-8")
)["silence_limit_minutes_by_lines_per_hour"]


@pytest.mark.parametrize(("pace", "minutes"), [(k, v) for k, v in VECTORS.items() if k != "formula"])
def test_the_vectors(pace: str, minutes: float) -> None:
    found = silence_limit_s(float(pace), DEFAULT.silence_min_s, DEFAULT.silence_horizon_s)
    assert found / 60 == pytest.approx(minutes, abs=0.005)


def test_a_fast_stream_is_never_silent_within_five_minutes() -> None:
    assert silence_limit_s(1e9, DEFAULT.silence_min_s, DEFAULT.silence_horizon_s) == 300


def test_where_nothing_comes_no_silence_is_too_long() -> None:
    assert silence_limit_s(0, DEFAULT.silence_min_s, DEFAULT.silence_horizon_s) == inf


def test_a_line_a_month_may_be_silent_for_a_month() -> None:
    assert silence_limit_s(1 / 720, 300, 30 * 86_400) == pytest.approx(30 * 86_400)


@given(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6))
def test_more_lines_allow_less_silence(one: float, other: float) -> None:
    slow, fast = sorted((one, other))
    limits = [silence_limit_s(p, 300, 30 * 86_400) for p in (slow, fast)]
    assert limits[0] >= limits[1] * (1 - 1e-9)


def test_evidence_of_a_drop_in_closed_form() -> None:
    assert log_evidence_of_drop(0, 8) == pytest.approx(log((exp(8) - 1) / 8))
    assert log_evidence_of_drop(1, 3) == pytest.approx(log(exp(3) / 9 * (1 - 4 * exp(-3))))


def test_no_expectation_is_no_evidence() -> None:
    assert log_evidence_of_drop(0, 0) == 0
    assert log_evidence_of_drop(10**6, 10) == -inf


@example(9_993, 6_632.0)  # a share of the chance that is too small for all digits of a double
@given(st.integers(0, 10_000), st.floats(0.01, 10_000))
def test_another_job_is_never_evidence_of_a_drop(jobs: int, expected: float) -> None:
    before, after = log_evidence_of_drop(jobs, expected), log_evidence_of_drop(jobs + 1, expected)
    assert after <= before + 1e-6


def test_the_chance_of_ever_alarming_at_the_full_pace_is_small() -> None:
    """Exact but for the grid: a Poisson stream looked at every hundredth of the mean gap, for 60 gaps.

    The alarm at 200 may sound with probability 1/200 at most.
    """
    step, limit, alarmed = 0.01, log(200), 0.0
    come = 1 - exp(-step)
    alive = {0: 1.0}
    for look in range(1, 6001):
        after: dict[int, float] = {}
        for jobs, chance in alive.items():
            after[jobs] = after.get(jobs, 0.0) + chance * (1 - come)
            after[jobs + 1] = after.get(jobs + 1, 0.0) + chance * come
        if look % 10 == 0:
            alarms = {jobs for jobs in after if log_evidence_of_drop(jobs, look * step) >= limit}
            alarmed += sum(after.pop(jobs) for jobs in alarms)
        alive = {jobs: chance for jobs, chance in after.items() if chance > 1e-15}
    assert alarmed <= 1 / 200
