"""Which home a telemetry command works in."""

import os
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

    Raises `HomeError`, too, when the home that is named, or that SLOTGATE_HOME names, does not exist, and
    when this user may not look into it.
    """
    home = home_for(named, environ, cwd)
    if is_missing(home) and (named is not None or HOME_VARIABLE in environ):
        raise no_home(home)
    return home


def is_missing(home: Home) -> bool:
    """Whether there is no such folder. Raises `HomeError` when this user may not look into it."""
    try:
        if not home.root.is_dir():
            return True
        may_look = os.access(home.root, os.R_OK | os.X_OK)
    except PermissionError:  # of a folder around it
        may_look = False
    except OSError:  # whoever opens it says why
        return False
    if not may_look:
        raise HomeError(f"this user may not look into `{home.root}`; run it as the one who owns the home")
    return False


def no_home(home: Home) -> HomeError:
    """What is said where there is none."""
    return HomeError(
        f"there is no home `{home.root}`; make one with `slotgate init`, or name one with --home"
    )
