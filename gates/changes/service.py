"""The one service that carries an intent from proposal to effect; no channel goes around it."""

import json
from dataclasses import dataclass

from gates.changes import modes, people, requests
from gates.changes.acceptance import Acceptance, Tally, acceptance, tally
from gates.changes.answers import Answer
from gates.changes.content import CONTROLS, MODE, Terms
from gates.changes.convergence import Same, Stop
from gates.changes.desk import Desk
from gates.changes.documents import Patch, patched
from gates.changes.effects import apply_controls, break_glass, judged_for_apply, revert_patch
from gates.changes.gathering import newest_revision, stored_mode
from gates.changes.killing import Kill, kill
from gates.changes.narrowing import narrow
from gates.changes.people import Wish, carry_out, done_words, wish_of
from gates.changes.preview import Preview, preview
from gates.changes.reconciling import Finding, inspect, reconcile
from gates.errors import InvalidChange, NotSignedIn, RequestConflict
from gates.policy.diff import diff, widens
from gates.policy.intent import Actor, Mode
from gates.policy.outcome import Outcome
from gates.policy.rules.safety import NARROWING_ROLES
from gates.policy.values import control_values
from gates.store.rows import OwedRow, RequestRow, RequestState, RevisionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Divergence:
    """What shadow would have blocked and what enforce blocked: two counts, never one."""

    shadow: Tally
    enforce: Tally

    @property
    def sentence(self) -> str:
        """The shadow count in words."""
        reasons = ", ".join(f"{code} {count}" for code, count in self.shadow.by_reason)
        words = f"would have blocked {self.shadow.stopped} of {self.shadow.judged}"
        return f"{words}: {reasons}" if reasons else words


