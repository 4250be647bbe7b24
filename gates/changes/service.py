"""The one service that carries an intent from proposal to effect; no channel goes around it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gates.changes import modes, people, requests
from gates.changes.answers import Answer
from gates.changes.automatic import Automatic
from gates.changes.budgeting import propose_spending
from gates.changes.commenting import Commenting
from gates.changes.content import CONTROLS, DRILL, MODE, SPENDING, THRESHOLDS, Terms
from gates.changes.convergence import Same, Stop
from gates.changes.documents import Patch
from gates.changes.drilling import Drilling
from gates.changes.effects import apply_controls, break_glass, judged_for_apply
from gates.changes.guarding import Guarding
from gates.changes.killing import Kill, kill
from gates.changes.limits import propose_thresholds, put_in_force
from gates.changes.looking import Looking
from gates.changes.narrowing import narrow
from gates.changes.people import Wish, carry_out, done_words, wish_of
from gates.changes.reconciling import Finding, inspect, reconcile
from gates.changes.recounting import Recounting
from gates.changes.rehearsing import Rehearsing
from gates.changes.requested import RequestFiles
from gates.changes.restoring import Restoring
from gates.changes.retaining import Retaining
from gates.changes.retelling import Retelling
from gates.changes.reverting import way_back
from gates.changes.saying import Saying
from gates.changes.spending import SpendingDocument
from gates.changes.spending import put_in_force as put_spending_in_force
from gates.changes.watching import Watching
from gates.errors import InvalidChange, NotSignedIn, RequestConflict
from gates.policy.intent import Actor, Mode
from gates.policy.rules.safety import NARROWING_ROLES
from gates.store.review_rows import ReviewMoment
from gates.store.rows import RequestState


class ChangeService(
    Automatic,
    Guarding,
    Drilling,
    Watching,
    Saying,
    Commenting,
    Rehearsing,
    Recounting,
    Restoring,
    Retaining,
    Retelling,
    RequestFiles,
    Looking,
):
    """Changes of one home. `reconcile` first: it mends what an interruption left."""

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
        """Ask for a change; `base_revision` is what its author saw. A narrowing takes effect at once.

        Who asks for a release that the budget guard would stop again is told so.
        """
        answer = requests.propose(self._desk, actor, patch, terms, base_revision)
        return self._told(answer) if patch.get("kill") is False else answer

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

    def apply(self, actor: Actor, number: int, seen_digest: str | None = None) -> Answer:
        """Put a request in force, whatever its kind; with `seen_digest`, exactly that content of it."""
        with self._desk.turn():
            with self._desk.store.read() as tx:
                kind = requests.known(tx, number).kind
            if kind == DRILL:
                raise InvalidChange(f"request {number} is a drill; `slotgate drill kill {number}` runs it")
            if kind == CONTROLS:
                return apply_controls(self._desk, actor, number, seen_digest)
            return self._settle(actor, number, seen_digest)

    def revert(self, actor: Actor, terms: Terms) -> Answer:
        """Undo the last change through the same boundary: at once where that narrows, else its first step."""
        with self._desk.store.read() as tx:
            back = way_back(tx)
        answer = self.propose(actor, back.patch, terms)
        return replace(answer, words=f"{answer.words}; {back.words}") if back.words else answer

    def narrow(self, actor: Actor, patch: Patch, reason: str = "") -> Answer:
        """Take away, at once; what stands already is no error."""
        return narrow(self._desk, actor, patch, reason)

    def unkill(self, actor: Actor, terms: Terms) -> Answer:
        """Ask for the release of the kill."""
        return self.propose(actor, {"kill": False}, terms)

    def break_glass(self, actor: Actor, terms: Terms) -> Answer:
        """Release the kill alone, for 60 minutes."""
        with self._desk.turn():
            return self._told(break_glass(self._desk, actor, terms))

    def kill(self, actor: Actor, reason: str | None = None) -> Kill:
        """Stop everything; takes a role that may narrow. Raises `NotSignedIn`."""
        if not actor.roles & NARROWING_ROLES:
            raise NotSignedIn(f"`{actor.actor_id}` may not stop: it takes the role oncall; call the rota")
        return kill(self._desk.home, by=actor.actor_id, reason=reason, clock=self._desk.clock)

    def propose_thresholds(self, actor: Actor, document: Mapping[str, Any], terms: Terms) -> Answer:
        """Ask for other thresholds: stricter ones are in force at once. Raises `InvalidChange`."""
        return propose_thresholds(self._desk, actor, document, terms)

    def change_spending(
        self, actor: Actor, name: SpendingDocument, document: Mapping[str, Any], terms: Terms
    ) -> Answer:
        """Set the budget or the price table; what asks less takes two people where it is enforced.

        Raises `InvalidChange`.
        """
        return self._at_once(actor, propose_spending(self._desk, actor, name, document, terms))

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

    def _told(self, answer: Answer) -> Answer:
        again = self.budget_used_up()
        return replace(answer, words=f"{answer.words}; {again}") if again else answer

    def _at_once(self, actor: Actor, answer: Answer) -> Answer:
        """Apply a request that was just opened, where nothing is enforced: the findings are on record."""
        if answer.request is None or answer.mode is Mode.ENFORCE:
            return answer
        return self.apply(actor, answer.request)

    def _settle(self, actor: Actor, number: int, seen_digest: str | None) -> Answer:
        """Apply a request about modes, thresholds or people."""
        secret, words = None, f"refused; request {number} was not applied"
        with self._desk.store.begin() as tx:
            row, judged = judged_for_apply(self._desk, tx, actor, number, seen_digest)
            mode = judged.state.mode
            over = requests.outdated(self._desk, tx, row, judged)
            if over is None and judged.decision.allow:
                if row.kind == MODE:
                    before, mode = mode, Mode(row.content["mode"])
                    modes.set_mode(tx, mode)
                    words = f"the mode is `{mode}` now, was `{before}`"
                elif row.kind == THRESHOLDS:
                    document, by = row.content["thresholds"], actor.actor_id
                    words = put_in_force(tx, document, by=by, at_ns=judged.now_ns, request=number)
                    requests.looked(tx, judged, ReviewMoment.APPLY, row.kind, number)
                elif row.kind == SPENDING:
                    name, document = SpendingDocument(row.content["name"]), row.content["document"]
                    words = put_spending_in_force(tx, name, document, by=actor.actor_id, at_ns=judged.now_ns)
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
