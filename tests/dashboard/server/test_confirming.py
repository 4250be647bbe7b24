"""The confirmation for the stop panel: what telemetry showed of this very kill, else that nobody knows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from dashboard.api.confirmation import Confirmation, NotKnown, described, nobody_looks
from dashboard.data.controls import ControlStrip, State
from dashboard.data.controls_file import read_strip
from dashboard.server.confirming import OLD_AFTER_SECONDS, Confirming
from dashboard.telemetry.memory import HeldTelemetry
from gates.changes.looking import Looking
from gates.controls.reader import ControlFile
from gates.errors import StoreError
from gates.verdict.evidence import KillFacts, KillState
from tests.gates.changes.world import ALICE, SECOND, TERMS, World
from tests.gates.verdict.builders import evidence, kill


@dataclass
class Here:
    """A world whose controls can be stopped, and what its telemetry shows; `seconds` is the clock."""

    world: World
    telemetry: HeldTelemetry = field(default_factory=HeldTelemetry)
    seconds: float = 100.0
    broken: str | None = None

    def strip(self) -> ControlStrip:
        home = self.world.home
        return read_strip(ControlFile(home.control_file, clock=self.world.clock), home.control_file)

    @contextmanager
    def service(self) -> Iterator[Looking]:
        if self.broken is not None:
            raise StoreError(self.broken)
        yield self.world.service

    def kill(self) -> None:
        self.world.clock.now += SECOND
        assert self.world.service.propose(ALICE, {"kill": True}, TERMS).revision is not None

    def shows(self, **facts: int) -> None:
        """Telemetry saw this kill, and these numbers of lines since."""
        lines: dict[str, Any] = {"stubbed_since": 0, "openai_since": 0, "in_flight": 0} | facts
        seen: KillFacts = replace(
            kill(),
            revision=self.world.newest["revision"],
            engaged_ns=self.world.clock.now,
            released_ns=None,
            **lines,
        )
        self.telemetry = HeldTelemetry(replace(evidence(), kill=seen))

    def confirming(self) -> Confirming:
        return Confirming(self.strip, self.service, self.telemetry, self.world.clock, lambda: self.seconds)


@pytest.fixture
def here(tmp_path: Path) -> Here:
    world = World(tmp_path)
    world.to_canary_1()
    return Here(world)


def test_nothing_is_said_where_no_kill_is_on(here: Here) -> None:
    confirming = here.confirming()
    confirming.look()
    assert confirming.said(here.strip()) is None


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({}, KillState.ENGAGED),
        ({"in_flight": 2}, KillState.DRAINING),
        ({"stubbed_since": 3}, KillState.CONFIRMED),
        ({"stubbed_since": 3, "openai_since": 1}, KillState.BREACHED),
    ],
)
def test_what_telemetry_shows_of_this_kill(here: Here, facts: dict[str, int], state: KillState) -> None:
    here.kill()
    here.shows(**facts)
    confirming = here.confirming()
    assert confirming.said(here.strip()) == NotKnown("telemetry was not asked yet")
    confirming.look()
    said = confirming.said(here.strip())
    assert isinstance(said, Confirmation)
    assert said.state is state
    assert said.sentence.startswith(f"{state}: ")


@dataclass
class Noting:
    """Puts a breach on record, as often as asked; the first time the store is locked."""

    here: Here
    asked: list[str] = field(default_factory=list)

    def __call__(self, words: str) -> None:
        self.asked.append(words)
        if len(self.asked) == 1:
            raise StoreError("the store is locked; try again")
        self.here.world.service.note_kill_breach("system|telemetry", words)

    def watched(self) -> Confirming:
        here = self.here
        return Confirming(
            here.strip, here.service, here.telemetry, here.world.clock, lambda: here.seconds, self
        )


def test_a_kill_that_is_not_obeyed_is_on_record_once(here: Here) -> None:
    noting = Noting(here)
    here.kill()
    here.shows(stubbed_since=3)
    noting.watched().look()
    assert noting.asked == []
    here.shows(openai_since=1)
    confirming = noting.watched()
    for _ in range(4):
        here.seconds += OLD_AFTER_SECONDS
        confirming.look()
    assert len(noting.asked) == 2
    noting.watched().look()  # after a restart
    assert here.world.actions().count("kill breached") == 1
    assert noting.asked[0].startswith("BREACHED: 1 OpenAI call")
    here.world.carry({"kill": False})
    here.kill()
    assert here.world.service.note_kill_breach("system|telemetry", "another kill")
    assert here.world.actions().count("kill breached") == 2


def test_no_breach_is_noted_of_what_is_not_stopped(here: Here) -> None:
    assert not here.world.service.note_kill_breach("system|telemetry", "BREACHED: of another kill")
    assert "kill breached" not in here.world.actions()


def test_an_answer_about_another_kill_is_none(here: Here) -> None:
    here.kill()
    here.shows(stubbed_since=3)
    confirming = here.confirming()
    confirming.look()
    other = replace(here.strip(), revision=99)
    assert confirming.said(other) == NotKnown("telemetry was not asked yet")


def test_an_old_answer_is_none(here: Here) -> None:
    here.kill()
    here.shows(stubbed_since=3)
    confirming = here.confirming()
    confirming.look()
    here.seconds += OLD_AFTER_SECONDS + 1
    assert confirming.said(here.strip()) == NotKnown("telemetry does not answer")


def test_what_fails_is_said_and_confirms_nothing(here: Here) -> None:
    here.kill()
    here.shows(stubbed_since=3)
    confirming = here.confirming()
    here.broken = "it is locked"
    confirming.look()
    assert described(confirming.said(here.strip())) == {
        "state": "UNKNOWN",
        "words": "confirmation not known yet: the store does not answer: it is locked",
        "at": None,
    }


def test_a_stop_that_is_not_recorded_yet_is_engaged(here: Here) -> None:
    """The file says it first; the newest revision on record is still the open one."""
    here.shows(stubbed_since=3)
    strip = ControlStrip(State.KILLED, "every job gets a stub", revision=77)
    confirming = Confirming(lambda: strip, here.service, here.telemetry, here.world.clock, lambda: 1.0)
    confirming.look()
    said = confirming.said(strip)
    assert isinstance(said, Confirmation)
    assert (said.state, said.sentence) == (
        KillState.ENGAGED,
        "ENGAGED: the kill of revision 77 is on and not recorded yet",
    )


def test_without_telemetry_nobody_looks() -> None:
    strip = ControlStrip(State.KILLED, "every job gets a stub")
    assert nobody_looks("it cannot be used")(strip) == NotKnown("it cannot be used")
    assert nobody_looks("it cannot be used")(ControlStrip(State.LIVE, "jobs call the model")) is None
