"""The parts of the Controls page, by the names in its address."""

from enum import StrEnum


class Part(StrEnum):
    """One part; only one is drawn."""

    STEPS = "steps"
    ALLOWLIST = "allowlist"
    DUTIES = "duties"
    MODE = "mode"
    HISTORY = "history"
    PEOPLE = "people"


DEFAULT = Part.STEPS.value
PARTS = {
    Part.STEPS.value: "Steps and narrowing",
    Part.ALLOWLIST.value: "Allowlist",
    Part.DUTIES.value: "Release and duties",
    Part.MODE.value: "Enforcement mode",
    Part.HISTORY.value: "History and file",
    Part.PEOPLE.value: "People",
}
