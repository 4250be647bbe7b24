"""The passes of a server: not at once, hourly, said once, whatever breaks."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from dashboard.server.retaining import FIRST_AFTER_SECONDS, PERIOD_SECONDS, Retaining, retaining_of
from dashboard.telemetry.retaining import Retained
from ingest.errors import NeedUnknown
from ingest.retention.deleting import Deleted
from ingest.retention.run import Passed
from ingest.usage import DAY_NS
from tests.dashboard.record import SECOND_NS, line, spool
from tests.dashboard.views.pages import seated_town, set_up

DONE = Retained(passed=Passed(said="3 rows deleted", deleted=Deleted(timed=3), is_whole=True))
NONE = replace(DONE, passed=Passed(said="no row deleted", is_whole=True))


@dataclass
class Here:
    """Answers each pass with what one says; `seconds` is the clock."""

    answers: list[Retained | Exception | None] = field(default_factory=list)
    seconds: float = 50.0
    passes: int = 0
    said: list[str] = field(default_factory=list)

    def once(self, stopping: Callable[[], bool]) -> Retained | None:
        self.passes += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if not stopping() else None

    def retaining(self) -> Retaining:
        return Retaining(self.once, self.said.append, lambda: self.seconds)

    def look_after(self, retaining: Retaining, seconds: float) -> None:
        self.seconds += seconds
        retaining.look()


def test_not_in_the_first_minutes_then_once_an_hour() -> None:
    here = Here([DONE, NONE])
    retaining = here.retaining()
    for seconds, passes in (
        (0.0, 0),
        (FIRST_AFTER_SECONDS - 1, 0),
        (1, 1),
        (PERIOD_SECONDS - 1, 1),
        (1, 2),
    ):
        here.look_after(retaining, seconds)
        assert here.passes == passes
    assert here.said == ["retention: 3 rows deleted"], "a pass with nothing to do is no news"


def test_what_breaks_is_said_once_and_tried_again() -> None:
    why = NeedUnknown("revision 4 is in force, and nobody knows since when")
    here = Here([why, why, RuntimeError(), None, DONE])
    retaining = here.retaining()
    here.seconds += FIRST_AFTER_SECONDS
    for _ in range(5):
        here.look_after(retaining, PERIOD_SECONDS)
    assert here.said == [
        f"old lines stay where they are: {why}",
        "old lines stay where they are: RuntimeError",
        "retention: 3 rows deleted",
    ]


def test_a_pass_is_told_to_stop() -> None:
    here = Here([DONE])
    retaining = here.retaining()
    retaining.start()
    retaining.stop()
    retaining.stop()
    here.look_after(retaining, FIRST_AFTER_SECONDS)
    assert (here.passes, here.said) == (1, [])


def test_of_a_served_home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seconds, now_ns = [0.0], time.time_ns()
    with seated_town(tmp_path) as (people, seat):
        people.home.spool.mkdir(parents=True, exist_ok=True)
        spool(people.home, [(now_ns - 40 * DAY_NS, line("old")), (now_ns, line("new"))])
        seat.loader.pass_once()
        retaining = retaining_of(seat, lambda: now_ns + round(seconds[0] * SECOND_NS), lambda: seconds[0])
        for seconds[0] in (FIRST_AFTER_SECONDS, 24 * PERIOD_SECONDS):
            retaining.look()
            assert seat.telemetry.retention().rows == 2, "the first day nothing goes"
        seconds[0] += PERIOD_SECONDS
        retaining.look()
        assert seat.telemetry.retention().rows == 1
        set_up(people, retention="broken")
        seconds[0] += PERIOD_SECONDS
        retaining.look()
    said = capsys.readouterr().err
    assert "the first pass in this home deletes nothing" in said
    assert "retention: 1 row of before" in said
    assert "old lines stay where they are: how long lines are kept cannot be read" in said
