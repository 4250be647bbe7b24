"""Lines lost from one arm: when a loss shows, when it cannot, and that nothing shows where none is lost."""

import random
import uuid
from collections.abc import Callable, Sequence
from math import log
from typing import Any

import pytest

from gates.decision.bucket import BUCKETS, bucket
from gates.verdict.sample_ratio import log_evidence
from ingest.evidence.expected_share import expected_share, shows_from
from tests.ingest.evidence.homes import SECOND, Home, in_force, line, stub

LIMIT, WEIGHT = 200.0, 20.0
UNSEEN = (0,) * BUCKETS
EVEN = (40,) * BUCKETS


def ids(count: int, seed: int = 1) -> list[str]:
    chance = random.Random(seed)
    return [str(uuid.UUID(int=chance.getrandbits(128))) for _ in range(count)]


def first_alarm(jobs: Sequence[str], percent: int, lost: float, seen: Sequence[int], seed: int) -> int | None:
    """After how many jobs at the bucket a loss of openai lines shows."""
    chance = random.Random(seed)
    expected = expected_share(seen, percent)
    admitted = reached = 0
    for job in jobs:
        is_admitted = bucket(job) < percent
        if is_admitted and chance.random() < lost:
            continue
        admitted, reached = admitted + is_admitted, reached + 1
        share = expected.nearest(admitted / reached)
        if log_evidence(admitted, reached, share, WEIGHT) >= log(LIMIT):
            return reached
    return None


def test_a_loss_of_a_third_shows_within_the_stated_number_of_jobs() -> None:
    """At 50 %: 743 jobs at the bucket after 4,000 jobs seen whatever their bucket, 1,661 after none."""
    assert shows_from(expected_share(EVEN, 50), LIMIT, WEIGHT) == 743
    assert shows_from(expected_share(UNSEEN, 50), LIMIT, WEIGHT) == 1_661
    for seen, most in ((EVEN, 2 * 743), (UNSEEN, 2 * 1_661)):
        alarms = [first_alarm(ids(6_000, seed), 50, 0.3, seen, seed) for seed in range(20)]
        assert all(alarm is not None and alarm <= most for alarm in alarms), alarms


@pytest.mark.parametrize("percent", [1, 5, 10, 25, 50])
def test_nothing_shows_where_nothing_is_lost(percent: int) -> None:
    for seed in range(20):
        assert first_alarm(ids(4_000, seed), percent, 0.0, UNSEEN, seed) is None


def test_seen_jobs_correct_the_hash() -> None:
    """Ids that fall into the lower half alone: admitting all of them at 50 % is no loss of stubs."""
    lower = (80,) * 50 + (0,) * 50
    assert expected_share(lower, 50).share == pytest.approx(0.9)
    assert expected_share(lower, 50).nearest(1.0) < 1.0
    assert expected_share(UNSEEN, 50).nearest(0.5) == 0.5


def test_more_seen_jobs_narrow_what_is_plausible_but_not_for_ever() -> None:
    widths = [found.high - found.low for n in (0, 5, 40, 4_000) for found in [expected_share((n,) * 100, 10)]]
    assert widths[0] > widths[1] > widths[2] == pytest.approx(widths[3])


def test_dropped_openai_lines_are_found(make_home: Callable[..., Home]) -> None:
    """Lines of all jobs under the kill before, then 30 % of the openai lines are lost at 50 %."""
    home = make_home(in_force(1, kill=True), in_force(2, 1_000))
    before, jobs = ids(4_000, 3), ids(1_500, 4)
    chance = random.Random(5)
    lines = [stub(job, "KILL_SWITCH", n / 10) for n, job in enumerate(before)]
    for n, job in enumerate(jobs):
        if bucket(job) >= 50:
            lines.append(stub(job, after_s=1_001 + n))
        elif chance.random() >= 0.3:
            lines.append(line(job, after_s=1_001 + n))
    home.put(lines)
    sample = home.ask(2).sample
    assert sample.visible
    assert sample.expected_share is not None
    assert sample.why is None
    assert log_evidence(sample.admitted, sample.reached, sample.expected_share, WEIGHT) >= log(LIMIT)


def test_jobs_at_the_bucket(home: Home) -> None:
    home.put(
        [
            line("twice"),
            line("twice", after_s=61, code="OPENAI_HTTP_ERROR"),
            stub("excluded"),
            stub("refused", "NOT_ALLOWLISTED"),
            line("impossible", status="STUB"),
            stub("probe:1"),
        ]
    )
    sample = home.ask().sample
    assert (sample.reached, sample.admitted, sample.visible) == (2, 1, False)
    assert sample.why == "a loss of 30 % shows from about 1,648 jobs at the bucket on; 2 were seen"


def test_all_openai_lines_lost_shows_where_a_third_would_not(home: Home) -> None:
    home.put([stub(job, after_s=1 + n) for n, job in enumerate(ids(40))])
    sample = home.ask().sample
    assert (sample.reached, sample.admitted, sample.visible) == (40, 0, True)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"percent": 0}, "0 % admits nobody"),
        ({"percent": 100}, "100 % excludes nobody"),
        ({"percent": 0, "zero_admits": "everyone"}, "100 % excludes nobody"),
        ({"kill": True}, "no job can reach its bucket"),
        ({"feature": False}, "no job can reach its bucket"),
        ({"allowlist": False}, "no job can reach its bucket"),
    ],
)
def test_where_there_is_nothing_to_compare(
    make_home: Callable[..., Home], changes: dict[str, Any], why: str
) -> None:
    sample = make_home(in_force(1, **changes)).ask().sample
    assert (sample.visible, sample.expected_share) == (False, None)
    assert sample.why is not None
    assert why in sample.why


def test_at_one_percent_a_third_never_shows(make_home: Callable[..., Home]) -> None:
    sample = make_home(in_force(1, percent=1)).ask().sample
    assert sample.why is not None
    assert "at 1 % a loss of 30 % is within what 0 jobs" in sample.why


def test_job_specs_are_seen_whatever_the_bucket_is(home: Home) -> None:
    low = [job for job in ids(3_000) if bucket(job) < 50][:1_000]
    with home.store.transaction() as cursor:
        cursor.executemany(
            "INSERT INTO job_spec VALUES (?, true, 1, ?)",
            [(job, 10 * SECOND + 1_790_000_000 * SECOND) for job in low],
        )
    home.put(stub("x"))
    share = home.ask().sample.expected_share
    assert share is not None
    assert share > 0.6
