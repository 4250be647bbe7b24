"""Long work of another process is watched, and ended there."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from dashboard.errors import ServerFailed
from dashboard.telemetry.watching import watched
from dashboard.telemetry.works import Working, Works
from ingest.errors import WorkStopped
from ingest.progress import HowFar, Tell, Unit, Work, silent

FAR = HowFar(Work.LOAD, "a.log", 1, 2, Unit.BYTES, (("accepted", 1),))


def test_work_is_there_while_it_is_under_way() -> None:
    works = Works()
    assert works.how_far("a") is None
    with works.begun("a") as tell, works.begun("b"):
        assert works.how_far("a") == Working(None)
        tell(FAR)
        assert works.how_far("a") == Working(FAR)
        assert works.how_far("b") == Working(None)
    assert works.how_far("a") is works.how_far("b") is None


def test_work_that_is_to_end_ends_when_it_tells() -> None:
    works = Works()
    works.end("nobody's")
    with works.begun("a") as tell, works.begun("b") as other:
        works.end("a")
        with pytest.raises(WorkStopped, match="the same again goes on"):
            tell(FAR)
        other(FAR)


@contextmanager
def working(works: Works) -> Iterator[None]:
    """Work by the name `a`, in a thread that tells until it is ended."""
    begun = threading.Event()

    def work() -> None:
        with works.begun("a") as tell:
            begun.set()
            while True:
                try:
                    tell(FAR)
                except WorkStopped:
                    return

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait(60)
    try:
        yield
    finally:
        works.end("a")
        thread.join()


@pytest.mark.parametrize("tell", [silent, lambda _far: None], ids=["silent", "told"])
def test_ctrl_c_ends_the_work_and_waits_for_that(tell: Tell) -> None:
    works = Works()
    with working(works):
        watching = watched(lambda: works.how_far("a"), lambda: works.end("a"), tell)
        with pytest.raises(KeyboardInterrupt), watching:
            raise KeyboardInterrupt
        assert works.how_far("a") is None


def test_what_is_told_ends_the_work_too() -> None:
    works = Works()

    def enough(far: HowFar) -> None:
        raise WorkStopped("enough")

    ended = threading.Event()

    def end() -> None:
        works.end("a")
        ended.set()

    with working(works), watched(lambda: works.how_far("a"), end, enough):
        assert ended.wait(60)


def test_a_look_that_fails_is_made_again() -> None:
    told = threading.Event()
    answers = iter([ServerFailed("busy")])

    def how_far() -> Working | None:
        for failure in answers:
            raise failure
        return Working(FAR)

    with watched(how_far, lambda: None, lambda _far: told.set()):
        assert told.wait(60)
