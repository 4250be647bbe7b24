"""Many more worlds of files and followers; a follow killed 200 times."""

from pathlib import Path

from hypothesis import settings

from tests.ingest.follow.killing import survives_kills
from tests.machines.test_following import Following


class LongFollowing(Following):
    """As in the suite."""


LongFollowing.TestCase.settings = settings(
    Following.TestCase.settings, max_examples=1_000, stateful_step_count=50
)
TestLongFollowing = LongFollowing.TestCase


def test_two_hundred_kills(tmp_path: Path) -> None:
    written = survives_kills(tmp_path, kills=200, seed=200)
    print(f"{written:,} lines, 200 kills: none lost, none doubled")
