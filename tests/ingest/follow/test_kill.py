"""A follow killed with SIGKILL at full speed loses and doubles nothing; `make soak` kills many more."""

from pathlib import Path

from tests.ingest.follow.killing import survives_kills


def test_a_few_kills(tmp_path: Path) -> None:
    assert survives_kills(tmp_path, kills=2, seed=5) > 0
