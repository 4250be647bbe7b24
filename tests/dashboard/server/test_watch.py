"""The watch of a served home: it latches, narrows where asked to, and stops what nobody reviewed."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from dashboard.review.provider import Reviewed, TelemetryEvidence
from dashboard.server.own_service import own_service
from dashboard.server.watch import LOOK_ANEW_NS, NO_REVISION, NO_STORE, Watch, Watched
from dashboard.telemetry.memory import HeldTelemetry
from gates.changes.automatic import AutoNarrow
from gates.changes.founding import Foundation, found
from gates.changes.service import ChangeService
from gates.home import Home
from gates.policy.intent import Actor, Role
from gates.store.store import Store
from gates.verdict.evidence import Evidence, Severity
from gates.verdict.question import Question
from gates.verdict.words import VerdictWord
from tests.gates.changes.world import ALICE, Clock, World
from tests.gates.verdict.builders import controls, evidence, finding, units

ADMIN = Actor("local|root", frozenset({Role.ADMIN}))
CLEAN = evidence(units(100))
FAILING = evidence(units(100, 40))
BREACHED = evidence(units(100), findings=(finding("ALLOWLIST_BREACH", Severity.CRITICAL),))


class Served:
    """A live home at canary-5 with a watch over telemetry that a test holds."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        self.world.to_canary_1()
        self.world.expand()
        self.world.carry({"percent": 5})
        self.telemetry = HeldTelemetry(CLEAN)
        self.generation = 0
        self.said: list[str] = []
        self.watch = Watch(
            self.service,
            TelemetryEvidence(self.telemetry),
            lambda: self.generation,
            self.said.append,
            clock=self.world.clock,
        )

    @contextmanager
    def service(self) -> Iterator[ChangeService | None]:
        yield self.world.service

    def shows(self, held: Evidence | None) -> None:
        """Lines came in, and telemetry answers so now."""
        self.telemetry.held = held
        self.generation += 1
        self.watch.look()

    def reviewed(self) -> Reviewed | None:
        return self.watch.watched.reviewed

    def failure(self) -> str | None:
        return self.watch.watched.failure

    def setting(self, wanted: AutoNarrow) -> None:
        self.world.service.set_auto_narrow(ADMIN, wanted, "nights")

    def latched(self) -> str | None:
        with self.world.store.read() as tx:
            return tx.settings.get("roll_back_latched") or None


