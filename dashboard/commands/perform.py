"""Carry out what a person asks for on a page.

    nobody, or a session that ended      refused, sign in
    lacks every role that it takes       refused, in every enforcement mode; on record
    needs a fresh proof, and it is old   refused, prove it again; on record
    was drawn as not possible            refused, with that reason; on record
    the change service refuses           refused, with its findings; on record by the service
    the store cannot be used             narrowed all the same where it narrows, else refused

A browser can send the press of any button, also of one that was drawn for nobody or not to be pressed. In
`shadow` and `off` the policy lets roles pass and records; through pages who may look changes nothing
(docs/adr/0145-through-pages-roles-hold-in-every-mode.md).
"""

import sys
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from enum import StrEnum
from typing import TypeVar

from dashboard.auth.notes import Notes
from dashboard.auth.sessions import Standing
from dashboard.auth.visitor import Visitor
from dashboard.commands.once import Once
from dashboard.commands.outcome import CommandOutcome, Cure, Done, Refused
from dashboard.errors import DashboardError
from gates.changes.answers import Answer
from gates.changes.service import ChangeService
from gates.controls.instant import Clock
from gates.errors import GateError, ModeUnknown, NotSignedIn, StoreError
from gates.policy.intent import Actor, Role
from gates.policy.outcome import Outcome

Result = TypeVar("Result")

Deed = Callable[[ChangeService, Actor], Answer | str]
"""What to do. Gives the service's answer, or, where that has none, what was done in words."""

CHANGING = frozenset(Role) - {Role.VIEWER, Role.AUDITOR}
"""Whoever holds none of these looks on."""
TOO_OLD = "this takes a proof of who you are from the last 10 minutes; sign in again, then repeat it"
NOBODY = Refused("nobody is signed in any more; sign in again", cure=Cure.SIGN_IN)
FAILED = "it failed, perhaps only in part; see the audit log for what was done, the server's log for why"


class Needs(StrEnum):
    """What a command asks of the person beside a role."""

    SESSION = "a session"
    FRESH_PROOF = "a fresh proof of who they are"


class Performer:
    """Commands of one home. `service` opens its change service for one command; `notes` keep refusals.

    `blind` gives a service that has no store, only that error, for what takes away.
    """

    def __init__(
        self,
        service: Callable[[], AbstractContextManager[ChangeService]],
        blind: Callable[[GateError], ChangeService],
        notes: Notes,
        clock: Clock,
    ) -> None:
        self._service = service
        self._blind = blind
        self._notes = notes
        self._clock = clock
        self._once = Once()

    def perform(
        self,
        visitor: Visitor | None,
        number: str,
        name: str,
        needs: Needs,
        deed: Deed,
        *,
        roles: frozenset[Role] | None = CHANGING,
        because_not: str | None = None,
        without_store: Deed | None = None,
    ) -> CommandOutcome:
        """Do `deed` for `visitor`, once for each `number`. Never raises; `name` is for the record.

        It takes one of `roles`; null where the service judges that in every mode. `because_not` is why the
        page said that it cannot be. `without_store` narrows where the store cannot be used.
        """
        not_admitted = self.admission(visitor, name, needs, roles)
        if visitor is None or not_admitted is not None:
            return not_admitted or NOBODY

        def done() -> CommandOutcome:
            if because_not is not None:
                self._notes.refusal(visitor.operator_id, f"{name} refused", "page", because_not)
                return Refused(because_not)
            return self._done(visitor.actor, deed, without_store)

        try:
            return self._once.do(f"{visitor.operator_id} {number}", done)
        except NotSignedIn as error:
            self._notes.refusal(visitor.operator_id, f"{name} refused", "role", str(error))
            return Refused(str(error))
        except (GateError, DashboardError) as error:
            return Refused(str(error))
        except Exception:  # noqa: BLE001 - a page must say that it failed; the log says where
            traceback.print_exc(file=sys.stderr)
            return Refused(FAILED)

    def admission(
        self, visitor: Visitor | None, name: str, needs: Needs, roles: frozenset[Role] | None
    ) -> Refused | None:
        """Why this person may not even try, in every enforcement mode; null lets them. On record."""
        if visitor is None or visitor.standing is not Standing.LIVE:
            return NOBODY
        if roles is not None and not visitor.roles & roles:
            words = _lacks(visitor, roles)
            self._notes.refusal(visitor.operator_id, f"{name} refused", "role", words)
            return Refused(words)
        if needs is Needs.FRESH_PROOF and not visitor.is_fresh(self._clock()):
            self._notes.refusal(visitor.operator_id, f"{name} refused", "step-up", "the proof is too old")
            return Refused(TOO_OLD, cure=Cure.STEP_UP)
        return None

    def carried_out(
        self,
        actor: Actor,
        deed: Callable[[ChangeService, Actor], Result],
        without_store: Callable[[ChangeService, Actor], Result] | None = None,
    ) -> Result:
        """Do `deed` for somebody who was admitted. Raises what it raises.

        `without_store` narrows where the store cannot be used.
        """
        try:
            with self._service() as service:
                return deed(service, actor)
        except (StoreError, ModeUnknown) as error:
            if without_store is None:
                raise
            return without_store(self._blind(error), actor)

    def _done(self, actor: Actor, deed: Deed, without_store: Deed | None) -> CommandOutcome:
        found = self.carried_out(actor, deed, without_store)
        if isinstance(found, str):
            return Done(found)
        if found.decision.outcome is Outcome.BLOCKED:
            return Refused(found.words, found)
        return Done(found.words, found)


def _lacks(visitor: Visitor, roles: frozenset[Role]) -> str:
    held, needed = ", ".join(sorted(visitor.roles)) or "none", " or ".join(sorted(roles))
    return f"it takes the role {needed}, and you hold {held}; ask somebody who holds it"
