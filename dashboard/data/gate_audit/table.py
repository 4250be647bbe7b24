"""The truth table as people read it: rows of what a line says, columns of what the controls demand. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from gates.verdict.gate_audit import CELLS, Wrong
from gates.verdict.situations import Observed, Situation
from ingest.gate_audit import Cell

COLUMNS: tuple[tuple[str, tuple[Situation, ...]], ...] = (
    ("kill on", (Situation.KILLED,)),
    ("feature off", (Situation.FEATURE_OFF,)),
    ("not opted in", (Situation.NOT_OPTED_IN,)),
    ("allowlist off, or not permitted", (Situation.ALLOWLIST_OFF, Situation.NOT_PERMITTED)),
    ("bucket outside the percent", (Situation.OUTSIDE, Situation.OUTSIDE_IN_SCOPE)),
    ("bucket inside the percent", (Situation.INSIDE, Situation.INSIDE_IN_SCOPE)),
)
NO_CONTROLS = "no controls known"
ROWS: tuple[tuple[str, Observed], ...] = (
    ("openai, any", Observed.OPENAI),
    ("KILL_SWITCH", Observed.KILL_SWITCH),
    ("stub, null", Observed.NO_CODE),
    ("NOT_ALLOWLISTED", Observed.NOT_ALLOWLISTED),
    ("ROLLOUT_EXCLUDED", Observed.ROLLOUT_EXCLUDED),
    ("stub, any other code", Observed.OTHER_CODE),
    ("what cannot be true", Observed.IMPOSSIBLE),
)


@dataclass(frozen=True, slots=True)
class Box:
    """One cell as it is read. `right` lines agree; `wrong` names what else lines here can be.

    `is_right` says that the table knows right lines here; `counted` is false where no controls are known.
    """

    is_right: bool
    right: int
    wrong: Wrong | None
    violations: int
    excused: int
    counted: bool


@dataclass(frozen=True, slots=True)
class Row:
    """What a line says, and a box for each column, the last one where no controls are known."""

    said: str
    boxes: tuple[Box, ...]


def truth_table(cells: Iterable[Cell]) -> tuple[Row, ...]:
    """The whole table; cells without lines are there, too."""
    held = {(cell.observed, cell.situation): cell for cell in cells}
    return tuple(
        Row(said, (*(_box(held, observed, where) for _, where in COLUMNS), _unplaced(held, observed)))
        for said, observed in ROWS
    )


def _box(
    held: dict[tuple[Observed, Situation | None], Cell], observed: Observed, where: tuple[Situation, ...]
) -> Box:
    answers = [CELLS[observed][situation] for situation in where]
    found = [held[observed, situation] for situation in where if (observed, situation) in held]
    return Box(
        is_right=None in answers,
        right=sum(cell.lines for cell in found if cell.wrong is None),
        wrong=next((answer for answer in answers if answer is not None), None),
        violations=sum(cell.violations for cell in found),
        excused=sum(cell.excused for cell in found),
        counted=True,
    )


def _unplaced(held: dict[tuple[Observed, Situation | None], Cell], observed: Observed) -> Box:
    cell = held.get((observed, None))
    if cell is None:
        return Box(False, 0, None, 0, 0, counted=False)
    is_right = cell.wrong is None
    return Box(
        is_right, cell.lines if is_right else 0, cell.wrong, cell.violations, cell.excused, counted=False
    )
