"""Make a home of a backup: all of it is checked before there is a home, and the home begins stopped."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from dashboard.backup.checking import broken_chain, problems
from dashboard.backup.manifest import Manifest, StoreIs
from dashboard.backup.reading import Read, read_through, size_of
from dashboard.backup.room import need_room
from dashboard.errors import BackupDamaged, BackupError, PlaceTaken
from dashboard.telemetry.private_files import private_files
from gates.changes.belonging import Place, open_store
from gates.changes.service import ChangeService
from gates.controls.durable import make_folder, sync_folder
from gates.controls.instant import Clock
from gates.controls.reader import ControlFile
from gates.home import Home
from gates.kill import stop
from gates.policy.intent import Actor
from gates.store.store import Store
from ingest.progress import Tell, Work
from ingest.store import TelemetryStore
from ingest.upkeep.draft_folder import draft_folder
from ingest.upkeep.moved import settle
from ingest.upkeep.soundness import check_what_a_load_needs

_DRAFTS = "slotgate-restore"
_SHOWN = 5
Service = Callable[[Home, Store], ChangeService]


@dataclass(frozen=True, slots=True)
class Restored:
    """A home that was made of a backup. `revision` stopped it, null where it has no store and no controls."""

    home: Home
    manifest: Manifest
    revision: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a restore needs from outside.

    `place` says where the store of a home is, `service` makes its change service, `actor` is who restores.
    """

    place: Callable[[Home], Place]
    service: Service
    actor: Actor
    clock: Clock
    tell: Tell


def restore(backup: Path, root: Path, means: Means) -> Restored:
    """Make the home `root` of `backup`, stopped.

    Raises `PlaceTaken` where something is there, `BackupDamaged` where the backup is not whole, `BackupError`
    where it cannot be read or the home not be written, a `StoreError` where the store of the home cannot be
    used, and what `means.tell` raises. Then nothing is at `root`, and it can be called again.
    """
    root = root.absolute()
    if Path(os.path.realpath(root)).is_relative_to(os.path.realpath(backup)):
        raise PlaceTaken(
            f"`{root}` is in the backup itself, which would be no backup any more; name a place outside of it"
        )
    _require_vacant(root)
    with _in_words(root):
        make_folder(root.parent)
        with draft_folder(root.with_name(_DRAFTS)) as drafts:
            draft = Home(drafts / "home")
            make_folder(draft.root)
            need_room(drafts, size_of(backup) or 0)
            read = read_through(backup, _into(draft), means.tell, Work.RESTORE)
            if wrong := tuple(problems(read)):
                more = f", and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
                raise BackupDamaged(
                    f"`{backup}` is not whole: {', '.join(wrong[:_SHOWN])}{more}; name another backup"
                )
            _prepare(draft, read)
            _open_telemetry(draft, root, read.manifest, means.clock)
            revision = _stop(backup, draft, read.manifest, means)
            for folder, _, _ in os.walk(draft.root):
                sync_folder(Path(folder))
            _require_vacant(root)
            draft.root.rename(root)
            sync_folder(root.parent)
    return Restored(Home(root), read.manifest, revision)


def _require_vacant(root: Path) -> None:
    """Nothing, or an empty folder that can be replaced. Raises `PlaceTaken`."""
    if not os.path.lexists(root):
        return
    if root.is_symlink() or not root.is_dir() or root.is_mount():
        raise PlaceTaken(
            f"`{root}` is a file, a link or the root of a disk, and a home is a folder of its own; name one "
            "that is not there yet"
        )
    if any(root.iterdir()):
        raise PlaceTaken(
            f"`{root}` is there already, and nothing is ever restored over what is there; name a folder that "
            "is not there yet, or move this one away"
        )


def _into(draft: Home) -> Callable[[str], Path]:
    def sink(path: str) -> Path:
        target = draft.root / path
        make_folder(target.parent)
        return target

    return sink


def _prepare(draft: Home, read: Read) -> None:
    """Times as they were, and the folders that every home has."""
    for entry in read.manifest.files:
        os.utime(draft.root / entry.path, ns=(entry.mtime_ns, entry.mtime_ns))
    for folder in (draft.control_file.parent, draft.spool, draft.specs, draft.late, draft.log):
        make_folder(folder)


def _open_telemetry(draft: Home, root: Path, manifest: Manifest, clock: Clock) -> None:
    """Brought to the layout of this version, and told of its files on this disk. Raises a `StoreError`."""
    if draft.telemetry.exists():
        spool = [entry for entry in manifest.files if entry.path.startswith(f"{draft.spool.name}/")]
        places = {(entry.device, entry.inode): str(root / entry.path) for entry in spool}
        with private_files(), TelemetryStore.open(draft.telemetry) as store:
            check_what_a_load_needs(store)
            settle(store, places, clock())


def _stop(backup: Path, draft: Home, manifest: Manifest, means: Means) -> int | None:
    """Under a new revision, on record; a home without a store has only its file to be stopped by."""
    if manifest.store is StoreIs.NOWHERE:
        revision = stop(draft, means.clock).revision
    else:
        with closing(open_store(draft, means.place(draft))) as store:
            why, _ = broken_chain(store)
            if why is not None:
                raise BackupDamaged(f"`{backup}`: {why}; name another backup, see docs/audit.md")
            said = {"backup": backup.name, "madeAt": manifest.made_at, "takenFrom": manifest.home}
            reason = f"restored from the backup of {manifest.made_at}"
            revision = means.service(draft, store).stop_restored(means.actor, said, reason)
    controls = ControlFile(draft.control_file, clock=means.clock).current()
    if controls.unknown is None and not controls.killed:
        raise BackupError(
            "the restored controls could not be stopped; no home was made, report it with its log"
        )
    return revision


@contextmanager
def _in_words(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        said = (error.strerror or str(error)).lower()
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise PlaceTaken(f"something came to `{root}` meanwhile; name another folder") from error
        about = f" (`{error.filename}`)" if error.filename else ""
        raise BackupError(
            f"the home `{root}` cannot be made: {said}{about}; see that its disk has room and that this user "
            "may write there"
        ) from error
