"""Loads killed with SIGKILL at random moments, over and over."""

from pathlib import Path

import pytest

from tests.ingest.killing import survives_kills


@pytest.mark.parametrize("seed", range(4))
def test_many_kills(tmp_path: Path, seed: int) -> None:
    survives_kills(tmp_path, kills=20, lines=1_000_000, seed=seed)
