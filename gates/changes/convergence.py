"""What to do when the control file is not the newest revision. Pure: what is found in, what to do out.

found                                             do
the newest revision                               nothing
the controls before a widening that was recorded  undo the widening: it never took effect, and
but not published                                 a start of ours is no reason that it should
narrower controls that a publisher of ours        adopt them: a narrowing that was not recorded
published
the newest revision under a lower number          publish the newest: only its number was not
no valid file                                     stop for good: what was taken away stays away
anything else                                     stop: nobody reviewed it (UNREVIEWED_CONTROLS)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gates.changes.documents import killed, renumbered
from gates.policy.diff import diff, widens
from gates.policy.values import control_values
from gates.store.rows import RevisionKind, RevisionRow

Document = Mapping[str, Any]
UNREVIEWED = "UNREVIEWED_CONTROLS"


@dataclass(frozen=True, slots=True)
class Same:
    """The control file is the newest revision."""


@dataclass(frozen=True, slots=True)
class Undo:
    """Record that the newest revision never took effect, as the revision `document`; publish that."""

    document: Document


@dataclass(frozen=True, slots=True)
class Adopt:
    """Record, late, the narrowing that took effect, as the revision `document`; publish that."""

    document: Document


@dataclass(frozen=True, slots=True)
class Renew:
    """Publish the newest revision, which admits nobody else than what was found, again."""

    document: Document
    why: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Publish `document`, which stops everything, and record why."""

    document: Document
    code: str
    why: str


Step = Same | Undo | Adopt | Renew | Stop


def next_step(
    newest: RevisionRow,
    known: Document,
    found: Document | None,
    announced: tuple[Document, ...],
    at_ns: int,
) -> Step:
    """The one thing to do now.

    `known` is what was last known to be in force: the newest revision, or what was before it while
    its effect is unknown. `announced` holds what publishers of ours said they would publish.
    """
    number = newest.revision + 1
    if found == newest.after:
        if not _release_ended(found, at_ns):
            return Same()
        stop = killed(found, revision=number, at_ns=at_ns)
        return Stop(stop, "RELEASE_ENDED", "the break-glass release has ended")
    if found is None:
        if newest.after["kill"]:
            return Renew(newest.after, "the control file was gone while everything is stopped")
        stop = killed(known, revision=number, at_ns=at_ns)
        return Stop(stop, "CONTROLS_REMOVED", "the control file was taken away")
    if found["revision"] < newest.revision and renumbered(found, revision=newest.revision) == newest.after:
        return Renew(newest.after, "the control file held the newest controls under an older number")
    if newest.kind is RevisionKind.WIDENING and found == newest.before and newest.before != newest.after:
        return Undo(renumbered(found, revision=number))
    if found in announced and narrows_only(newest.after, found):
        return Adopt(renumbered(found, revision=max(number, found["revision"])))
    stop = killed(known, revision=max(number, found["revision"] + 1), at_ns=at_ns)
    return Stop(stop, UNREVIEWED, "the control file holds what nobody reviewed")


def narrows_only(reviewed: Document, found: Document) -> bool:
    """Whether `found` admits nothing that `reviewed` does not."""
    if found["environment"] != reviewed["environment"]:
        return False
    return not widens(diff(control_values(reviewed), control_values(found)))


def _release_ended(document: Document, at_ns: int) -> bool:
    until = control_values(document).break_glass_until_ns
    return not document["kill"] and until is not None and at_ns >= until
