"""When a revision was in force: once, again, without its file, and with leave that ends."""

from collections.abc import Callable
from dataclasses import replace

from ingest.evidence.window import Window, window_of
from ingest.history.controls import Interval
from schemas.stages import Step
from tests.ingest.evidence.homes import HOUR, NOW, SECOND, START, Home, history, in_force, line, removed, stub

HOUR_S = 3600


def window(revision: int, *intervals: Interval, ended_ns: int | None = None) -> Window:
    return window_of(history(*intervals).intervals if intervals else (), revision, NOW, ended_ns)


def test_before_and_without_a_history() -> None:
    assert window(3).controls is None
    assert window(3).newer_revision is None
    assert window(3, in_force(2)).newer_revision is None
    assert window(3, in_force(4)).newer_revision == 4


def test_put_back_after_a_removal_it_is_one_window_and_dwells_anew() -> None:
    found = window(1, in_force(1), removed(1, HOUR_S), in_force(1, 3 * HOUR_S))
    assert found.controls is not None
    assert (found.controls.removed, found.controls.effective_ns) == (False, START + 3 * HOUR)
    assert (found.from_ns, found.running_ns, found.removed) == (START, 46 * HOUR, (1,))
    assert found.newer_revision is None


def test_while_the_file_is_away_its_controls_say_so() -> None:
    found = window(1, in_force(1), removed(1, HOUR_S))
    assert found.controls is not None
    assert (found.controls.removed, found.controls.kill) == (True, True)
    assert (found.controls.effective_ns, found.running_ns) == (START + HOUR, HOUR)


def test_the_same_controls_published_again_go_on() -> None:
    found = window(1, in_force(1), in_force(1, HOUR_S))
    assert found.controls is not None
    assert (found.controls.effective_ns, found.running_ns) == (START, 48 * HOUR)


def test_other_controls_under_the_same_number_begin_anew() -> None:
    found = window(1, in_force(1), in_force(1, HOUR_S, percent=100))
    assert found.controls is not None
    assert (found.controls.effective_ns, found.controls.percent) == (START + HOUR, 100)


def test_leave_to_admit_that_has_ended_is_a_kill() -> None:
    limited = in_force(1, denies_from_ns=START + HOUR)
    ended, still = window(1, limited), window_of(history(limited).intervals, 1, START + HOUR - 1, None)
    assert ended.controls is not None
    assert ended.controls.kill
    assert still.controls is not None
    assert not still.controls.kill


def test_percent_zero_that_admits_everyone() -> None:
    found = window(1, in_force(1, percent=0, zero_admits="everyone"))
    assert found.controls is not None
    assert (found.controls.percent, found.admits_below) == (0, 100)


def test_the_scope_before_is_of_the_last_step_that_ran() -> None:
    board, subject = Step.BROADEN_BOARD, Step.BROADEN_SUBJECT
    found = window(
        5,
        in_force(1, 0, subject),
        in_force(2, 10, board),
        in_force(3, 20, board, kill=True),
        removed(3, 25),
        in_force(4, 30, board),
        in_force(5, 40, board),
    )
    assert found.scope_before is not None
    assert found.scope_before.revision == 1
    assert window(1, in_force(1, 0, subject)).scope_before is None


def test_what_was_seen_before_a_removal_still_counts(make_home: Callable[..., Home]) -> None:
    home = make_home(in_force(1), removed(1, 100), in_force(1, 200))
    home.put(
        [
            line("before", 10, code="OPENAI_HTTP_ERROR"),
            line("meanwhile", 150, code="OPENAI_HTTP_ERROR"),
            stub("stopped", "KILL_SWITCH", 151),
            line("after", 210),
        ]
    )
    found = home.ask()
    assert (found.lines, found.units.jobs, found.units.failed) == (4, 2, 1)
    assert found.percentiles.count == 1
    assert "KILL_BREACH" in {one.code for one in found.findings}
    assert found.verification.violations >= 1, "putting the file back clears nothing"
    assert found.verification.lines + found.verification.violations <= 4
    assert found.kill is not None
    assert found.kill.released_ns == START + 200 * SECOND


def test_history_that_comes_late_moves_lines(make_home: Callable[..., Home]) -> None:
    home = make_home(in_force(1))
    home.put([line("a", 10), line("b", 110)])
    assert home.ask().units.jobs == 2
    later = replace(home, controls=history(in_force(1), in_force(2, 100)))
    later.put(line("c", 120))
    assert (later.ask(1).units.jobs, later.ask(2).units.jobs) == (1, 2)


def test_a_window_that_lost_lines_says_so_and_others_do_not(make_home: Callable[..., Home]) -> None:
    home = make_home(in_force(1), in_force(2, 24 * HOUR_S))
    home.put([line("job-1", 1), line("job-2", 25 * HOUR_S)])
    assert home.ask().gone_before_ns is None
    gone_ns = START - START % HOUR + 2 * HOUR
    with home.store.transaction() as cursor:
        cursor.execute("UPDATE retention_state SET gone_before_ns = ?", [gone_ns])
    assert home.ask(1).gone_before_ns == gone_ns
    assert home.ask(2).gone_before_ns is None
