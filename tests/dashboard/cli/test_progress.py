"""How far long work is, in words, on lines and as a bar."""

import io
import re
import signal
from contextlib import ExitStack, redirect_stderr

import pytest

from dashboard.cli.progress import Bar, Ending, Lines, shown_progress
from dashboard.cli.progress_words import in_words, share
from ingest.errors import WorkStopped
from ingest.progress import HowFar, Unit, Work, silent

MB = 1_000_000


def far(done: int, total: int | None = 1_000 * MB, unit: Unit = Unit.BYTES, **counts: int) -> HowFar:
    named = tuple((outcome.replace("_", " "), count) for outcome, count in counts.items())
    return HowFar(Work.LOAD, "a.log", done, total, unit, named)


@pytest.mark.parametrize(
    ("began", "now", "seconds", "said"),
    [
        (far(0), far(0), 0, "a.log: 0.0 of 1,000.0 MB (0%)"),
        (far(0), far(300 * MB), 10, "a.log: 300.0 of 1,000.0 MB (30%), 30.0 MB/s, 23 s left"),
        (far(900 * MB), far(910 * MB), 10, "a.log: 910.0 of 1,000.0 MB (91%), 1.0 MB/s, 1 min 30 s left"),
        (far(0), far(MB), 100, "a.log: 1.0 of 1,000.0 MB (0%), 0.0 MB/s, 27 h 45 min left"),
        (far(0), far(1_200 * MB), 10, "a.log: 1,200.0 of 1,200.0 MB (100%), 120.0 MB/s"),
        (far(0, None), far(5 * MB, None), 1, "a.log: 5.0 MB, 5.0 MB/s"),
        (far(0, 10, Unit.ROWS), far(5, 10, Unit.ROWS), 1, "a.log: 5 of 10 rows (50%), 5 rows/s, 1 s left"),
        (far(0, 0, Unit.ROWS), far(0, 0, Unit.ROWS), 1, "a.log: 0 rows"),
        (
            far(0, None),
            far(5 * MB, None, accepted=1_200, held_already=0, noise=3),
            0,
            "a.log: 5.0 MB; 1,200 accepted, 3 noise",
        ),
    ],
)
def test_words(began: HowFar, now: HowFar, seconds: float, said: str) -> None:
    assert in_words(began, now, seconds) == said


def test_a_share_is_between_nothing_and_all() -> None:
    assert [share(one) for one in (far(0), far(500 * MB), far(2_000 * MB), far(1, None), far(0, 0))] == [
        *(0.0, 0.5, 1.0),
        *(None, None),
    ]


def test_a_line_every_ten_seconds_and_none_before() -> None:
    said: list[str] = []
    now = 0.0
    lines = Lines(said.append, lambda: now)
    for second in range(26):
        now = 100.0 + second
        lines(far(second * 10 * MB))
    assert said == [
        "load: a.log: 100.0 of 1,000.0 MB (10%), 10.0 MB/s, 1 min 30 s left",
        "load: a.log: 200.0 of 1,000.0 MB (20%), 10.0 MB/s, 1 min 20 s left",
    ]


def test_what_is_counted_anew_has_a_rate_of_its_own() -> None:
    said: list[str] = []
    now = 0.0
    lines = Lines(said.append, lambda: now)
    for second, told in [
        (0, far(0, 100, Unit.ROWS)),
        (5, far(0)),
        (15, far(100 * MB)),
        (16, far(0)),
        (26, far(MB)),
    ]:
        now = 100.0 + second
        lines(told)
    assert said == [
        "load: a.log: 100.0 of 1,000.0 MB (10%), 10.0 MB/s, 1 min 30 s left",
        "load: a.log: 1.0 of 1,000.0 MB (0%), 0.1 MB/s, 2 h 46 min left",
    ]


class Terminal(io.StringIO):
    """Stderr that is one."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_what_is_quick_shows_no_bar() -> None:
    terminal = Terminal()
    with redirect_stderr(terminal), shown_progress("") as tell:
        tell(far(1))
        tell(far(2))
    assert terminal.getvalue() == ""


def test_a_bar_shows_the_words_and_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    terminal, now = Terminal(), 0.0
    with redirect_stderr(terminal), ExitStack() as held:
        bar = Bar(held, lambda: now)
        bar(far(0))
        now = 1.0
        bar(far(100 * MB, accepted=7))
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", terminal.getvalue())
    assert "100.0 of 1,000.0 MB (10%), 100.0 MB/s, 9 s left" in shown
    assert "7 accepted" in shown
    assert terminal.getvalue().endswith("\x1b[2K")  # the line is cleared


def interrupted(times: int, failure: Exception | None = None) -> None:
    """Long work, told of twice, that `times` times Ctrl-C and then a failure come into."""
    with shown_progress("what was stored stands") as tell:
        tell(far(1))
        for _ in range(times):
            signal.raise_signal(signal.SIGINT)
        if failure is not None:
            raise failure
        tell(far(2))


def test_the_first_ctrl_c_ends_the_work_when_it_tells() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(WorkStopped, match="stopped: what was stored stands") as ended:
        interrupted(1)
    assert ended.value.exit_code == 130
    assert signal.getsignal(signal.SIGINT) == before
    interrupted(0)


def test_work_that_a_server_ended_is_said_in_the_same_words() -> None:
    with pytest.raises(WorkStopped, match="stopped: what was stored stands"):
        interrupted(1, WorkStopped("as it was asked to"))


def test_the_second_ctrl_c_ends_it_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt):
        interrupted(2)
    assert capsys.readouterr().err == "slotgate: stopped: what was stored stands\n"


def test_work_that_goes_on_after_ctrl_c_says_how_to_end_it(capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGINT)
    ending = Ending(silent, "stopped", before, patience_s=0)
    ending.on_interrupt(signal.SIGINT, None)
    ending.hint.join()
    assert capsys.readouterr().err.endswith("what is under way; a second one ends it at once\n")
    assert signal.getsignal(signal.SIGINT) == before
    patient = Ending(silent, "stopped", before, patience_s=3600)
    patient.on_interrupt(signal.SIGINT, None)
    patient.over()
    patient.hint.join()
    assert capsys.readouterr().err == ""


def test_a_query_that_ctrl_c_broke_off_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    broken = RuntimeError("Query interrupted")
    with pytest.raises(RuntimeError):
        interrupted(0, broken)
    with pytest.raises(KeyboardInterrupt):
        interrupted(1, broken)
    with pytest.raises(RuntimeError, match="else"):
        interrupted(1, RuntimeError("something else"))
    assert capsys.readouterr().err == "slotgate: stopped: what was stored stands\n"


def test_ctrl_c_says_what_stands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt), shown_progress("what was stored stands"):
        raise KeyboardInterrupt
    assert capsys.readouterr().err == "slotgate: stopped: what was stored stands\n"
