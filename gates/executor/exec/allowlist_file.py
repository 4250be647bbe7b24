"""The allowlist of a revision as a file for executors: written once, never replaced while it may be used.

An executor may read it at any moment of its run, so a file that holds something else stays as it is, and
the content goes beside it under another name.
"""

import json
import os
from contextlib import suppress
from pathlib import Path

from gates.controls.checked import Unreadable, read
from gates.executor.exec.setting import Setting

_MOST = 1_000


def keep(folder: Path, setting: Setting) -> Path:
    """The path of a file in `folder` with the allowlist of `setting`, 0600. Raises `OSError`."""
    data = json.dumps(setting.allowlist, separators=(",", ":")).encode()
    name = "closed" if not setting.allowlist["enabled"] else f"revision-{setting.revision}"
    for number in range(_MOST):
        path = folder / (f"{name}.allowlist.json" if number == 0 else f"{name}.{number}.allowlist.json")
        if _holds(path, data):
            return path
        if not os.path.lexists(path) and _made(path, data):
            return path
    raise OSError(f"every name of an allowlist for revision {setting.revision} in `{folder}` is taken")


def _holds(path: Path, data: bytes) -> bool:
    if path.is_symlink():
        return False
    with suppress(Unreadable):
        return read(path)[1] == data
    return False


def _made(path: Path, data: bytes) -> bool:
    """Make the file whole or not at all; False when another process was first with other content."""
    with suppress(FileExistsError):
        path.parent.mkdir(mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        try:
            os.link(draft, path)  # never over a file that is there
        except FileExistsError:
            return _holds(path, data)
    finally:
        with suppress(OSError):
            draft.unlink()
    return True
