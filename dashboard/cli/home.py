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
