"""How many lines and records a source holds, and what became of them."""

from dataclasses import dataclass, fields
from typing import Self


@dataclass(frozen=True, slots=True)
class Counts:
    """Physical lines by what they were, and telemetry records by what became of them.

    `accepted` and `quarantined` records are stored under the source itself; `held_elsewhere` counts
    records that another source, or an earlier line, already has under the same native id.
    """

    lines: int = 0
    record_lines: int = 0
    noise_lines: int = 0
    joined_pieces: int = 0
    accepted: int = 0
    held_elsewhere: int = 0
    quarantined: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, name) + getattr(other, name) for name in _NAMES))

    def __sub__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, name) - getattr(other, name) for name in _NAMES))

    @property
    def balanced(self) -> bool:
        """Every physical line is accounted for exactly once."""
        return self.lines == self.record_lines + self.noise_lines + self.joined_pieces

    @classmethod
    def of(cls, values: dict[str, int]) -> Self:
        """From a row of the store."""
        return cls(*(values[name] for name in _NAMES))


_NAMES = tuple(field.name for field in fields(Counts))
