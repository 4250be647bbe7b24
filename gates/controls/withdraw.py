"""Take the control file away: the stop that needs no space, no record and nobody's leave."""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gates.controls import checked, durable
from gates.controls.history import History
from gates.controls.instant import Clock
from gates.controls.lock import PublishLock
from gates.controls.reconcile import record_effect, removed_file
from gates.errors import PublishFailed


@dataclass(frozen=True, slots=True)
class Removal:
    """There is no control file now, and everything is denied.

    `was_there` tells whether one was taken away; `unrecorded` says why the history does not have
    it yet, else it is null.
    """

    was_there: bool
    unrecorded: str | None


def withdraw(path: Path, history: History, clock: Clock, lock: PublishLock) -> Removal:
    """Rename the file away first, and record it after.

    Raises `PublishFailed` when the file is still there.
    """
    was_there = _rename_away(path)
    at_ns = clock()
    with lock.seized():
        durable.discard_drafts(path)  # a publisher that was about to finish cannot any more,
        was_there |= _rename_away(path)  # or has finished
        try:
            durable.sync_folder(path.parent)
            record_effect(path, history, clock)
            settled = history.settled()
            if settled is not None and settled["event"] == "effective":
                history.append("removed", at_ns, settled["revision"], None)
        except OSError as error:
            return Removal(was_there, checked.in_words(error))
    return Removal(was_there, None)


def _rename_away(path: Path) -> bool:
    """Tell whether there was something to rename."""
    target = removed_file(path)
    for name in (target, target.with_name(f"{target.name}.{secrets.token_hex(4)}")):
        try:
            path.rename(name)
        except (FileNotFoundError, NotADirectoryError):
            if not _stands(path):
                return False
        except OSError:
            continue
        else:
            return True
    with suppress(OSError):
        path.unlink()
    if _stands(path):
        raise PublishFailed(f"cannot remove `{path}`; take away the right to read it, or stop the executors")
    return True


def _stands(path: Path) -> bool:
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True  # who may not look cannot say that it is gone
    return True
