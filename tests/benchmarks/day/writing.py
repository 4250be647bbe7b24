"""Write the lines of a day at its rates, rotate their logs, and remember what was written when."""

import bisect
import math
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.benchmarks.day.calendar import Calendar
from tests.benchmarks.day.rotations import CopyTruncated, Log, PackedAtOnce, Renamed, Small, Swapped
from tests.ingest.stored import record

WRITES_A_SECOND = 20
ROTATED_EVERY_S = 4.0
SWAPPED_EVERY_S = 12.0  # nobody sees what a link led to between two looks
NIGHT, AFTERNOON = 300, 5_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rate(hour: float) -> float:
    """Lines a second at an hour of the day."""
    wave = (1 - math.cos((hour - 3) / 24 * 2 * math.pi)) / 2
    burst = 2.0 if 9.0 <= hour < 9.3 else 1.0
    return (NIGHT + (AFTERNOON - NIGHT) * wave) * burst


class Day:
    """Writes the lines of a day; their times are those of the `calendar`."""

    def __init__(self, folder: Path, calendar: Calendar) -> None:
        kinds = (Renamed, PackedAtOnce, CopyTruncated, Swapped)
        self.logs: list[Log] = [kind(folder / kind.__name__.lower()) for kind in kinds]
        self.small = Small(folder / "small")
        self.written = 0
        self.moments: list[int] = [0]
        self.counts: list[int] = [0]
        self.times: list[int] = []
        """What each line says, in order."""
        self._calendar = calendar
        self._owed = 0.0

    def live(self, seconds: float) -> None:
        """From midnight to midnight, in so many seconds."""
        began = due = time.monotonic()
        turn = 0
        logs = (*self.logs, self.small)
        rotate_at = {log: began + (number + 1) * ROTATED_EVERY_S / 5 for number, log in enumerate(logs)}
        while (now := time.monotonic()) < began + seconds:
            self._owed += rate((now - began) / seconds * 24) * (max(now - due, 0) + 1 / WRITES_A_SECOND)
            count, turn = int(self._owed), turn + 1
            self._owed -= count
            self._write(self.logs[turn % len(self.logs)], count)
            for log in logs:
                if now >= rotate_at[log]:
                    log.rotate()
                    rotate_at[log] += SWAPPED_EVERY_S if isinstance(log, Swapped) else ROTATED_EVERY_S
            due = max(due, now) + 1 / WRITES_A_SECOND
            time.sleep(max(0.0, due - time.monotonic()))

    def written_by(self, at_ns: int) -> int:
        """How many lines were written at a moment."""
        return self.counts[bisect.bisect_right(self.moments, at_ns) - 1]

    def written_before(self, at_ns: int) -> int:
        """How many lines say a time before `at_ns`."""
        return bisect.bisect_left(self.times, at_ns)

    def _write(self, log: Log, count: int) -> None:
        few = min(count, int(len(self.counts) % 5 == 0))
        log.write("".join(self._line() for _ in range(count - few)))
        self.small.write("".join(self._line() for _ in range(few)))
        self.written = len(self.times)
        self.moments.append(time.time_ns())
        self.counts.append(self.written)

    def _line(self) -> str:
        # A wall clock may be set back by a little; the order of the lines is that of their times.
        at_ns = max(self._calendar.at(time.time_ns()), *self.times[-1:], 0)
        self.times.append(at_ns)
        at = _EPOCH + timedelta(microseconds=at_ns // 1_000)
        return f"{at:%Y-%m-%dT%H:%M:%S.%f}Z stderr F {record(len(self.times) - 1)}\n"
