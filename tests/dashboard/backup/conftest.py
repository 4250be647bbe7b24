"""One home, made once; every test has its own copy."""

import shutil
from pathlib import Path

import pytest

from gates.home import Home
from tests.dashboard.backup.homes import full_home


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return full_home(tmp_path_factory.mktemp("template")).root


@pytest.fixture
def home(template: Path, tmp_path: Path) -> Home:
    return Home(shutil.copytree(template, tmp_path / "home"))
