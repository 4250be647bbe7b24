"""Make a backup: a draft beside the target, and the target by one step once it is whole and on disk."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from dashboard.backup.manifest import HOME, NAME, VERSION, Layouts, Manifest, Omitted, StoreIs, encoded
from dashboard.backup.packing import SUFFIX, pack
from dashboard.backup.room import is_for_lack_of_room
from dashboard.backup.taking import Draft, TelemetryCopier, fill
from dashboard.errors import BackupError, PlaceTaken
from gates.changes.belonging import Place
from gates.controls.durable import make_folder, opened, sync_folder, write_all
from gates.controls.instant import Clock, timestamp
from gates.controls.publish import Publisher
from gates.home import Home
from ingest.progress import HowFar, Tell, Unit, Work
from ingest.upkeep.draft_folder import draft_folder

_DRAFTS = "slotgate-backup"
"""Of the drafts of all backups in a folder, so that the next one clears away what killed ones left."""
_ARCHIVES = (".tar", ".tgz", ".tzst", ".gz", ".xz", ".bz2", ".zst", ".zip", ".7z")
"""A folder with such a name would be taken for one."""
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS)


@dataclass(frozen=True, slots=True)
class Made:
    """A whole backup at `path`. `digest` is the SHA-256 of its manifest, which names all else by digest."""

    path: Path
    manifest: Manifest
    digest: str


def make_backup(
    home: Home, target: Path, place: Place, telemetry: TelemetryCopier | None, clock: Clock, tell: Tell
) -> Made:
    """Make the backup `target` of `home`: a file where its name ends in `.tar.zst`, else a folder.

    `place` is where the store is; one that is not `gate.db` in the home is not in the backup. `telemetry`
    copies the telemetry, null leaves it out: the spool has what the home's own executors wrote.

    Raises `PlaceTaken`, `BackupError`, a `StoreError`, and what `telemetry` and `tell` raise; then nothing is
    left of it.
    """
    target = target.absolute()
    _require_place(home, target)
    with _in_words(target), draft_folder(target.with_name(_DRAFTS)) as drafts:
        whole = drafts / "whole"
        make_folder(whole / HOME)
        draft = Draft(home, whole, tell)
        listing = fill(draft, telemetry)
        manifest = _manifest(draft, listing.omitted, _where(home, place), clock)
        data = encoded(manifest)
        with opened(whole / NAME, _NEW) as descriptor:
            write_all(descriptor, data)
            os.fsync(descriptor)
        if target.name.endswith(SUFFIX):
            _place_file(_packed(whole, drafts / "packed", manifest.size, tell), target)
        else:
            _place_folder(whole, target)
        sync_folder(target.parent)
    return Made(target, manifest, sha256(data).hexdigest())


def _require_place(home: Home, target: Path) -> None:
    if not home.root.is_dir():
        raise BackupError(f"there is no home `{home.root}`; name one with --home")
    if target.name.endswith(_ARCHIVES) and not target.name.endswith(SUFFIX):
        raise BackupError(
            f"`{target}` names an archive of another kind; end it in `{SUFFIX}`, or name a folder"
        )
    if os.path.lexists(target):
        raise PlaceTaken(
            f"`{target}` is there already, and a backup is never written over; name another place"
        )
    if not target.parent.is_dir():
        raise BackupError(f"there is no folder `{target.parent}`; make it, or name another place")
    if target.resolve().is_relative_to(home.root.resolve()):
        raise BackupError(f"`{target}` is in the home itself; name a place outside, best on another disk")


def _where(home: Home, place: Place) -> StoreIs:
    if place != home.store or os.path.lexists(home.store_owner):
        return StoreIs.ELSEWHERE
    return StoreIs.HERE if home.store.exists() else StoreIs.NOWHERE


def _manifest(draft: Draft, omitted: dict[str, str], store: StoreIs, clock: Clock) -> Manifest:
    environment, revision = draft.store.environment, draft.store.revision
    if store is not StoreIs.HERE:
        environment, revision = _said_by_the_controls(draft)
    return Manifest(
        version=VERSION,
        slotgate=version("slotgate"),
        made_at=timestamp(clock()),
        home=os.fsencode(draft.home.root.absolute()).decode("utf-8", "backslashreplace"),
        environment=environment,
        revision=revision,
        store=store,
        layouts=Layouts(
            store=draft.store.layout if store is StoreIs.HERE else None, telemetry=draft.telemetry
        ),
        files=tuple(draft.entries[path] for path in sorted(draft.entries)),
        left_out=tuple(Omitted(path=path, why=why) for path, why in sorted(omitted.items())),
    )


def _said_by_the_controls(draft: Draft) -> tuple[str | None, int | None]:
    document = Publisher(Home(draft.folder / HOME), lambda: 0).in_force().document
    return (None, None) if document is None else (document["environment"], document["revision"])


def _packed(whole: Path, target: Path, size: int, tell: Tell) -> Path:
    done = 0

    def more(count: int) -> None:
        nonlocal done
        done += count
        tell(HowFar(Work.BACKUP, "packing", min(done, size), size, Unit.BYTES))

    pack(whole, target, more)
    return target


def _place_file(packed: Path, target: Path) -> None:
    """By a link, which replaces nothing; where the file system has none, by a rename after one more look."""
    try:
        os.link(packed, target)
    except FileExistsError:
        raise _taken_meanwhile(target) from None
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if os.path.lexists(target):
            raise _taken_meanwhile(target) from None
        packed.rename(target)


def _place_folder(whole: Path, target: Path) -> None:
    """A rename replaces no folder that holds something, and no file."""
    for folder, _, _ in os.walk(whole):
        sync_folder(Path(folder))
    try:
        whole.rename(target)
    except (FileExistsError, NotADirectoryError):
        raise _taken_meanwhile(target) from None
    except OSError as error:
        if error.errno != errno.ENOTEMPTY:
            raise
        raise _taken_meanwhile(target) from None


def _taken_meanwhile(target: Path) -> PlaceTaken:
    return PlaceTaken(
        f"`{target}` came to be while the backup was made, which is gone again; name another place"
    )


@contextmanager
def _in_words(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        said = (error.strerror or str(error)).lower()
        about = f" (`{error.filename}`)" if error.filename else ""
        if is_for_lack_of_room(error):
            raise BackupError(
                f"the backup `{target}` cannot be written: {said}; free some space, or name another disk"
            ) from error
        raise BackupError(
            f"the backup `{target}` cannot be made: {said}{about}; run it as the owner of the home, into a "
            "folder that this user may write"
        ) from error
