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
