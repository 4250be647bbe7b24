"""Shared by all tests."""

import gc
import signal
from collections.abc import Generator, Iterator

import pytest
from hypothesis import settings

from tests.gates.store.server import Server, running

# Machines differ: nothing here is judged by how long it took.
settings.register_profile("slotgate", deadline=None)
settings.load_profile("slotgate")

# Started in the background, a shell has us ignore these, and every process that a test starts would too.
for number, handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
    (signal.SIGTERM, signal.SIG_DFL),
):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)


BEGUN_FIRST = (
    "tests/browser/test_journeys.py",
    "tests/browser/test_axe.py",
    "tests/browser/test_stop.py",
    "tests/browser/",
    "tests/security/test_stored_xss.py",
    "tests/dashboard/demo/",
    "tests/docs/test_runbook.py",
    "tests/ingest/loading/test_reader.py",
    "tests/simulations/",
    "tests/dashboard/cli/test_afresh.py",
    "tests/dashboard/views/test_review.py",
    "tests/dashboard/telemetry/test_contract.py",
    "tests/disks/",
    "tests/executors/",
    "tests/ingest/loading/test_load.py",
)
"""The longest: files are given out whole, and who gets a long one last is waited for."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first; the others, and the tests of each, stay in their order."""

    def rank(item: pytest.Item) -> int:
        first = (at for at, name in enumerate(BEGUN_FIRST) if item.nodeid.startswith(name))
        return next(first, len(BEGUN_FIRST))

    items.sort(key=rank)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays to the end: it is not searched for garbage, neither now nor later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server, one for each worker that asks."""
    with running() as server:
        yield server
