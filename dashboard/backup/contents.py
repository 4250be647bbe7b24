"""What of a home is in a backup, how it is copied, and in which order: docs/adr/0197. Pure.

The order is what makes copies of different moments fit each other. Whatever names something is copied before
what it names: the telemetry file before the spool that it counted, both before the history by which their
lines are placed; positions in the audit chain before the chain, and late records after the marks of how many
the chain has.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum, unique
from fnmatch import fnmatchcase


@unique
class Turn(IntEnum):
    """When something is copied; of one turn, all is listed before the first is copied."""

    TELEMETRY = 1
    FILES = 2
    LINES = 3
    CONTROLS = 4
    LATE = 5


@unique
class How(StrEnum):
    """How something is copied."""

    STORE = "by SQLite, as one snapshot"
    TELEMETRY = "by the process that owns it, as one snapshot"
    WHOLE = "as a file that is replaced, never written in place"
    LINES = "as far as it reached when it was listed, on to the end of that line where there is one"
    NAME = "its name, without what is in it"


@dataclass(frozen=True, slots=True)
class Taken:
    """It is in a backup."""

    how: How
    turn: Turn


@dataclass(frozen=True, slots=True)
class LeftOut:
    """It is in no backup; `why` says the reason to people."""

    why: str


_ANYTHING = "*"
_RULES: tuple[tuple[str, Taken | LeftOut], ...] = (
    ("spool/*", Taken(How.LINES, Turn.LINES)),
    ("specs/*", Taken(How.LINES, Turn.LINES)),
    ("runs/*", Taken(How.LINES, Turn.LINES)),
    ("log/*", Taken(How.LINES, Turn.LINES)),
    ("late/*", Taken(How.LINES, Turn.LATE)),
    ("gate.db", Taken(How.STORE, Turn.CONTROLS)),
    ("gate.db-*", LeftOut("what SQLite has not written into `gate.db` yet: the copy of that has it")),
    ("telemetry.duckdb", Taken(How.TELEMETRY, Turn.TELEMETRY)),
    ("telemetry.duckdb.damaged-*", Taken(How.NAME, Turn.FILES)),
    ("telemetry.duckdb.*", LeftOut("what DuckDB works with: the copy of the telemetry file has it")),
    ("serving.json", LeftOut("where a server answers while it runs")),
    ("sessions/*", LeftOut("who is signed in: a restored home asks again")),
    ("session.key", LeftOut("what signs sessions: the next start makes one")),
    ("exec/*", LeftOut("what `slotgate exec` read last: the next run reads the controls")),
    (".*", LeftOut("a lock, a mark or a draft of a process that runs")),
    ("*/.*", LeftOut("a lock, a mark or a draft of a process that runs")),
    ("controls/control.json*", Taken(How.WHOLE, Turn.CONTROLS)),
    ("controls/history.jsonl*", Taken(How.LINES, Turn.CONTROLS)),
    ("notify.json", Taken(How.WHOLE, Turn.CONTROLS)),
    ("notify/*", Taken(How.WHOLE, Turn.CONTROLS)),
    (_ANYTHING, Taken(How.WHOLE, Turn.FILES)),
)
"""The first that fits a path counts; `*` stands for any characters, slashes too."""

IN_CONTROLS = ("notify.json", "notify/", "controls/control.json", "gate.db", "controls/history.jsonl")
"""The order within `Turn.CONTROLS`, by how paths begin."""


def decided(path: str) -> Taken | LeftOut:
    """What becomes of the file at `path`, relative to the home, with slashes."""
    return next(answer for pattern, answer in _RULES if fnmatchcase(path, pattern))


def place_in_turn(path: str) -> tuple[int, str]:
    """Sorts the paths of one turn."""
    ranks = (rank for rank, start in enumerate(IN_CONTROLS) if path.startswith(start))
    return next(ranks, len(IN_CONTROLS)), path
