"""Shared by the tests against a server."""

from collections.abc import Iterator

import pytest

from tests.dashboard.auth.town import Town, now, town
from tests.dashboard.server.processes import Served, serving


@pytest.fixture(scope="module")
def served_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, Served]]:
    """In `shadow`, where the policy blocks nothing for the sake of a role."""
    folder = tmp_path_factory.mktemp("town")
    people = town(folder, clock=now())
    with serving(folder, people.home) as served:
        yield people, served
