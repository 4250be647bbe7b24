"""Lock files pin every package with hashes and name no host; the pins of pyproject.toml hold in them."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_every_requirement_is_pinned_with_a_hash_and_no_host(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"https?:|file:|--index|--extra-index|--find-links|--trusted-host", text)
    for requirement in re.split(r"\n(?=\S)", text.strip()):
        assert re.match(r"[A-Za-z0-9._-]+(\[[^\]]+\])?==\S+", requirement)
        assert "--hash=sha256:" in requirement


def test_exact_pins_agree_with_the_lock() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(r for extra in project["optional-dependencies"].values() for r in extra),
    ]
    locked = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8").lower()
    for requirement in wanted:
        if "==" in requirement:
            assert f"{requirement.lower()} " in locked, (
                f"run `make lock`: `{requirement}` is not what is locked"
            )


def test_profiles_agree_with_each_other() -> None:
    pin = re.compile(r"^\S+==\S+", re.MULTILINE)
    pins = {path.stem: set(pin.findall(path.read_text(encoding="utf-8"))) for path in LOCKS}
    assert pins["executor"] <= pins["all"] <= pins["dev"]
