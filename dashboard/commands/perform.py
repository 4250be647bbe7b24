"""Carry out what a person asks for on a page.

    nobody, or a session that ended      refused, sign in
    needs a fresh proof, and it is old   refused, prove it again; on record
    the change service refuses           refused, with its findings; on record by the service
    the store cannot be used             refused, in the words of the error

Roles are not judged here: the policy does, for every channel alike.
"""

import sys
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from enum import StrEnum

from dashboard.auth.notes import Notes
from dashboard.auth.sessions import Standing
from dashboard.auth.visitor import Visitor
from dashboard.commands.once import Once
from dashboard.commands.outcome import CommandOutcome, Cure, Done, Refused
from dashboard.errors import DashboardError
from gates.changes.answers import Answer
from gates.changes.service import ChangeService
from gates.controls.instant import Clock
from gates.errors import GateError, NotSignedIn
from gates.policy.intent import Actor
from gates.policy.outcome import Outcome

Deed = Callable[[ChangeService, Actor], Answer | str]
"""What to do. Gives the service's answer, or, where that has none, what was done in words."""


TOO_OLD = "this takes a proof of who you are from the last 10 minutes; sign in again, then repeat it"
FAILED = "it failed, perhaps only in part; see the audit log for what was done, the server's log for why"


class Needs(StrEnum):
    """What a command asks of the person beside a role."""

    SESSION = "a session"
    FRESH_PROOF = "a fresh proof of who they are"


class Performer:
    """Commands of one home. `service` opens its change service for one command; `notes` keep refusals."""

    def __init__(
        self,
        service: Callable[[], AbstractContextManager[ChangeService]],
        notes: Notes,
        clock: Clock,
    ) -> None:
        self._service = service
        self._notes = notes
        self._clock = clock
        self._once = Once()

    def perform(
        self, visitor: Visitor | None, number: str, name: str, needs: Needs, deed: Deed
    ) -> CommandOutcome:
        """Do `deed` for `visitor`, once for each `number`. Never raises; `name` is for the record."""
        if visitor is None or visitor.standing is not Standing.LIVE:
            return Refused("nobody is signed in any more; sign in again", cure=Cure.SIGN_IN)
        if needs is Needs.FRESH_PROOF and not visitor.is_fresh(self._clock()):
            self._notes.refusal(visitor.operator_id, f"{name} refused", "step-up", "the proof is too old")
            return Refused(TOO_OLD, cure=Cure.STEP_UP)
        try:
            return self._once.do(f"{visitor.operator_id} {number}", lambda: self._done(visitor.actor, deed))
        except NotSignedIn as error:
            self._notes.refusal(visitor.operator_id, f"{name} refused", "role", str(error))
            return Refused(str(error))
        except (GateError, DashboardError) as error:
            return Refused(str(error))
        except Exception:  # noqa: BLE001 - a page must say that it failed; the log says where
            traceback.print_exc(file=sys.stderr)
            return Refused(FAILED)

    def _done(self, actor: Actor, deed: Deed) -> CommandOutcome:
        with self._service() as service:
            found = deed(service, actor)
        if isinstance(found, str):
            return Done(found)
        if found.decision.outcome is Outcome.BLOCKED:
            return Refused(found.words, found)
        return Done(found.words, found)
