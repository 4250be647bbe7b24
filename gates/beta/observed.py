"""The answer of a probe."""

from dataclasses import dataclass
from enum import StrEnum

from gates.verdict.words import VerdictWord


class Shown(StrEnum):
    """What evidence shows of an item. `RAN_OUT`: it was shown once, too long ago."""

    HOLDS = "holds"
    FAILS = "fails"
    SILENT = "silent"
    RAN_OUT = "ran out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """`causes` is the verdict that a failure causes, null for what does not fail."""

    shown: Shown
    words: str
    causes: VerdictWord | None = None


def holds(words: str) -> Observed:
    """Fresh data show it."""
    return Observed(shown=Shown.HOLDS, words=words)


def fails(words: str, causes: VerdictWord) -> Observed:
    """Fresh data speak against it."""
    return Observed(shown=Shown.FAILS, words=words, causes=causes)


def silent(words: str) -> Observed:
    """Nothing shows it yet."""
    return Observed(shown=Shown.SILENT, words=words)


def ran_out(words: str) -> Observed:
    """What showed it is too old."""
    return Observed(shown=Shown.RAN_OUT, words=words)
