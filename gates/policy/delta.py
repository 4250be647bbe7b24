"""One difference between two revisions: what it moves, and in which direction."""

from dataclasses import dataclass
from enum import StrEnum

from gates.policy.scope import ScopeDimension


class Direction(StrEnum):
    """Whether a difference lets more jobs reach the model, fewer, or the same."""

    WIDENS = "WIDENS"
    NARROWS = "NARROWS"
    NEUTRAL = "NEUTRAL"


class Dimension(StrEnum):
    """What a change can move. The last six are `ScopeDimension`s: parts of the allowlist."""

    KILL = "kill"
    FEATURE = "feature"
    PERCENT = "percent"
    ROLLOUT_ZERO = "rollout_zero"
    ALLOWLIST = "allowlist"
    VALIDITY = "validity"
    STEP = "step"
    SUBJECT = ScopeDimension.SUBJECT.value
    LEVEL = ScopeDimension.LEVEL.value
    BOARD = ScopeDimension.BOARD.value
    SPEC = ScopeDimension.SPEC.value
    KIND = ScopeDimension.KIND.value
    SLOT = ScopeDimension.SLOT.value


@dataclass(frozen=True, slots=True)
class Delta:
    """One difference, in words a person can sign."""

    dimension: Dimension
    direction: Direction
    words: str
