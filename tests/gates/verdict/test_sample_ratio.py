"""Lines lost from one arm: the vectors, and that chance alone rarely makes an alarm."""

import json
from math import inf, log
from pathlib import Path
from typing import Any

import pytest

from gates.verdict.sample_ratio import evidence, log_evidence

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "data" / "vectors" / "verdict.json").read_text(encoding="utf-8")
)["sample_ratio_M"]


@pytest.mark.parametrize(("admitted", "reached", "share", "expected"), VECTORS["values"])
def test_the_vectors(admitted: int, reached: int, share: float, expected: float) -> None:
    assert evidence(admitted, reached, share, 20) == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_nothing_seen_says_nothing() -> None:
    assert evidence(0, 0, 0.3, 20) == 1


@pytest.mark.parametrize(("admitted", "share"), [(1, 0.0), (99, 1.0)])
def test_a_share_of_all_or_none_allows_no_exception(admitted: int, share: float) -> None:
    assert evidence(admitted, 100, share, 20) == inf
    assert evidence(round(100 * share), 100, share, 20) == 1


def test_ten_million_jobs_do_not_overflow() -> None:
    assert evidence(10**6, 10**7, 0.25, 20) == inf
    assert evidence(2_500_000, 10**7, 0.25, 20) < 1


def test_the_chance_of_ever_alarming_without_a_loss_is_small() -> None:
    """Exact: every path of 600 jobs at a share of 10 %, looked at after each one."""
    share, limit, alarmed = 0.1, log(200), 0.0
    alive = {0: 1.0}
    for reached in range(1, 601):
        after: dict[int, float] = {}
        for admitted, chance in alive.items():
            for more, part in ((0, 1 - share), (1, share)):
                after[admitted + more] = after.get(admitted + more, 0.0) + chance * part
        alive = {}
        for admitted, chance in after.items():
            if log_evidence(admitted, reached, share, 20) >= limit:
                alarmed += chance
            else:
                alive[admitted] = chance
    assert alarmed <= 1 / 200


@pytest.mark.parametrize(("lost", "jobs"), [(0.3, 4000), (0.5, 1300), (1.0, 150)])
def test_a_loss_is_seen_within_so_many_jobs(lost: float, jobs: int) -> None:
    """30 % of the openai lines gone at a share of 10 %: seen within 4,000 jobs that reached the bucket."""
    kept, excluded = jobs * 0.1 * (1 - lost), jobs * 0.9
    assert evidence(round(kept), round(kept + excluded), 0.1, 20) >= 200
