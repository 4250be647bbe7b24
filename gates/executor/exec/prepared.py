"""What a command under `slotgate exec` starts with: found, read and narrowed, or closed.

The way that most starts take imports next to nothing; the whole reading is behind it.
"""

import os

from gates.controls.variables import ALL
from gates.executor.exec import kept_reading
from gates.executor.exec.given import Prepared, closed

_HOME, _CONTROLS, _FOLDER = "SLOTGATE_HOME", "SLOTGATE_CONTROLS", ".slotgate"
NO_HOME = "no home is named or found here or above; give --home or SLOTGATE_HOME"


class Place:
    """Where the controls are: `root` of the home, and the control file; null where there is none.

    The same answer as `gates.controls.source.locate` gives, by text alone; a test holds them together.
    """

    __slots__ = ("control_file", "root")

    def __init__(self, environ: "os._Environ[str] | dict[str, str]", cwd: str, home: "str | None") -> None:
        named = environ.get(_HOME) or None if home is None else home
        if named is None and _HOME not in environ:
            named = _above(cwd)
        self.root = None if named is None else os.path.join(cwd, named)
        if home is None and _CONTROLS in environ:
            self.control_file: str | None = os.path.join(cwd, environ[_CONTROLS])
        elif self.root is not None:
            self.control_file = os.path.join(self.root, "controls", "control.json")
        else:
            self.control_file = cwd if _HOME in environ else None


def prepare(place: Place, environ: "os._Environ[str] | dict[str, str]") -> Prepared:
    """The variables of this moment. Never raises."""
    if place.root is None or place.control_file is None:
        return closed(NO_HOME)
    if not any(name in environ for name in ALL):
        known = kept_reading.recall(os.path.join(place.root, "exec"), place.control_file)
        if known is not None:
            return Prepared(*known, None)
    from gates.executor.exec.read_anew import read_anew

    return read_anew(place.root, place.control_file, environ)


def _above(cwd: str) -> "str | None":
    here = os.path.abspath(cwd)
    while True:
        found = os.path.join(here, _FOLDER)
        if _stands(found):
            return found
        above = os.path.dirname(here)
        if above == here:
            return None
        here = above


def _stands(path: str) -> bool:
    """Whether something has that name; if that cannot be told, it is taken to be there."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True
