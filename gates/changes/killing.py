"""Kill: stop first (`gates.kill`), then write down who did it. Nothing here can prevent the stop.

The store is imported and opened only after the effect, and waited for at most about a second. What
it cannot take is kept in the home's `late` folder; what that cannot take is told to the caller.
"""

import os
import time
from dataclasses import dataclass
from uuid import uuid4

from gates.changes.belonging import Place, open_store
from gates.changes.late import LateFile
from gates.changes.recording import Deed, record, spooled
from gates.controls.instant import Clock
from gates.controls.publish import Publisher
from gates.errors import GateError
from gates.home import Home
from gates.kill import Stopped, stop
from gates.policy.intent import Role
from gates.store.rows import RevisionKind

BUSY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Kill:
    """The stop, and why it is not in the audit chain yet; null when it is."""

    stopped: Stopped
    late: str | None


def kill(home: Home, *, by: str, reason: str | None = None, clock: Clock = time.time_ns) -> Kill:
    """Stop every AI call of `home`, by the person `by`; never raises.

    No approval and no reason is needed; a reason not given is owed within 24 h.
    """
    stopped = stop(home, clock)
    return Kill(stopped, record_kill(home, stopped, by=by, reason=reason, clock=clock))


def record_kill(
    home: Home,
    stopped: Stopped,
    *,
    by: str,
    reason: str | None,
    clock: Clock = time.time_ns,
    place: Place | None = None,
) -> str | None:
    """Write a stop down; why that has to wait, or null. Never raises.

    The store is at `place`, a path or a URL; null: in the home.
    """
    deed = deed_of(stopped, by=by, reason=reason)
    if not os.path.isdir(home.root):  # noqa: PTH112  the method raises where one may not look
        return f"there is no home `{home.root}` that this user could record it in"
    late = LateFile(home.late)
    try:
        store = open_store(home, home.store if place is None else place, BUSY_SECONDS)
    except (GateError, OSError, ImportError) as error:
        return spooled(late, deed, str(error))
    return record(store, Publisher(home, clock), late, deed, uuid4().hex)


def deed_of(stopped: Stopped, *, by: str, reason: str | None) -> Deed:
    """A stop as it is written down."""
    return Deed(
        action=_action(stopped),
        actor_id=by,
        roles=(Role.ONCALL.value,),
        reason=reason,
        at_ns=stopped.at_ns,
        kind=RevisionKind.KILL,
        before=stopped.before,
        after=stopped.after if stopped.by == "publish" else None,
        outcome=None,
        codes=(),
        described={"by": stopped.by, "readBack": stopped.read_back, "already": stopped.already},
    )


def _action(stopped: Stopped) -> str:
    if not stopped.killed:
        return "kill failed"
    return "kill again" if stopped.already else "kill"
