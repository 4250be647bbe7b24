"""A load killed with SIGKILL loses nothing and doubles nothing; `make soak` kills many more."""

from pathlib import Path

from tests.ingest.killing import survives_kills


def test_a_few_kills(tmp_path: Path) -> None:
    survives_kills(tmp_path, kills=4, lines=150_000, seed=4)
