"""Each planted fault is found, named, and found soon; its clean twin raises nothing meanwhile."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from gates.verdict.verdict import HoldCode
from gates.verdict.words import VerdictWord
from tests.simulations.executors import Executor
from tests.simulations.rollout import Rollout
from tests.simulations.scenarios import SCENARIOS, Scenario

LOOKS = 3
EACH = pytest.mark.parametrize("scenario", SCENARIOS, ids=[one.name for one in SCENARIOS])
TWINS = [
    [one for one in SCENARIOS if one.without_fault == twin]
    for twin in dict.fromkeys(one.without_fault for one in SCENARIOS)
]
SEEDS = pytest.mark.parametrize("seed", [1, 2])


@SEEDS
@EACH
def test_a_planted_fault_is_found_and_named(tmp_path: Path, scenario: Scenario, seed: int) -> None:
    with Rollout(tmp_path / "home", seed) as rollout:
        executors = scenario.begin(rollout, seed, faulty=True)
        for _ in range(LOOKS):
            rollout.run(executors, -(-scenario.jobs // LOOKS), scenario.an_hour)
            review = rollout.review()
            assert review.word is not VerdictWord.EXPAND
            if scenario.named(review):
                return
        pytest.fail(f"not found in {scenario.jobs} jobs:\n{review.why}")


@pytest.mark.parametrize("twins", TWINS, ids=[" and ".join(one.name for one in twins) for twins in TWINS])
def test_its_clean_twin_raises_nothing(tmp_path: Path, twins: Sequence[Scenario]) -> None:
    """Where faults have the same twin, it runs once."""
    scenario = twins[0]
    with Rollout(tmp_path / "home", seed=1) as rollout:
        executors = scenario.begin(rollout, seed=1, faulty=False)
        for _ in range(LOOKS):
            rollout.run(executors, -(-scenario.jobs // LOOKS), scenario.an_hour)
            review = rollout.review()
            assert review.raised == ()
            for one in twins:
                assert not one.named(review), one.name


@SEEDS
def test_an_executor_that_goes_silent(tmp_path: Path, seed: int) -> None:
    """Found before sixteen jobs are missing: at 120 an hour chance explains less than eight minutes."""
    with Rollout(tmp_path / "home", seed) as rollout:
        executor = Executor("a", seed=seed)
        rollout.begin(executor)
        rollout.run(executor, 200)
        assert rollout.review().raised == ()
        rollout.pass_s(16 * 30)
        found = rollout.review()
        assert found.holds == (HoldCode.SILENCE,)
        assert found.word is VerdictWord.HOLD
        rollout.run(executor, 1)
        assert rollout.review().raised == ()
