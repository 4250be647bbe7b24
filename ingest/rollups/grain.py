"""How long the pieces are in which lines are counted."""

from enum import StrEnum

from ingest.rollups.counting import MINUTE_NS


class Grain(StrEnum):
    """The longest pieces that are read; its value stands on pages. The shortest come first."""

    MINUTE = "minute"
    HOUR = "hour"
    HALF_DAY = "half-day"

    @property
    def unit(self) -> str:
        """The column that numbers such pieces since the epoch, and the end of their table's name."""
        return self.name.lower()

    @property
    def minutes(self) -> int:
        """How long such a piece is, in minutes."""
        return _MINUTES[self]

    @property
    def width_ns(self) -> int:
        """How long such a piece is."""
        return self.minutes * MINUTE_NS


_MINUTES = {Grain.MINUTE: 1, Grain.HOUR: 60, Grain.HALF_DAY: 12 * 60}
