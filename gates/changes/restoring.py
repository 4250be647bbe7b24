"""A home that was restored from a backup begins stopped: its controls are as old as the backup.

What was narrowed or reviewed since is not in it, so nothing that it holds may open anything. Nobody reads its
control file yet, so the record comes first; whoever restores throws away a home in which this failed.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from gates.changes.desk import Desk
from gates.changes.documents import killed
from gates.changes.reconciling import reconcile
from gates.changes.recording import row_of
from gates.controls.history import History
from gates.errors import StoreMissing
from gates.policy.intent import Actor
from gates.store.rows import RevisionKind

ACTION = "restore"


class Restoring:
    """The part of the change service that a restore calls, once."""

    _desk: Desk

    def stop_restored(self, actor: Actor, backup: Mapping[str, Any], reason: str) -> int:
        """Stop everything in a home that was just made from `backup`; see `stop_restored`."""
        return stop_restored(self._desk, actor, backup, reason)


def stop_restored(desk: Desk, actor: Actor, backup: Mapping[str, Any], reason: str) -> int:
    """Put the newest controls in force with the kill on, as a new revision, and say which.

    A new one also where the kill was on: what was verified under the one before was seen by another machine.
    Its number is greater than every one that the store, the control file or the history knows. `backup` goes
    into the audit record. Raises a `StoreError`, `StoreMissing` where no revision was ever made, and
    `PublishFailed`.
    """
    with desk.turn():
        reconcile(desk)  # what the copies caught half done
        known = _greatest_known(desk)
        with desk.store.begin() as tx:
            newest = tx.revisions.newest()
            if newest is None:
                raise StoreMissing(
                    f"the store of `{desk.home.root}` holds no revision: its home was never finished; "
                    "restore another backup, or make a home with `slotgate init`"
                )
            number = max(newest.revision, known) + 1
            at_ns = desk.clock()
            document = killed(newest.after, revision=number, at_ns=at_ns)
            row = row_of(
                document,
                newest.after,
                RevisionKind.KILL,
                actor_id=actor.actor_id,
                intent_id=desk.ids(),
                at_ns=at_ns,
            )
            tx.revisions.append(row)
            desk.note(
                tx, actor.actor_id, ACTION, target="home", after={"revision": number, **backup}, reason=reason
            )
        desk.publisher.publish(document)
    return number


def _greatest_known(desk: Desk) -> int:
    """Of control file and history: a number that was given away stands for other controls for ever."""
    found = desk.publisher.in_force().document
    numbers = [0 if found is None else int(found["revision"])]
    with suppress(OSError):  # a history that cannot be read cannot be gone by either
        lines = History(desk.home.history)
        numbers += [int(line["revision"]) for line in (lines.newest(), lines.announced()) if line is not None]
    return max(numbers)
