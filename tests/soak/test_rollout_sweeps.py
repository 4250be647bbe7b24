"""The planted faults over many seeds: how often they are found in time, and how often a clean twin alarms."""

import os
import tempfile
from pathlib import Path

import pytest

from gates.verdict.words import VerdictWord
from tests.simulations.rollout import Rollout
from tests.simulations.scenarios import SCENARIOS, Scenario

SEEDS = int(os.environ.get("SLOTGATE_SOAK_SEEDS", "100"))
LOOKS = 6
# Alarms of a clean rollout are promised to be rare, not never: 1 % for each kind of FAIL, 0.5 % for a ratio.
MISSED, ALARMED = 0.03, 0.03


def _run(scenario: Scenario, seed: int, *, faulty: bool) -> bool:
    """Whether it was named, of a faulty one; whether it raised anything, of a clean one."""
    with tempfile.TemporaryDirectory() as folder, Rollout(Path(folder) / "home", f"soak {seed}") as rollout:
        executors = scenario.begin(rollout, f"soak {seed}", faulty=faulty)
        for _ in range(LOOKS):
            rollout.run(executors, -(-scenario.jobs // LOOKS), scenario.an_hour)
            review = rollout.review()
            if faulty:
                assert review.word is not VerdictWord.EXPAND or not scenario.named(review)
            if scenario.named(review) if faulty else review.raised:
                return True
    return False


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[one.name for one in SCENARIOS])
def test_over_many_seeds(scenario: Scenario) -> None:
    missed = [seed for seed in range(SEEDS) if not _run(scenario, seed, faulty=True)]
    alarmed = [seed for seed in range(SEEDS) if _run(scenario, seed, faulty=False)]
    print(f"\n{scenario.name}: missed in {len(missed)}, alarmed in {len(alarmed)} of {SEEDS} runs")
    assert len(missed) <= MISSED * SEEDS, missed
    assert len(alarmed) <= ALARMED * SEEDS, alarmed
