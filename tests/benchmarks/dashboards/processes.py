"""What a process has cost so far, as the kernel counts it."""

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(pid: int) -> float:
    """User and system time of all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_mib(pid: int) -> float:
    """What of it stands in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE / 2**20


def load() -> str:
    """How busy the machine is with everything, ours included."""
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


@dataclass(frozen=True)
class Ranks:
    """Durations in milliseconds; nearest rank."""

    values: tuple[float, ...]

    def at(self, percent: float) -> float:
        """The value of that rank; not a number where there is none."""
        ordered = sorted(self.values)
        return ordered[max(0, round(percent / 100 * len(ordered)) - 1)] if ordered else float("nan")

    def __str__(self) -> str:
        return f"p50 {self.at(50):,.0f} ms, p99 {self.at(99):,.0f} ms, max {self.at(100):,.0f} ms"
