"""Operators, intents, time, crashes, restarts and foreign hands in any order, in every mode."""

from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gates.changes.content import Terms
from gates.changes.documents import content_of
from gates.changes.drilling import Patience
from gates.changes.gathering import LATCHED, took_effect
from gates.errors import Conflict, InvalidChange, NotSignedIn, PublishConflict, UnknownEntry
from gates.policy.diff import Dimension, Direction, diff
from gates.policy.evidence import Verification
from gates.policy.intent import Actor, Mode
from gates.policy.ladder_steps import next_percent
from gates.policy.outcome import Outcome
from gates.policy.values import control_values
from gates.store.audit.verify import Intact, verify
from gates.store.review_rows import DrillState
from gates.store.rows import RevisionRow
from gates.verdict.document import document_of
from gates.verdict.evidence import KillState
from gates.verdict.verdict import KillConfirmation
from gates.verdict.words import VerdictWord
from schemas.stages import Step
from tests.gates.changes.world import CAROL, HOUR, PEOPLE, TERMS, Crash, World, allowlist
from tests.gates.changes.world import rule as allow

ACTORS = st.sampled_from(PEOPLE)
SMALLEST = allowlist()
PATCHES: list[dict[str, Any]] = [
    {"feature": True},
    {"feature": False},
    {"allowlist": SMALLEST},
    {"allowlist": allowlist(enabled=False)},
    {"allowlist": allowlist(allow(subject=["Biology", "Physics"]))},
    {"allowlist": allowlist(allow(slotIds=[]))},
    {"kill": True},
    {"kill": False},
    {"rolloutZero": "everyone"},
    {"rolloutZero": "nobody"},
    {"feature": True, "percent": 1},
    {"step": "steady"},
    *({"percent": percent} for percent in (0, 1, 5, 10, 25, 50, 100)),
]
NARROWINGS: list[dict[str, Any]] = [
    {"feature": False},
    {"kill": True},
    {"percent": 1},
    {"allowlist": allowlist(enabled=False)},
    {"allowlist": allowlist(allow(subject=["Physics"]))},
]
# What blocks in every mode: CONTRACTS section 8.
ALWAYS = {"E_DRILL", "E_ZERO_OPENS_GATE", "E_BASE_REVISION", "E_NO_CHANGE", "E_ROLE", "E_MODE_CHECKS"}


