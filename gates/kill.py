"""Stop everything: the effect of a kill, with nothing but the control file (DESIGN section 3).

No store, no policy, no prompt, and nothing that waits for more than about two seconds. The record
comes after (`gates.changes.kill`). In this order, each when the one before it failed:

    publish      the controls in force once more, with the kill on
    removal      the control file renamed away, which needs no space: a missing file means STUB
    emptying     the file cut to nothing in place, where the folder may not be written: also STUB

What is reported is what was read back, never what was meant.
"""

import errno
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from gates.controls.checked import Unreadable, read
from gates.controls.instant import Clock, timestamp
from gates.controls.publish import Publisher
from gates.controls.reader import ControlFile
from gates.errors import GateError
from gates.home import Home
from schemas.errors import ContractError

By = Literal["publish", "removal"]
# Where nothing is for this user, nothing is for anybody.
_NOTHING_FOR_ANYBODY = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG}


@dataclass(frozen=True, slots=True)
class Stopped:
    """How the kill took effect, or that it did not.

    `killed` is what was read back: every decision from now on is STUB. What this user may not look at
    others may, so it does not count as stopped. `by` is null where nothing worked. `already`: it was so
    before. `before` and `after` are the documents in force, null where there was or is none;
    `unrecorded` says why the control history does not have it yet.
    """

    killed: bool
    by: By | None
    already: bool
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    at_ns: int
    took_ms: float
    read_back: str
    unrecorded: str | None

    @property
    def revision(self) -> int | None:
        """The revision that stopped everything; by removal the one that was taken away."""
        document = self.after or self.before
        return None if document is None else int(document["revision"])


def stop(home: Home, clock: Clock = time.time_ns, publisher: Publisher | None = None) -> Stopped:
    """Stop every AI call of this home. Never raises, whatever is broken."""
    begin = time.perf_counter()
    publisher = publisher or Publisher(home, clock)
    seen: list[Mapping[str, Any] | None] = []
    by, unrecorded = _stop(home, clock, publisher, seen)
    before = seen[-1] if seen else None
    after = publisher.in_force().document
    controls = ControlFile(home.control_file, clock=clock).current()
    hidden = _hidden(home.control_file)
    reason = None if hidden else controls.unknown or controls.killed
    return Stopped(
        killed=reason is not None,
        by=by if reason is not None else None,
        already=(by == "publish" and after == before) or (by == "removal" and not seen),
        before=before,
        after=after,
        at_ns=clock(),
        took_ms=(time.perf_counter() - begin) * 1000,
        read_back=reason or hidden or f"NOT STOPPED: revision {controls.revision} is still in force",
        unrecorded=unrecorded,
    )


def _stop(
    home: Home, clock: Clock, publisher: Publisher, seen: list[Mapping[str, Any] | None]
) -> tuple[By | None, str | None]:
    def successor(document: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        if document is None:
            raise _NothingToKeep
        seen.append(document)
        stands = document["kill"] and document["breakGlassUntil"] is None
        if stands and not os.path.lexists(home.drilling):  # what a drill stopped it may bring back
            return None
        return {
            **document,
            "kill": True,
            "breakGlassUntil": None,
            "revision": document["revision"] + 1,
            "effectiveAt": timestamp(clock()),
        }

    try:
        return "publish", publisher.narrow(successor).unrecorded
    except _NothingToKeep:
        pass
    except (GateError, ContractError, OSError) as error:
        failure = str(error)
        if seen and seen[-1] is not None and seen[-1]["kill"] and publisher.in_force().document == seen[-1]:
            return "publish", failure  # it was on before and still is
    try:
        return "removal", publisher.remove().unrecorded
    except (GateError, OSError) as error:
        failure = str(error)
    with suppress(OSError):
        os.truncate(home.control_file, 0)
        return "removal", failure
    return None, failure


def _hidden(path: Path) -> str | None:
    """Why this process cannot tell what executors of another user read, or null where it can."""
    try:
        read(path)
    except Unreadable as error:
        cause = error.__cause__
        if isinstance(cause, OSError) and cause.errno not in _NOTHING_FOR_ANYBODY:
            return (
                f"NOT KNOWN TO BE STOPPED: this user cannot look at `{path}` ({error}); "
                "run it as the user who owns the home"
            )
    return None


class _NothingToKeep(Exception):
    """There is no valid document in force."""
