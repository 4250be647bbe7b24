import time
from collections.abc import Iterator

from dashboard.server.spool import SpoolLoader


def test_a_pass_that_fails_is_said_and_the_next_one_forgets_it() -> None:
    turns: Iterator[OSError | int] = iter([OSError("disk on fire"), 3, 0])

    def load() -> int:
        turn = next(turns)
        if isinstance(turn, OSError):
            raise turn
        return turn

    loader = SpoolLoader(load)
    failed = loader.pass_once()
    assert (failed.failure, failed.generation, failed.last_success_monotonic) == (
        "OSError: disk on fire",
        0,
        None,
    )
    loaded = loader.pass_once()
    assert (loaded.failure, loaded.generation) == (None, 1)
    assert loaded.last_success_monotonic is not None
    assert loader.pass_once().generation == 1


def test_it_goes_on_until_stopped_and_then_not_again() -> None:
    passes: list[int] = []

    def load() -> int:
        passes.append(1)
        return 1

    loader = SpoolLoader(load, period_seconds=0.01)
    loader.stop()
    loader = SpoolLoader(load, period_seconds=0.01)
    loader.start()
    while len(passes) < 3:
        time.sleep(0.01)
    loader.stop()
    loader.stop()
    ended = len(passes)
    time.sleep(0.05)
    assert len(passes) == ended