class Changes(RuleBasedStateMachine):
    """One home. Its clock is also where it crashes: the service looks at it between all its steps."""

    mode = Mode.ENFORCE

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.world = World(Path(self.folder.name), self.mode)
        self.seen = 0
        self.since: dict[str, int] = {}
        self.previous: RevisionRow | None = None
        self.latched: str | None = None

    def teardown(self) -> None:
        self.folder.cleanup()

    # what people do

    @initialize(far=st.booleans())
    def begin(self, far: bool) -> None:
        if far:
            self.world.to_canary_1()

    @rule(actor=ACTORS, patch=st.sampled_from(PATCHES))
    def propose(self, actor: Actor, patch: dict[str, Any]) -> None:
        self.attempt(lambda: self.world.service.propose(actor, patch, TERMS))

    @rule(actor=ACTORS)
    def approve(self, actor: Actor) -> None:
        self.attempt(lambda: self.world.service.approve(actor, self.last()))

    @rule(actor=ACTORS)
    def apply(self, actor: Actor) -> None:
        self.attempt(lambda: self.world.service.apply(actor, self.last()))

    @rule(patch=st.sampled_from(PATCHES))
    def carry(self, patch: dict[str, Any]) -> None:
        """The whole way, so that the machine gets far."""
        alice, bob = PEOPLE[0], PEOPLE[1]
        answer = self.attempt(lambda: self.world.service.propose(alice, patch, TERMS))
        if answer is not None and answer.request is not None:
            self.attempt(lambda: self.world.service.approve(bob, answer.request))
            self.attempt(lambda: self.world.service.apply(alice, answer.request))

    @rule(actor=ACTORS, reason=st.sampled_from(["", "other"]))
    def edit(self, actor: Actor, reason: str) -> None:
        terms = Terms(reason=reason, decision_record="ADR-2")
        patch = {"percent": 5}
        for row in self.world.service.open_requests()[-1:]:
            number, seen = row.number, row.content_digest
            self.attempt(partial(self.world.service.edit, actor, number, patch, terms, seen))

    @rule(actor=ACTORS)
    def reject(self, actor: Actor) -> None:
        self.attempt(lambda: self.world.service.reject(actor, self.last(), "no"))

    @rule(actor=ACTORS)
    def revert(self, actor: Actor) -> None:
        self.attempt(lambda: self.world.service.revert(actor, TERMS))

    @rule(actor=ACTORS)
    def break_glass(self, actor: Actor) -> None:
        self.attempt(lambda: self.world.service.break_glass(actor, TERMS))

    @rule(actor=ACTORS)
    def give_what_is_owed(self, actor: Actor) -> None:
        for debt in self.world.service.owed():
            self.attempt(lambda debt=debt: self.world.service.give(actor, debt.owed_id, "so it was"))

    @rule(patch=st.sampled_from(NARROWINGS))
    def narrow(self, patch: dict[str, Any]) -> None:
        before = control_values(self.world.newest)
        answer = self.world.service.narrow(CAROL, patch)
        assert answer.decision.outcome is Outcome.ALLOWED
        after = control_values(self.world.publisher.in_force().document or self.world.newest)
        assert not [d for d in diff(before, after) if d.direction is Direction.WIDENS]

    @rule()
    def kill(self) -> None:
        assert self.world.service.kill(CAROL).stopped.killed
        assert not self.world.is_live()
        self.world.service.reconcile()

    @rule(actor=ACTORS)
    def look(self, actor: Actor) -> None:
        """Somebody looks at the verdict: ROLL BACK of what is in force stands from then on."""
        question = self.world.service.question()
        seen = self.world.evidence.evidence(question)
        self.world.service.note_verdict(actor.actor_id, seen)
        latched = self.world.service.question().latched
        assert latched is not None or seen.verdict is not VerdictWord.ROLL_BACK

    @rule(actor=ACTORS)
    def acknowledge(self, actor: Actor) -> None:
        before, killed = self.world.service.question().latched, self.world.newest["kill"]
        answer = self.world.service.acknowledge(actor, "the cause is known")
        if answer.decision.allow:
            assert before is not None
            assert killed or self.world.evidence.verdict is not VerdictWord.ROLL_BACK
            self.latched = None
            assert self.world.service.question().latched is None

    @rule(actor=ACTORS, share=st.sampled_from([0.005, 0.01, 0.02]))
    def propose_thresholds(self, actor: Actor, share: float) -> None:
        before = self.world.service.thresholds()
        document = document_of(before) | {"mediumShare": share}
        self.attempt(lambda: self.world.service.propose_thresholds(actor, document, TERMS))
        after = self.world.service.thresholds()
        assert after.medium_share <= before.medium_share
        assert (after.version_number > before.version_number) is (after != before)

    @rule(actor=ACTORS, withdrawing=st.booleans())
    def say_that_an_output_is_bad(self, actor: Actor, withdrawing: bool) -> None:
        service = self.world.service
        deed = service.withdraw_bad if withdrawing else service.report_bad
        self.attempt(lambda: deed(actor, "job-1", "wrong") and None)

    @rule(patch=st.sampled_from(PATCHES), verdict=st.sampled_from([VerdictWord.HOLD, VerdictWord.ROLL_BACK]))
    def evidence_gets_worse_before_it_is_applied(self, patch: dict[str, Any], verdict: VerdictWord) -> None:
        self.world.expand()
        alice, bob = PEOPLE[0], PEOPLE[1]
        answer = self.attempt(lambda: self.world.service.propose(alice, patch, TERMS))
        if answer is None or answer.request is None:
            return
        self.attempt(lambda: self.world.service.approve(bob, answer.request))
        self.world.evidence.put(verdict, Verification.FAILED)
        before = self.world.newest
        self.attempt(lambda: self.world.service.apply(alice, answer.request))
        assert self.mode is not Mode.ENFORCE or self.world.newest == before

    @rule(
        confirmed=st.booleans(),
        meanwhile=st.sampled_from(["nothing", "kill", "narrow"]),
        looks=st.one_of(st.none(), st.integers(1, 40)),
    )
    def drill(self, confirmed: bool, meanwhile: str, looks: int | None) -> None:
        """What a drill took away comes back exactly, confirmed and untouched, or stays away."""
        service, alice = self.world.service, PEOPLE[0]
        asked = self.attempt(lambda: service.propose_drill(alice, TERMS))
        if asked is None or asked.request is None:
            return
        self.attempt(lambda: service.approve(PEOPLE[1], asked.request))
        before, was_live = self.world.newest, self.world.is_live()

        def confirm() -> KillConfirmation:
            assert not self.world.is_live()
            if meanwhile == "kill":
                service.kill(CAROL)
            elif meanwhile == "narrow":
                service.narrow(CAROL, {"percent": 1, "kill": True})
            state = KillState.CONFIRMED if confirmed else KillState.BREACHED
            return KillConfirmation(state=state, sentence=state.value)

        self.world.clock.crash_in(looks)
        with suppress(Crash):
            patience = Patience(sleep=lambda _: None)
            self.attempt(lambda: service.run_drill(alice, asked.request, confirm, patience))
        self.world.clock.crash_in(None)
        live_at_crash = self.world.is_live()
        service.reconcile()
        assert live_at_crash or not self.world.is_live()
        if self.world.is_live():
            assert was_live
            assert content_of(self.world.newest) == content_of(before)
            assert self.world.newest == before or (confirmed and meanwhile == "nothing")
        ended = service.drills()[-1:]
        assert not ended or ended[0].state is not DrillState.RESTORED or ended[0].confirmed_at_ns is not None

    @rule()
    def climb(self) -> None:
        """The next legal step with all it takes, so that the upper rungs are reached."""
        self.world.expand()
        current = control_values(self.world.newest)
        higher = next_percent(current)
        self.carry({"kill": False} if current.kill or higher is None else {"percent": higher})

    # what happens to them

    @rule(hours=st.sampled_from([0, 1, 3, 5, 25]))
    def pass_time(self, hours: int) -> None:
        self.world.clock.now += hours * HOUR + 61 * 10**9
        self.world.service.reconcile()

    @rule(verdict=st.sampled_from(list(VerdictWord)), verification=st.sampled_from(list(Verification)))
    def learn(self, verdict: VerdictWord, verification: Verification) -> None:
        self.world.evidence.put(verdict, verification, beta_criteria_met=True)

    @rule()
    def all_is_well(self) -> None:
        self.world.expand()

    @rule(patch=st.sampled_from(PATCHES), looks=st.integers(1, 12), deed=st.sampled_from(["carry", "narrow"]))
    def crash(self, patch: dict[str, Any], looks: int, deed: str) -> None:
        """The process dies in the middle, and the next one starts."""
        was_live = self.world.is_live()
        self.world.clock.crash_in(looks)
        try:
            if deed == "carry":
                self.carry(patch)
            else:
                self.world.service.narrow(CAROL, patch)
        except (Crash, InvalidChange):
            pass
        self.world.clock.crash_in(None)
        live_at_crash = self.world.is_live()
        assert was_live or deed == "carry" or not live_at_crash
        self.world.service.reconcile()
        assert live_at_crash or not self.world.is_live()

    @rule(percent=st.sampled_from([1, 100]), kill=st.booleans())
    def foreign_hand(self, percent: int, kill: bool) -> None:
        """Somebody writes the control file past every rule."""
        document = {**self.world.newest, "percent": percent, "kill": kill, "feature": True}
        if document == self.world.newest:
            return
        self.world.publisher.publish(document)
        self.world.home.history.unlink()  # a hand leaves no announcement
        assert self.world.service.unreviewed() is not None
        self.world.service.reconcile()
        assert not self.world.is_live()

    @rule()
    def restart(self) -> None:
        assert self.world.service.reconcile() == ()

    # what must hold

    @invariant()
    def the_file_is_the_newest_applied_revision_or_denies(self) -> None:
        in_force = self.world.publisher.in_force().document
        assert in_force == self.world.newest or not self.world.is_live()

    @invariant()
    def the_chain_verifies(self) -> None:
        with self.world.store.read() as tx:
            assert isinstance(verify(tx.audit.iterate()), Intact)

    @invariant()
    def nobody_signed_their_own_and_every_step_was_in_order(self) -> None:
        with self.world.store.read() as tx:
            rows = [row for row in tx.revisions.all() if row.revision > self.seen]
            for row in rows:
                if took_effect(tx, row) and self.mode is Mode.ENFORCE:
                    self.judge(tx, row)
                if took_effect(tx, row) and row.kind == "widening" and self.mode is Mode.ENFORCE:
                    assert self.latched is None, "widened while ROLL BACK stood"
                self.previous = row if took_effect(tx, row) else self.previous
                self.seen = row.revision
            self.latched = tx.settings.get(LATCHED) or None

    def judge(self, tx: Any, row: RevisionRow) -> None:
        before, after = self.previous, control_values(row.after)
        if before is None:
            return
        deltas = diff(control_values(before.after), after)
        widened = {d.dimension for d in deltas if d.direction is Direction.WIDENS}
        assert len(widened) <= 1 or row.kind != "widening"
        on = {
            "feature": after.feature,
            "allowlist": after.allowlist_enabled,
            "percent": after.percent > 0,
        }
        for name, is_on in on.items():
            if not is_on:
                self.since.pop(name, None)
            else:
                self.since.setdefault(name, row.revision)
        if row.kind == "widening" and widened:
            self.signed(tx, row, widened)
        if Dimension.KILL in widened and before.step == Step.BASELINE:
            assert row.after["breakGlassUntil"] is None
            assert row.after["percent"] == 1
            order = [self.since[name] for name in ("feature", "allowlist", "percent")]
            assert order == sorted(set(order)), (order, row)
            assert order[-1] < row.revision

    def signed(self, tx: Any, row: RevisionRow, widened: set[Dimension]) -> None:
        if row.request_number is None:
            assert widened == {Dimension.KILL}
            assert row.after["breakGlassUntil"] is not None
            return
        request = tx.requests.get(row.request_number)
        signers = {
            approval.approver_id
            for approval in tx.approvals.of(row.request_number)
            if approval.content_digest == request.content_digest
        }
        assert signers - set(request.editors), "nobody else signed"

    # how

    def last(self) -> int:
        with self.world.store.read() as tx:
            rows = list(tx.requests.all())
        return rows[-1].number if rows else 1

    def attempt(self, deed: Any) -> Any:
        try:
            answer = deed()
        except (InvalidChange, UnknownEntry, NotSignedIn, Conflict, PublishConflict):
            return None
        if answer is not None and self.mode is Mode.SHADOW and answer.mode is not None:
            codes = {code.value for code in answer.decision.reason_codes}
            blocked = answer.decision.outcome is Outcome.BLOCKED
            assert not blocked or codes & ALWAYS, answer
        return answer


class ShadowChanges(Changes):
    """Shadow never blocks what only `enforce` may block."""

    mode = Mode.SHADOW

    @precondition(lambda self: False)
    @rule()
    def foreign_hand(self) -> None:
        """Left to the other machine."""


class OffChanges(Changes):
    """Nothing is enforced, and still nothing is lost: narrowing, the file, the chain."""

    mode = Mode.OFF


FEW = settings(
    max_examples=15,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestChanges = Changes.TestCase
TestChanges.settings = FEW
TestShadowChanges = ShadowChanges.TestCase
TestShadowChanges.settings = settings(FEW, max_examples=10)
TestOffChanges = OffChanges.TestCase
TestOffChanges.settings = settings(FEW, max_examples=8)
