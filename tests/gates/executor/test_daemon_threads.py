"""A name server that never answers must not outlast the deadline."""

import asyncio
from threading import Event

import pytest

from gates.executor.daemon_threads import DaemonThreads


def _boom() -> None:
    raise LookupError


def test_results_and_errors_reach_the_loop() -> None:
    with asyncio.Runner() as runner:
        runner.get_loop().set_default_executor(DaemonThreads())
        assert runner.run(asyncio.to_thread(lambda: 5)) == 5
        with pytest.raises(LookupError):
            runner.run(asyncio.to_thread(_boom))


def test_a_call_that_hangs_holds_nothing_up() -> None:
    release = Event()

    async def bounded() -> str:
        try:
            async with asyncio.timeout(0.05):
                await asyncio.to_thread(release.wait)
        except TimeoutError:
            return "deadline"
        return "answer"

    with asyncio.Runner() as runner:
        runner.get_loop().set_default_executor(DaemonThreads())
        assert runner.run(bounded()) == "deadline"
    release.set()