class ChangeService:
    """Changes of one home. `reconcile` first: it mends what an interruption left."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def reconcile(self) -> tuple[Finding, ...]:
        """Make the control file the newest revision, or deny; what was found on the way."""
        with self._desk.turn():
            return reconcile(self._desk)

    def unreviewed(self) -> str | None:
        """What is wrong with the control file, in words, without touching it; null when all is well."""
        step = inspect(self._desk)
        if step is None or isinstance(step, Same):
            return None
        code = step.code if isinstance(step, Stop) else type(step).__name__.upper()
        return f"{code}: the control file is not the newest revision"

    def propose(self, actor: Actor, patch: Patch, terms: Terms, base_revision: int | None = None) -> Answer:
        """Ask for a change; `base_revision` is what its author saw. A narrowing takes effect at once."""
        return requests.propose(self._desk, actor, patch, terms, base_revision)

    def propose_narrowing(self, actor: Actor, patch: Patch, terms: Terms) -> Answer:
        """Take away, at once; refused where that is nothing."""
        return requests.propose_narrowing(self._desk, actor, patch, terms)

    def edit(self, actor: Actor, number: int, patch: Patch, terms: Terms, seen_digest: str) -> Answer:
        """Replace the content of an open request."""
        return requests.edit(self._desk, actor, number, patch, terms, seen_digest)

    def approve(self, actor: Actor, number: int, seen_digest: str | None = None) -> Answer:
        """Sign a request."""
        return requests.approve(self._desk, actor, number, seen_digest)

    def reject(self, actor: Actor, number: int, reason: str) -> None:
        """Close a request for good."""
        requests.reject(self._desk, actor, number, reason)

    def apply(self, actor: Actor, number: int) -> Answer:
        """Put a request in force, whatever its kind."""
        with self._desk.turn():
            with self._desk.store.read() as tx:
                kind = requests.known(tx, number).kind
            return (
                apply_controls(self._desk, actor, number) if kind == CONTROLS else self._settle(actor, number)
            )

    def revert(self, actor: Actor, terms: Terms) -> Answer:
        """Undo the last change through the same boundary: at once where that narrows."""
        with self._desk.store.read() as tx:
            patch = revert_patch(tx)
        return self.propose(actor, patch, terms)

    def narrow(self, actor: Actor, patch: Patch, reason: str = "") -> Answer:
        """Take away, at once; what stands already is no error."""
        return narrow(self._desk, actor, patch, reason)

    def unkill(self, actor: Actor, terms: Terms) -> Answer:
        """Ask for the release of the kill."""
        return self.propose(actor, {"kill": False}, terms)

    def break_glass(self, actor: Actor, terms: Terms) -> Answer:
        """Release the kill alone, for 60 minutes."""
        with self._desk.turn():
            return break_glass(self._desk, actor, terms)

    def kill(self, actor: Actor, reason: str | None = None) -> Kill:
        """Stop everything; takes a role that may narrow. Raises `NotSignedIn`."""
        if not actor.roles & NARROWING_ROLES:
            raise NotSignedIn(f"`{actor.actor_id}` may not stop: it takes the role oncall; call the rota")
        return kill(self._desk.home, by=actor.actor_id, reason=reason, clock=self._desk.clock)

    def change_people(self, actor: Actor, wish: Wish, terms: Terms) -> Answer:
        """Operators and tokens: see `gates.changes.people`. Outside `enforce` a grant is applied at once."""
        answer = people.change_people(self._desk, actor, wish, terms)
        return self._at_once(actor, answer)

    def change_mode(self, actor: Actor, mode: Mode, terms: Terms) -> Answer:
        """Set the enforcement mode; less enforcement takes two people where it is enforced."""
        return self._at_once(actor, modes.change_mode(self._desk, actor, mode, terms))

    def rollback_mode(self, actor: Actor, terms: Terms) -> Answer:
        """Back to the mode before: applies the approved request, or opens one."""
        with self._desk.store.read() as tx:
            target = modes.rollback_target(tx)
            waiting = modes.open_rollback(tx, target)
        return (
            self.change_mode(actor, target, terms) if waiting is None else self.apply(actor, waiting.number)
        )

    def acceptance(self) -> Acceptance:
        """The checks that a promotion to `enforce` asks for."""
        with self._desk.store.read() as tx:
            return acceptance(self._desk, tx)

    def divergence(self) -> Divergence:
        """What each mode said so far, from the audit chain."""
        said: dict[str, list[tuple[str, tuple[str, ...]]]] = {mode.value: [] for mode in Mode}
        with self._desk.store.read() as tx:
            for record in tx.audit.iterate():
                fields = json.loads(record.body)
                if fields["outcome"] is not None and fields["mode"] in said and not fields["late"]:
                    said[fields["mode"]].append((fields["outcome"], tuple(fields["reason_codes"])))
        return Divergence(
            shadow=tally(iter(said["shadow"]), Outcome.WOULD_BLOCK),
            enforce=tally(iter(said["enforce"]), Outcome.BLOCKED),
        )

    def preview(self, patch: Patch) -> Preview:
        """What a change would do to the jobs seen lately."""
        newest = self.newest()
        at_ns = self._desk.clock()
        after = patched(newest.after, patch, revision=newest.revision + 1, at_ns=at_ns)
        return preview(newest.after, after, self._desk.jobs.recent(at_ns))

    def preview_request(self, number: int) -> Preview:
        """What a request would do."""
        with self._desk.store.read() as tx:
            row = requests.known(tx, number)
        if row.kind != CONTROLS:
            raise InvalidChange(f"request {number} is of kind `{row.kind}` and admits no job")
        return self.preview(row.content["patch"])

    def only_narrows(self, patch: Patch) -> bool:
        """Whether a change lets no more jobs through than the newest revision."""
        before = self.newest().after
        after = patched(before, patch, revision=before["revision"] + 1, at_ns=self._desk.clock())
        current, wanted = control_values(before), control_values(after)
        return not widens(diff(current, wanted)) and "step" not in patch

    def request(self, number: int) -> RequestRow:
        """A change request. Raises `UnknownEntry`."""
        with self._desk.store.read() as tx:
            return requests.known(tx, number)

    def newest(self) -> RevisionRow:
        """The newest revision. Raises `UnknownEntry` before the first."""
        with self._desk.store.read() as tx:
            return newest_revision(tx)

    def revisions(self) -> tuple[RevisionRow, ...]:
        """Every revision, oldest first."""
        with self._desk.store.read() as tx:
            return tuple(tx.revisions.all())

    def mode(self) -> Mode:
        """The enforcement mode."""
        with self._desk.store.read() as tx:
            return stored_mode(tx)

    def open_requests(self) -> tuple[RequestRow, ...]:
        """What waits for somebody."""
        with self._desk.store.read() as tx:
            return tuple(tx.requests.open())

    def owed(self) -> tuple[OwedRow, ...]:
        """Reasons and reviews that are owed, oldest first."""
        with self._desk.store.read() as tx:
            return tx.owed.open()

    def give(self, actor: Actor, owed_id: int, text: str) -> None:
        """Give what is owed: a reason, or the review of a break-glass release by somebody else."""
        if not text.strip():
            raise InvalidChange("say it with --reason")
        with self._desk.store.begin() as tx:
            tx.owed.give(owed_id, by=actor.actor_id, at_ns=self._desk.clock(), text=text)
            self._desk.note(tx, actor.actor_id, "give owed", target=str(owed_id), reason=text)

    def _at_once(self, actor: Actor, answer: Answer) -> Answer:
        """Apply a request that was just opened, where nothing is enforced: the findings are on record."""
        if answer.request is None or answer.mode is Mode.ENFORCE:
            return answer
        return self.apply(actor, answer.request)

    def _settle(self, actor: Actor, number: int) -> Answer:
        """Apply a request about modes or people."""
        secret, words = None, f"refused; request {number} was not applied"
        with self._desk.store.begin() as tx:
            row, judged = judged_for_apply(self._desk, tx, actor, number)
            mode = judged.state.mode
            over = requests.outdated(self._desk, tx, row, judged)
            if over is None and judged.decision.allow:
                if row.kind == MODE:
                    before, mode = mode, Mode(row.content["mode"])
                    modes.set_mode(tx, mode)
                    words = f"the mode is `{mode}` now, was `{before}`"
                else:
                    wish = wish_of(row.content)
                    secret = carry_out(tx, wish, by=row.requester, at_ns=judged.now_ns)
                    words = done_words(wish)
                tx.requests.set_state(number, RequestState.APPLIED, by=actor.actor_id, at_ns=judged.now_ns)
                self._desk.record(
                    tx, judged, "apply", target=row.kind, after=dict(row.content), request=number
                )
        if over is not None:
            raise RequestConflict(over)
        return Answer(decision=judged.decision, mode=mode, words=words, request=number, secret=secret)
