"""The mutation allowlist as a file: missing is every enumerated route, wrong is none."""

import json
from pathlib import Path

import pytest

from gates.tasks.mutations import EVERY_ROUTE, allowed_routes, problem_of
from gates.tasks.policy.actions import MUTATIONS

GOOD = {"version": "task-mutations.v1", "allow": ["/api/tasks/create", "/api/none"]}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mutations.json"


def test_without_a_file_every_enumerated_route(path: Path) -> None:
    assert allowed_routes(path) == EVERY_ROUTE == set(MUTATIONS)


def test_what_is_listed_and_nothing_else(path: Path) -> None:
    path.write_text(json.dumps(GOOD))
    path.chmod(0o600)
    assert allowed_routes(path) == {"/api/tasks/create", "/api/none"}
    path.write_text(json.dumps({**GOOD, "allow": []}))
    assert allowed_routes(path) == frozenset()


OTHERS = ({**GOOD, "version": "v2"}, {**GOOD, "more": 1}, {**GOOD, "allow": "*"})


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", *map(json.dumps, OTHERS)])
def test_a_file_that_cannot_be_understood_allows_nothing(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o600)
    assert allowed_routes(path) == frozenset()
    assert "no route may change a task" in str(problem_of(path))


def test_neither_does_one_that_others_may_write_nor_what_is_no_file(path: Path) -> None:
    path.write_text(json.dumps(GOOD))
    path.chmod(0o622)
    assert allowed_routes(path) == frozenset()
    path.unlink()
    path.mkdir()
    assert allowed_routes(path) == frozenset()
    path.rmdir()
    path.symlink_to(path.with_name("nowhere"))
    assert allowed_routes(path) == frozenset()
    assert allowed_routes(path.with_name("x" * 300)) == frozenset()
