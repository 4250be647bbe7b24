"""Homes whose first revision has been in force since START."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ingest.history.controls import Interval
from ingest.store.histories import write_history
from tests.ingest.evidence.homes import Home, history, in_force
from tests.ingest.store_from_template import open_store

MakeHome = Callable[..., Home]


@pytest.fixture
def make_home(tmp_path: Path) -> Iterator[MakeHome]:
    with ExitStack() as stack:

        def make(*intervals: Interval) -> Home:
            store = stack.enter_context(open_store(tmp_path / "telemetry.duckdb"))
            (tmp_path / "spool").mkdir()
            home = Home(tmp_path, store, history(*(intervals or (in_force(1),))))
            with store.transaction() as cursor:
                write_history(cursor, home.controls)  # a load of nothing costs five times as much
            return home

        yield make


@pytest.fixture
def home(make_home: MakeHome) -> Home:
    return make_home()
