"""A home with people, a clock that stands still, and evidence that is put: everything real but time."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gates.changes.content import Terms
from gates.changes.desk import Desk
from gates.changes.documents import first_document
from gates.changes.founding import Foundation, found
from gates.changes.late import LateFile
from gates.changes.memory import CountedIds, HeldEvidence, HeldJobs
from gates.changes.people import AddOperator, carry_out
from gates.changes.recording import row_of
from gates.changes.service import ChangeService
from gates.controls.publish import Publisher
from gates.controls.reader import ControlFile
from gates.decision import CompiledControls
from gates.home import Home
from gates.policy.evidence import Verification
from gates.policy.intent import Actor, Mode, Role
from gates.store.port import StorePort
from gates.store.rows import RevisionKind
from gates.verdict.words import VerdictWord
from tests.gates.changes.kept import Kept
from tests.gates.store.in_memory import store_in_memory

SECOND = 10**9
HOUR = 3600 * SECOND
START = 1_800_000_000 * SECOND
TERMS = Terms(reason="the pilot begins", decision_record="ADR-7")
OWNER, APPROVER, ONCALL, ADMIN = (
    Role.ENGINEERING_OWNER,
    Role.APPROVER,
    Role.ONCALL,
    Role.ADMIN,
)
ALICE = Actor("local|alice", frozenset({OWNER, ADMIN}))
BOB = Actor("local|bob", frozenset({APPROVER}))
CAROL = Actor("local|carol", frozenset({ONCALL}))
DAVE = Actor("local|dave", frozenset({Role.VIEWER}))
ERIN = Actor("local|erin", frozenset({OWNER, APPROVER, ADMIN}))
PEOPLE = (ALICE, BOB, CAROL, DAVE, ERIN)


class Crash(BaseException):
    """The process ends here: nothing goes on but what Python undoes."""


class Clock:
    """Stands until it is moved; each look is one nanosecond later, so that moments differ.

    Everything of ours looks at it between its steps, so it is also where a crash can be.
    """

    def __init__(self) -> None:
        self.now = START
        self._looks: int | None = None

    def crash_in(self, looks: int | None) -> None:
        """Crash at that look from now; None: never."""
        self._looks = looks

    def __call__(self) -> int:
        if self._looks is not None:
            self._looks -= 1
            if self._looks <= 0:
                self._looks = None
                raise Crash
        self.now += 1
        return self.now


def rule(**changes: Any) -> dict[str, Any]:
    scope = {"subject": ["Biology"], "level": ["GCSE"], "board": ["AQA"], "specVersion": ["v1"]}
    base = {"id": "first", "enabled": True, "kinds": ["explanatory"], "slotIds": ["S1"], "maxJobsPerRun": 1}
    dimensions = {key: value for key, value in changes.items() if key in scope}
    rest = {key: value for key, value in changes.items() if key not in scope}
    return {**base, "appliesTo": {**scope, **dimensions}, **rest}


def allowlist(*rules: dict[str, Any], enabled: bool = True) -> dict[str, Any]:
    return {
        "version": "allowlist.v1",
        "enabled": enabled,
        "mode": "deny_by_default",
        "rules": list(rules or (rule(),)),
    }


def document(**changes: Any) -> dict[str, Any]:
    return {**first_document("test", START), **changes}


def _as_it_is(publisher: Publisher) -> Publisher:
    return publisher


_AT_CANARY_1: dict[Mode | None, Kept] = {}


class World:
    """The service of a new home, in the mode `mode`, with everyone of `PEOPLE`."""

    def __init__(
        self,
        folder: Path,
        mode: Mode = Mode.ENFORCE,
        store: StorePort | None = None,
        wrap: Callable[[Publisher], Any] = _as_it_is,
    ) -> None:
        self.home = Home(folder / "home")
        self.clock = Clock()
        self.evidence = HeldEvidence()
        self.jobs = HeldJobs()
        self.store: StorePort = store or store_in_memory()
        self.publisher = Publisher(self.home, self.clock)
        self.desk = Desk(
            home=self.home,
            store=self.store,
            publisher=wrap(self.publisher),
            clock=self.clock,
            evidence=self.evidence,
            jobs=self.jobs,
            ids=CountedIds(),
            late=LateFile(self.home.late),
        )
        self.service = ChangeService(self.desk)
        self._found(mode)
        self._founded_at = self.clock.now
        self._key = mode if store is None and wrap is _as_it_is else None

    def _found(self, mode: Mode) -> None:
        first = first_document("test", self.clock())
        with self.store.begin() as tx:
            tx.settings.set("mode", mode.value)
            tx.settings.set("environment", "test")
            for person in PEOPLE:
                carry_out(tx, AddOperator(person.actor_id, person.roles), by=None, at_ns=0)
            tx.revisions.append(
                row_of(first, None, RevisionKind.INIT, actor_id=ALICE.actor_id, intent_id="init", at_ns=START)
            )
        self.publisher.publish(first)

    @property
    def controls(self) -> CompiledControls:
        """What an executor reads."""
        return ControlFile(self.home.control_file, clock=self.clock).current()

    def is_live(self) -> bool:
        """Whether any job could reach the model."""
        controls = self.controls
        closed = controls.unknown or controls.killed or not controls.feature or controls.admits_below == 0
        return not closed and all(index.refusal is None for index in controls.allowlists)

    @property
    def newest(self) -> dict[str, Any]:
        return dict(self.service.newest().after)

    def verified(self) -> None:
        self.evidence.put(VerdictWord.KILLED, Verification.PASSED)

    def expand(self) -> None:
        self.evidence.put(VerdictWord.EXPAND, Verification.PASSED)

    def carry(self, patch: dict[str, Any], terms: Terms = TERMS) -> None:
        """Propose, approve, apply: alice, bob, alice."""
        proposed = self.service.propose(ALICE, patch, terms)
        assert proposed.request is not None, proposed
        assert self.service.approve(BOB, proposed.request).exit_code == 0
        applied = self.service.apply(ALICE, proposed.request)
        assert applied.revision is not None, applied
        assert self.newest == self.publisher.in_force().document

    def to_canary_1(self) -> None:
        """The enable sequence, step by step; a new world in memory is given what it left of the first."""
        is_new = self.clock.now == self._founded_at and self._key is not None
        self.verified()
        kept = _AT_CANARY_1.get(self._key) if is_new else None
        if kept is not None:
            kept.restore(self)
            return
        self._enable()
        if is_new:
            _AT_CANARY_1[self._key] = Kept.of(self)

    def _enable(self) -> None:
        self.carry({"feature": True})
        self.carry({"allowlist": allowlist()})
        self.carry({"percent": 1})
        assert not self.is_live()
        self.carry({"kill": False})
        assert self.is_live()
        assert self.newest["step"] == "canary-1"

    def actions(self) -> list[str]:
        """What the audit chain holds, oldest first."""
        with self.store.read() as tx:
            return [json.loads(record.body)["action"] for record in tx.audit.iterate()]


def real_home(folder: Path) -> tuple[Home, str]:
    """A home as `init` makes it, and its first token."""
    home = Home(folder / "home")
    foundation = Foundation(environment="test", operator_id="local|alice", p50_ms=5_000, p95_ms=20_000)
    return home, found(home, foundation, Clock(), "init")
