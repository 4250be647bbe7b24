"""Watch long work that another process does, and end it there when it is not wanted any more."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from dashboard.errors import NotServed, ServerFailed
from dashboard.telemetry.works import Working
from ingest.errors import WorkStopped
from ingest.progress import Tell, silent

_LOOK_S = 0.3
_PATIENCE_S, _UNHEARD_OF_S, _PAUSE_S = 20.0, 1.0, 0.05


@contextmanager
def watched(how_far: Callable[[], Working | None], end: Callable[[], object], tell: Tell) -> Iterator[None]:
    """While the block waits for the work, tell `tell` what `how_far` says, a few times a second.

    Where `tell` raises `WorkStopped`, or Ctrl-C ends the block, `end` is called; Ctrl-C then waits until
    the work has come to rest, at most twenty seconds.
    """
    if tell is silent:
        with _ended_with(how_far, end):
            yield
        return
    is_over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(is_over, how_far, end, tell), daemon=True)
    watcher.start()
    try:
        with _ended_with(how_far, end):
            yield
    finally:
        is_over.set()
        watcher.join()


def _watch(
    is_over: threading.Event, how_far: Callable[[], Working | None], end: Callable[[], object], tell: Tell
) -> None:
    while not is_over.wait(_LOOK_S):
        try:
            working = how_far()
            if working is not None and working.far is not None:
                tell(working.far)
        except (NotServed, ServerFailed):  # who waits for the work is told why
            continue
        except WorkStopped:
            with suppress(NotServed, ServerFailed):
                end()
            return


@contextmanager
def _ended_with(how_far: Callable[[], Working | None], end: Callable[[], object]) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        with suppress(NotServed, ServerFailed):
            _end(how_far, end)
        raise


def _end(how_far: Callable[[], Working | None], end: Callable[[], object]) -> None:
    """End the work; it may not have been heard of there yet."""
    began, was_heard_of = time.monotonic(), False
    while (waited := time.monotonic() - began) < _PATIENCE_S:
        end()
        if how_far() is not None:
            was_heard_of = True
        elif was_heard_of or waited > _UNHEARD_OF_S:
            return
        time.sleep(_PAUSE_S)