class SlowTelemetry(HeldTelemetry):
    """Takes two seconds for its evidence."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(CLEAN)
        self._clock = clock

    def evidence(self, question: Question) -> Evidence:
        self._clock.now += 2 * 10**9
        return super().evidence(question)


@pytest.fixture
def served(tmp_path: Path) -> Served:
    return Served(tmp_path)


def test_the_live_verdict_is_kept_for_the_pages(served: Served) -> None:
    assert served.reviewed() is None
    served.watch.look()
    reviewed = served.reviewed()
    assert reviewed is not None
    assert reviewed.question.revision == served.world.newest["revision"]
    assert served.said == []


def test_without_news_nothing_is_asked_until_time_has_passed(served: Served) -> None:
    served.watch.look()
    served.watch.look()
    assert len(served.telemetry.asked) == 1
    served.world.clock.now += LOOK_ANEW_NS
    served.watch.look()
    assert len(served.telemetry.asked) == 2
    served.shows(CLEAN)
    assert len(served.telemetry.asked) == 3


def test_a_long_look_leaves_time_to_others_unless_the_controls_moved(served: Served) -> None:
    served.telemetry = SlowTelemetry(served.world.clock)
    served.watch = Watch(
        served.service,
        TelemetryEvidence(served.telemetry),
        lambda: served.generation,
        served.said.append,
        clock=served.world.clock,
    )
    served.shows(CLEAN)
    served.shows(CLEAN)
    assert len(served.telemetry.asked) == 1
    served.world.clock.now += 8 * 10**9
    served.shows(CLEAN)
    assert len(served.telemetry.asked) == 2
    served.world.service.narrow(ALICE, {"percent": 1})
    served.watch.look()
    assert len(served.telemetry.asked) == 3


def test_roll_back_latches_and_by_default_nothing_is_narrowed(served: Served) -> None:
    served.shows(FAILING)
    assert served.latched() is not None
    assert (served.world.is_live(), served.world.newest["percent"]) == (True, 5)
    assert served.watch.watched.done is None
    served.shows(CLEAN)
    assert served.latched() is not None


def test_roll_back_narrows_once_and_is_announced(served: Served) -> None:
    served.setting(AutoNarrow.LAST_APPROVED)
    served.shows(FAILING)
    assert (served.world.newest["percent"], served.world.is_live()) == (1, True)
    assert len(served.said) == 1
    assert served.said[0].startswith("NARROWED to the last approved controls")
    assert served.watch.watched.done == served.said[0]
    # The revision is another now, and clean; that the old one is not acknowledged narrows nothing more.
    served.shows(CLEAN)
    served.shows(CLEAN)
    assert (served.world.newest["percent"], served.world.is_live(), len(served.said)) == (1, True, 1)


def test_roll_back_kills(served: Served) -> None:
    served.setting(AutoNarrow.KILL)
    served.shows(FAILING)
    assert not served.world.is_live()
    assert served.said[0].startswith("STOPPED")
    served.shows(replace(FAILING, controls=controls(kill=True)))
    served.shows(replace(FAILING, controls=controls(kill=True)))
    assert len(served.said) == 1
    assert served.watch.watched.reviewed is not None
    assert served.watch.watched.reviewed.verdict.word is VerdictWord.KILLED


def test_only_critical_findings_where_that_was_asked_for(served: Served) -> None:
    served.setting(AutoNarrow.CRITICAL_KILL)
    served.shows(FAILING)
    assert served.world.is_live()
    served.shows(BREACHED)
    assert not served.world.is_live()


def test_controls_that_nobody_reviewed_stop_everything(served: Served) -> None:
    path = served.world.home.control_file
    tampered = {**json.loads(path.read_bytes()), "percent": 100}
    path.write_text(json.dumps(tampered))
    assert served.world.is_live()
    served.watch.look()
    assert not served.world.is_live()
    assert served.said[0].startswith("UNREVIEWED_CONTROLS: ")
    assert served.world.newest == served.world.publisher.in_force().document
    served.watch.look()
    assert len([words for words in served.said if words.startswith("UNREVIEWED")]) == 1


def test_controls_that_are_gone_become_a_revision_when_they_stay_gone(served: Served) -> None:
    served.world.home.control_file.unlink()
    served.watch.look()
    assert served.said == []
    served.watch.look()
    assert served.said[0].startswith("CONTROLS_REMOVED: ")
    assert not served.world.is_live()


def test_telemetry_that_cannot_be_read_is_said_once_and_tried_again(served: Served) -> None:
    served.shows(None)
    served.shows(None)
    assert served.failure() is not None
    assert [
        words.startswith("the verdict cannot be formed: the telemetry store") for words in served.said
    ] == [True]
    served.setting(AutoNarrow.KILL)
    served.shows(CLEAN)
    assert served.failure() is None
    assert served.world.is_live()


def test_a_home_without_a_store_is_only_watched_later(served: Served) -> None:
    @contextmanager
    def none() -> Iterator[None]:
        yield None

    watch = Watch(none, TelemetryEvidence(served.telemetry), lambda: 0, served.said.append)
    assert watch.look() == watch.watched
    assert (watch.watched.reviewed, watch.watched.failure, served.said) == (None, None, [])


def test_the_thread_looks_and_stops(served: Served) -> None:
    watch = Watch(
        served.service,
        TelemetryEvidence(served.telemetry),
        lambda: 0,
        served.said.append,
        period_seconds=0.01,
    )
    watch.start()
    while watch.watched.reviewed is None:
        assert watch.watched.failure is None
    watch.stop()
    watch.stop()


def test_where_there_is_nothing_to_judge_it_says_why_until_there_is(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.root.mkdir()
    provider = TelemetryEvidence(HeldTelemetry(CLEAN))
    watch = Watch(partial(own_service, home, provider), provider, lambda: 0, lambda _said: None)
    assert watch.look() == Watched(nothing=NO_STORE)
    Store.create(home.store).close()
    assert watch.look() == Watched(nothing=NO_REVISION)
    foundation = Foundation(environment="test", operator_id=ALICE.actor_id, p50_ms=5_000, p95_ms=20_000)
    found(home, foundation, time.time_ns, "init")
    watched = watch.look()
    assert (watched.nothing, watched.failure, watched.reviewed is not None) == (None, None, True)
