"""Which home a telemetry command works in."""

from collections.abc import Mapping
from pathlib import Path

from gates.controls.source import HOME_VARIABLE, FileMode, locate
from gates.errors import HomeError
from gates.home import FOLDER, Home


def home_for(named: Path | None, environ: Mapping[str, str], cwd: Path) -> Home:
    """The home named, else SLOTGATE_HOME, else the nearest `.slotgate` here or above, else ./.slotgate.

    It need not exist. Raises `HomeError` when SLOTGATE_HOME is set and names nothing.
    """
    if named is None and environ.get(HOME_VARIABLE) == "":
        raise HomeError(f"`{HOME_VARIABLE}` is set but empty; unset it or name a home")
    mode = locate(environ, cwd, home=named)
    found = mode.home if isinstance(mode, FileMode) else None
    return found or Home(cwd / FOLDER)


def home_asked(named: Path | None, environ: Mapping[str, str], cwd: Path) -> Home:
    """The same, for whoever asks what is in it: "nothing" is no answer where the name is wrong.

    Raises `HomeError`, too, when the home that is named, or that SLOTGATE_HOME names, does not exist.
    """
    home = home_for(named, environ, cwd)
    if (named is not None or HOME_VARIABLE in environ) and _is_missing(home.root):
        raise HomeError(
            f"there is no home `{home.root}`; make one with `slotgate init`, or name one with --home"
        )
    return home


def _is_missing(root: Path) -> bool:
    try:
        return not root.is_dir()
    except OSError:  # whoever opens it says why
        return False
