"""What the security model claims of codes and files exists under that name."""

from pathlib import Path

from gates.changes.convergence import UNREVIEWED

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "security-model.md").read_text(encoding="utf-8")


def test_the_tests_it_names_are_there() -> None:
    for folder in ("tests/gates/changes", "tests/machines", "tests/gates/controls"):
        assert folder in TEXT
        assert list((ROOT / folder).glob("test_*.py"))


def test_the_code_it_names_is_one_of_ours() -> None:
    assert UNREVIEWED in TEXT
