"""Fill the draft of a backup from a home that is used meanwhile.

What is copied how, and in which order, says `contents`; why that order makes a whole, docs/adr/0197.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, assert_never

from dashboard.backup.bytes_of import Copy, copied
from dashboard.backup.contents import How, Taken, Turn, decided
from dashboard.backup.listing import Found, Listing, listed
from dashboard.backup.manifest import HOME, Entry
from dashboard.backup.room import need_room
from gates.controls.durable import make_folder, opened
from gates.controls.publish import Publisher
from gates.home import Home
from gates.store.copying import StoreFacts, copy_store
from ingest.progress import HowFar, Tell, Unit, Work

_LOOKS = 5
_SOURCE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_NO_STORE = StoreFacts(0, None, None)


class TelemetryCopier(Protocol):
    """The part of the telemetry port that a backup needs."""

    def copy_to(self, target: str) -> int:
        """Copy all of it into the new file `target`; the layout of the copy."""


@dataclass(slots=True)
class Draft:
    """A backup that grows in `folder`."""

    home: Home
    folder: Path
    tell: Tell
    done: int = 0
    total: int = 0
    entries: dict[str, Entry] = field(default_factory=dict)
    keys: set[tuple[int, int]] = field(default_factory=set)
    store: StoreFacts = _NO_STORE
    telemetry: int | None = None

    def place(self, path: str) -> Path:
        """Where the copy of `path` goes; its folders are there afterwards. Raises `OSError`."""
        target = self.folder / HOME / path
        make_folder(target.parent)
        return target

    def add(self, path: str, copy: Copy, of: os.stat_result) -> None:
        """Take note of a file that was copied while its status was `of`, and date it."""
        os.utime(self.folder / HOME / path, ns=(of.st_mtime_ns, of.st_mtime_ns))
        self.entries[path] = Entry(
            path=path,
            size=copy.size,
            sha256=copy.sha256,
            mtime_ns=of.st_mtime_ns,
            device=of.st_dev,
            inode=of.st_ino,
        )

    def drop(self, turn: Turn) -> None:
        """Forget what was copied in `turn`, which is to be copied anew. Raises `OSError`."""
        for path in list(self.entries):
            answer = decided(path)
            if isinstance(answer, Taken) and answer.turn is turn:
                (self.folder / HOME / path).unlink()
                del self.entries[path]

    def more(self, path: str) -> Callable[[int], None]:
        """What counts the bytes of `path`."""

        def counted(size: int) -> None:
            self.done += size
            self.tell(HowFar(Work.BACKUP, path, self.done, max(self.total, self.done), Unit.BYTES))

        return counted


def fill(draft: Draft, telemetry: TelemetryCopier | None) -> Listing:
    """Copy the home into the draft; what was omitted is in the last listing. `telemetry`: null leaves it out.

    Raises `BackupError`, a `StoreError`, and what `telemetry` and the draft's `tell` raise.
    """
    root = draft.home.root
    if telemetry is not None and draft.home.telemetry.exists():
        copy = draft.place(draft.home.telemetry.name)
        draft.telemetry = telemetry.copy_to(str(copy))
        _digest(draft, draft.home.telemetry.name)
    listing = listed(root)
    draft.total = sum(found.size for turn in Turn for found in listing.files[turn] if _is_read(found))
    need_room(draft.folder.parent, draft.total)
    for turn in (Turn.FILES, Turn.LINES):
        _copy_all(draft, listing.files[turn])
    # A file that was renamed between the look and its turn has another name by now.
    listing = listed(root)
    _copy_all(draft, (found for found in listing.files[Turn.LINES] if found.key not in draft.keys))
    _copy_controls(draft)
    listing = listed(root)
    _copy_all(draft, listing.files[Turn.LATE])
    return listing


def _is_read(found: Found) -> bool:
    answer = decided(found.path)
    return isinstance(answer, Taken) and answer.how in (How.WHOLE, How.LINES)


def _copy_controls(draft: Draft) -> None:
    """Copies among which nobody published: else all of them once more, a few times.

    Who publishes all the time is not waited for: a restored home reconciles what does not fit.
    """
    publisher = Publisher(draft.home, lambda: 0)
    for _ in range(_LOOKS):
        before = publisher.in_force()
        _copy_all(draft, listed(draft.home.root).files[Turn.CONTROLS])
        if publisher.in_force() == before:
            return
        draft.drop(Turn.CONTROLS)
    _copy_all(draft, listed(draft.home.root).files[Turn.CONTROLS])


def _copy_all(draft: Draft, files: Iterable[Found]) -> None:
    for found in files:
        answer = decided(found.path)
        if isinstance(answer, Taken) and found.path not in draft.entries:
            _copy_one(draft, found, answer.how)


def _copy_one(draft: Draft, found: Found, how: How) -> None:
    match how:
        case How.STORE:
            draft.store = copy_store(draft.home.root / found.path, draft.place(found.path))
            _digest(draft, found.path)
        case How.TELEMETRY:
            return  # in its own turn
        case How.WHOLE:
            _copy_file(draft, found, None)
        case How.LINES:
            _copy_file(draft, found, found.size)
        case How.NAME:
            _copy_file(draft, found, 0)
        case _:
            assert_never(how)


def _copy_file(draft: Draft, found: Found, size: int | None) -> None:
    """One that has gone is passed over; so is, for the second look, another that has its name by now."""
    try:
        with opened(draft.home.root / found.path, _SOURCE) as descriptor:
            status = os.fstat(descriptor)
            if size is not None and (status.st_dev, status.st_ino) != found.key:
                return
            with os.fdopen(os.dup(descriptor), "rb") as source:
                copy = copied(source, draft.place(found.path), size, draft.more(found.path))
    except FileNotFoundError:
        if not draft.folder.is_dir():
            raise
        return
    draft.keys.add(found.key)
    draft.add(found.path, copy, status)


def _digest(draft: Draft, path: str) -> None:
    """Of a copy that somebody else made."""
    target = draft.folder / HOME / path
    with target.open("rb") as file:
        copy = copied(file, None)
    draft.add(path, copy, target.stat())
