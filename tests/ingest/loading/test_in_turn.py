from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event

import pytest

from ingest.loading.in_turn import InTurn


def test_work_is_done_in_order_beside_who_hands_it_over() -> None:
    done: list[int] = []
    go_on = Event()

    def first() -> None:
        go_on.wait(60)
        done.append(0)

    with ThreadPoolExecutor(1) as pool:
        turn = InTurn(pool, waiting=1)
        turn.hand_over(first)
        turn.hand_over(partial(done.append, 1))  # waits, and who hands it over does not
        assert done == []
        go_on.set()
        for number in (2, 3, 4):
            turn.hand_over(partial(done.append, number))
        turn.finish()
    assert done == [0, 1, 2, 3, 4]


def test_no_more_waits_than_may() -> None:
    done: list[int] = []
    with ThreadPoolExecutor(1) as pool:
        turn = InTurn(pool, waiting=1)
        for number in range(20):
            turn.hand_over(partial(done.append, number))
            assert len(done) >= number - 1
        turn.finish()


def test_nothing_is_done_behind_what_failed() -> None:
    done: list[str] = []
    go_on = Event()

    def fails() -> None:
        go_on.wait(60)
        raise OSError("no room")

    with ThreadPoolExecutor(1) as pool:
        turn = InTurn(pool, waiting=2)
        turn.hand_over(fails)
        turn.hand_over(partial(done.append, "behind it"))
        turn.hand_over(partial(done.append, "behind that"))
        go_on.set()
        with pytest.raises(OSError, match="no room"):
            turn.hand_over(partial(done.append, "later"))
        with pytest.raises(OSError, match="no room"):
            turn.finish()
    assert done == []
