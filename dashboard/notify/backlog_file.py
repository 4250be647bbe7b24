"""The backlog of one receiver on disk: `notify/NAME.json`, replaced as a whole."""

import os
from pathlib import Path

import msgspec

from dashboard.notify.backlog import Backlog
from gates.controls.durable import discard_drafts, make_folder, opened, replace, sync_folder

FOLDER = "notify"
_LONGEST = 8 << 20


class BacklogFile:
    """The file of the receiver `name` in `folder`; one process writes it."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / f"{name}.json"

    def read(self) -> Backlog | None:
        """What was kept; null where nothing was, or it is damaged. Raises `OSError`."""
        try:
            with opened(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK) as descriptor:
                data = os.read(descriptor, _LONGEST)
        except FileNotFoundError:
            return None
        try:
            return msgspec.json.decode(data, type=Backlog)
        except msgspec.DecodeError:
            return None  # then everything since the receiver was added is told again

    def write(self, backlog: Backlog) -> None:
        """Keep it, durably. Raises `OSError`."""
        make_folder(self._path.parent)
        discard_drafts(self._path)
        replace(self._path, msgspec.json.encode(backlog) + b"\n", lambda: None)
        sync_folder(self._path.parent)

    def remove(self) -> None:
        """Forget it. Raises `OSError`."""
        self._path.unlink(missing_ok=True)
