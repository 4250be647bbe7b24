"""How far long work has come: told by whoever does it, shown by whoever asked for it.

Work tells as often as it likes; what shows it keeps its own pace. Whoever is told ends the work by raising
`WorkStopped`: then what is whole stands, nothing else is left, and the same work asked for again goes on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum, unique


@unique
class Work(StrEnum):
    """What takes long; a value is the word of its command."""

    LOAD = "load"
    REBUILD = "rebuild"
    COMPACT = "compact"
    ARCHIVE = "archive"
    BACKUP = "backup"
    RESTORE = "restore"


@unique
class Unit(StrEnum):
    """What is counted; a value stands on the screen."""

    BYTES = "bytes"
    ROWS = "rows"
    DAYS = "days"
    FILES = "files"


@dataclass(frozen=True, slots=True)
class HowFar:
    """`done` of `total` in `unit`; a null total is not known beforehand.

    `at` is what the work is at now: a file, a table, a day. `counts` is what became of things so far, by
    outcome and in order (accepted, quarantined, noise …).
    """

    work: Work
    at: str
    done: int
    total: int | None
    unit: Unit
    counts: tuple[tuple[str, int], ...] = ()


Tell = Callable[[HowFar], None]
"""The port. May raise `ingest.errors.WorkStopped`."""


def silent(far: HowFar) -> None:
    """Nobody is told, and the work goes on."""
    del far
