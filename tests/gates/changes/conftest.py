"""Worlds that several modules begin with; others make their own."""

from pathlib import Path

import pytest

from tests.gates.changes.world import CAROL, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def killed(world: World) -> World:
    """At canary-1, killed by Carol, and the store knows."""
    world.to_canary_1()
    world.service.kill(CAROL)
    world.service.reconcile()
    return world
