"""Where a process finds its controls: a file or the environment, by configuration alone.

Whether a file exists never decides: a process that was told of a file and cannot find it denies.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, assert_never

from gates.controls.environment import EnvironmentControls, EnvironmentNarrowing
from gates.controls.instant import Clock
from gates.controls.reader import ControlFile
from gates.decision import CompiledControls
from gates.home import FOLDER, Home

CONTROLS_VARIABLE = "SLOTGATE_CONTROLS"
HOME_VARIABLE = "SLOTGATE_HOME"


class ControlSource(Protocol):
    """Where decisions get their controls."""

    def current(self) -> CompiledControls:
        """The controls now, never older than the call. Never raises: what is not known denies."""
        ...


@dataclass(frozen=True, slots=True)
class FileMode:
    """The control file at `path` decides, and the environment can only narrow it. `home` if there is one."""

    path: Path
    home: Home | None


@dataclass(frozen=True, slots=True)
class EnvironmentMode:
    """The environment is the controls."""


Mode = FileMode | EnvironmentMode


def locate(
    environ: Mapping[str, str], cwd: Path, *, home: Path | None = None, controls: Path | None = None
) -> Mode:
    """Find the mode: what the caller names, else the environment, else a `.slotgate` here or above.

    A variable that is set but empty counts as set: it names `cwd`, which is no file and denies
    everything. Paths are taken from `cwd` once, so that a later change of directory changes nothing.
    """
    root = home if home is not None else _named_by(environ, HOME_VARIABLE)
    if root is None and HOME_VARIABLE not in environ:
        root = _home_above(cwd)
    found = None if root is None else Home(cwd / root)
    if controls is not None:
        return FileMode(cwd / controls, found)
    if home is None and CONTROLS_VARIABLE in environ:
        return FileMode(cwd / environ[CONTROLS_VARIABLE], found)
    if found is not None:
        return FileMode(found.control_file, found)
    return FileMode(cwd, None) if HOME_VARIABLE in environ else EnvironmentMode()


def open_source(mode: Mode, environ: Mapping[str, str], clock: Clock = time.time_ns) -> ControlSource:
    """The control source of `mode`, with the variables as they stand in `environ` now."""
    match mode:
        case FileMode():
            return ControlFile(mode.path, EnvironmentNarrowing(environ), clock)
        case EnvironmentMode():
            return EnvironmentControls(environ)
        case _:
            assert_never(mode)


def _named_by(environ: Mapping[str, str], variable: str) -> Path | None:
    value = environ.get(variable, "")
    return Path(value) if value else None


def _home_above(cwd: Path) -> Path | None:
    here = cwd.absolute()
    return next((folder / FOLDER for folder in (here, *here.parents) if _stands(folder / FOLDER)), None)


def _stands(path: Path) -> bool:
    """Whether something has that name; if that cannot be told, it is taken to be there."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True
