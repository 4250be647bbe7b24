"""The time that lines of the compressed day say: it runs so fast that whole days pass, for retention."""

from dataclasses import dataclass

from schemas.instant import SECOND

_DAY_NS = 24 * 3600 * SECOND


@dataclass(frozen=True)
class Calendar:
    """`days` pass in `seconds` from `began_ns` on, which stands for as many days before itself, and one more.

    So no line is ever of a time to come, whatever the machine's delays.
    """

    began_ns: int
    seconds: float
    days: int

    def at(self, real_ns: int) -> int:
        """What it says at a moment; epoch nanoseconds, whole microseconds."""
        speed = self.days * _DAY_NS / (self.seconds * SECOND)
        at_ns = self._first_ns + round((real_ns - self.began_ns) * speed)
        return at_ns - at_ns % 1_000

    def real(self, at_ns: int) -> int:
        """The moment at which it says so."""
        speed = self.days * _DAY_NS / (self.seconds * SECOND)
        return self.began_ns + round((at_ns - self._first_ns) / speed)

    @property
    def _first_ns(self) -> int:
        return self.began_ns - (self.days + 1) * _DAY_NS
