"""What became of a command: done, or refused and what helps. A closed set."""

from dataclasses import dataclass
from enum import StrEnum

from gates.changes.answers import Answer


class Cure(StrEnum):
    """What the reader can do about a refusal, where it lies with who they are."""

    SIGN_IN = "sign in"
    STEP_UP = "prove who you are again"


@dataclass(frozen=True, slots=True)
class Done:
    """It was carried out. `answer` is that of the change service, null where the deed has none."""

    words: str
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was changed, and why: lower case, ending with what to do.

    `answer` carries the findings where a rule blocked it.
    """

    words: str
    answer: Answer | None = None
    cure: Cure | None = None


CommandOutcome = Done | Refused
