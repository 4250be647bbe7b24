"""Uneven id schemes are named when the jobs seen show it, and even ones are not."""

import random
from collections.abc import Iterable
from math import comb

import pytest

from gates.decision.bucket import bucket
from gates.verdict.bucket_health import bucket_health

LADDER = (1, 5, 10, 25, 50, 100)


def counted(ids: Iterable[str]) -> list[int]:
    buckets = [0] * 100
    for job_id in ids:
        buckets[bucket(job_id)] += 1
    return buckets


def isbn_13(number: int) -> str:
    digits = f"97800{number:07}"
    weighted = sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"


def test_isbn_13_reaches_half_of_the_buckets() -> None:
    health = bucket_health(counted(isbn_13(n) for n in range(400)), LADDER)
    assert health.uneven == "50 of 100 buckets are empty"
    assert health.words.startswith("uneven: of 400 distinct jobs, 50 of 100 buckets are empty; exactly, ")


def test_sequential_ids_come_in_runs() -> None:
    """The ids of CONTRACTS section 6: 73 of them, and 10 % admits far from 7."""
    health = bucket_health(counted(f"job-{n:04}" for n in range(73)), LADDER)
    assert health.uneven == "the 61 buckets hit lie in 4 runs"
    assert {a.percent: a.jobs for a in health.admits} == {1: 1, 5: 8, 10: 13, 25: 15, 50: 45, 100: 73}


def test_a_crowded_bucket() -> None:
    health = bucket_health([3] * 42 + [40] + [3] * 57, LADDER)
    assert health.uneven == "bucket 42 holds 40 of them"


def test_a_general_lean() -> None:
    health = bucket_health([14] * 50 + [8] * 50, LADDER)
    assert health.uneven == "50 % of the buckets hold 64 % of them"


def test_no_job_says_nothing() -> None:
    health = bucket_health([0] * 100, LADDER)
    assert (health.uneven, health.words) == (None, "no job seen: nothing is known of the buckets")
    assert [a.share for a in health.admits] == [None] * 6


def test_few_jobs_are_said_to_be_few() -> None:
    health = bucket_health([1] * 12 + [0] * 88, LADDER)
    assert (
        "in 12 distinct jobs; so few show only gross unevenness"
        in bucket_health(counted(str(n * 7919) for n in range(12)), LADDER).words
    )
    assert health.uneven == "the 12 buckets hit lie in 1 run"


def test_the_shares_are_exact() -> None:
    health = bucket_health([2, 0, 1, *[0] * 97], (1, 2, 3, 100))
    assert [(a.percent, a.jobs) for a in health.admits] == [(1, 2), (2, 2), (3, 3), (100, 3)]
    assert [a.share for a in health.admits] == [2 / 3, 2 / 3, 1, 1]


def test_chance_alone_is_rarely_called_uneven() -> None:
    """2,000 even schemes: at the 0.1 % the four tests share, 2 are expected and more than 10 are absurd."""
    source = random.Random(31)
    called = 0
    for _ in range(2000):
        buckets = [0] * 100
        for _ in range(source.choice((5, 20, 73, 200, 600))):
            buckets[source.randrange(100)] += 1
        called += bucket_health(buckets, LADDER).uneven is not None
    assert called <= 10


@pytest.mark.parametrize(("hit", "runs"), [(1, 1), (30, 12), (61, 4), (99, 1)])
def test_the_chance_of_runs_is_a_distribution(hit: int, runs: int) -> None:
    """Every set of `hit` buckets around the circle is counted once."""
    ways = [
        100 * comb(hit - 1, j - 1) * comb(99 - hit, j - 1) // j for j in range(1, min(hit, 100 - hit) + 1)
    ]
    assert sum(ways) == comb(100, hit)
    assert runs <= len(ways)


def test_it_wants_a_hundred_buckets() -> None:
    with pytest.raises(ValueError, match="100 buckets"):
        bucket_health([1, 2], LADDER)
