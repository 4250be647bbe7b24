"""One contract for everything that gives controls: the file, the environment, held in memory."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest

from gates.controls.environment import EnvironmentControls
from gates.controls.memory import HeldControls
from gates.controls.reader import ControlFile
from gates.controls.source import ControlSource
from gates.decision import Admitted, Denied, Gate, decide
from tests.gates.controls.files import answer, assert_admits, encoded, in_child, put
from tests.gates.decision.builders import allowlist, controls, job, rule


class Backend(Protocol):
    """A source, and the three things that can happen behind it."""

    origin: str
    source: ControlSource

    def change(self, document: dict[str, Any]) -> None:
        """Put other rules in force."""

    def spoil(self) -> None:
        """Make what is in force unusable."""


class FileBackend:
    origin = "file"

    def __init__(self, folder: Path) -> None:
        self._path = folder / "control.json"
        self.source: ControlSource = ControlFile(self._path)

    def change(self, document: dict[str, Any]) -> None:
        put(self._path, json.dumps(document).encode())

    def spoil(self) -> None:
        put(self._path, encoded()[:-1])


class EnvironmentBackend:
    """What changes behind the environment is its allowlist file."""

    origin = "environment"

    def __init__(self, folder: Path) -> None:
        self._path = folder / "allowlist.json"
        self.source: ControlSource = EnvironmentControls(
            {
                "FEATURE_SLOTGEN_AI": "true",
                "SLOTGEN_AI_ROLLOUT_PERCENT": "100",
                "SLOTGEN_ALLOWLIST_PATH": str(self._path),
            }
        )

    def change(self, document: dict[str, Any]) -> None:
        put(self._path, json.dumps(document["allowlist"]).encode())

    def spoil(self) -> None:
        put(self._path, b"{")


class MemoryBackend:
    origin = "memory"

    def __init__(self, folder: Path) -> None:
        self._held = HeldControls()
        self.source: ControlSource = self._held

    def change(self, document: dict[str, Any]) -> None:
        self._held.put(document)

    def spoil(self) -> None:
        self._held.put({"version": "controls.v1"})


@pytest.fixture(params=[FileBackend, EnvironmentBackend, MemoryBackend])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Backend:
    make: Callable[[Path], Backend] = request.param
    return make(tmp_path)


OPEN = controls()
CLOSED = controls(allowlist=allowlist(rule("r2", kinds=["statutory"])))


def assert_denies(source: ControlSource) -> None:
    decision = answer(source)
    assert isinstance(decision, Denied)
    assert decision.gate in (Gate.CONTROLS, Gate.ALLOWLIST)
    assert decision.reason


def test_denies_before_anything_is_there(backend: Backend) -> None:
    assert_denies(backend.source)


def test_admits_what_the_controls_admit(backend: Backend) -> None:
    backend.change(OPEN)
    assert_admits(backend.source)
    assert answer(backend.source).rule_id == "r1"


def test_a_change_reaches_the_next_decision(backend: Backend) -> None:
    for _ in range(50):
        backend.change(OPEN)
        assert_admits(backend.source)
        backend.change(CLOSED)
        assert_denies(backend.source)


def test_what_is_unusable_denies_and_recovers(backend: Backend) -> None:
    backend.change(OPEN)
    assert_admits(backend.source)
    backend.spoil()
    assert_denies(backend.source)
    backend.change(OPEN)
    assert_admits(backend.source)


def test_controls_once_given_do_not_change_under_a_decision(backend: Backend) -> None:
    backend.change(OPEN)
    given = backend.source.current()
    backend.change(CLOSED)
    assert isinstance(decide(given, job()), Admitted)
    assert_denies(backend.source)


def test_every_decision_names_its_origin(backend: Backend) -> None:
    backend.change(OPEN)
    assert answer(backend.source).origin == backend.origin
    backend.spoil()
    assert answer(backend.source).origin == backend.origin


def test_works_in_a_forked_child(backend: Backend) -> None:
    backend.change(OPEN)
    assert_admits(backend.source)

    def child() -> bool:
        assert_admits(backend.source)
        backend.spoil()
        assert_denies(backend.source)
        return True

    assert in_child(child)


def test_holds_no_descriptor(backend: Backend) -> None:
    backend.change(OPEN)
    before = os.listdir("/proc/self/fd")
    for _ in range(20):
        backend.source.current()
        backend.spoil()
        backend.source.current()
        backend.change(OPEN)
    assert len(os.listdir("/proc/self/fd")) == len(before)
