"""The five words of a verdict."""

from enum import StrEnum


class VerdictWord(StrEnum):
    """In order of precedence; only `EXPAND` lets a rollout go on."""

    KILLED = "KILLED"
    ROLL_BACK = "ROLL_BACK"
    HOLD = "HOLD"
    EXPAND = "EXPAND"
    NOT_ENOUGH_DATA = "NOT_ENOUGH_DATA"
