"""Dear counts beside the pages."""

from threading import Event

import pytest

from dashboard.data.cached.counting import TICK_NS, Counting, period_of

PATIENCE = 20.0


def never() -> str:
    raise AssertionError("counted again")


def test_it_is_counted_once_for_all_who_ask() -> None:
    counting = Counting(most=4)
    assert counting.ask("a", 1, lambda: "one", PATIENCE) == "one"
    assert counting.ask("a", 1, never, PATIENCE) == "one"
    assert counting.ask("b", 1, lambda: "other", PATIENCE) == "other"


def test_nobody_waits_longer_than_they_want_and_the_last_count_is_shown_meanwhile() -> None:
    counting, go = Counting(most=4), Event()

    def slow(said: str) -> str:
        go.wait(PATIENCE)
        return said

    assert counting.ask("a", 1, lambda: slow("one"), 0) is None
    go.set()
    assert counting.ask("a", 1, never, PATIENCE) == "one"
    go.clear()
    assert counting.ask("a", 2, lambda: slow("two"), 0) == "one"
    assert counting.ask("a", 3, never, 0) == "one"  # one count at a time, however fast lines come in
    go.set()
    assert counting.ask("a", 2, never, PATIENCE) == "two"


@pytest.mark.parametrize(
    ("lines", "ticks"), [(0, 1), (999_999, 1), (1_000_000, 2), (10_000_000, 11), (100_000_000, 30)]
)
def test_the_more_lines_the_longer_a_count_is_kept(lines: int, ticks: int) -> None:
    start = 1_000 * ticks * TICK_NS
    assert period_of(lines, start) == period_of(lines, start + ticks * TICK_NS - 1)
    assert period_of(lines, start) + 1 == period_of(lines, start + ticks * TICK_NS)


def test_what_failed_is_raised_and_the_next_state_is_counted() -> None:
    counting = Counting(most=4)

    def fails() -> str:
        raise ValueError("too long")

    for _ in range(2):
        with pytest.raises(ValueError, match="too long"):
            counting.ask("a", 1, fails, PATIENCE)
    assert counting.ask("a", 2, lambda: "two", PATIENCE) == "two"


def test_what_nobody_asked_for_lately_is_forgotten() -> None:
    counting = Counting(most=2)
    for name in ("a", "b", "c"):
        counting.ask(name, 1, lambda: "first", PATIENCE)
    assert counting.ask("a", 1, lambda: "again", PATIENCE) == "again"
    assert counting.ask("c", 1, never, PATIENCE) == "first"
