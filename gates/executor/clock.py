"""The time an executor needs, as a port: production has the system's, tests and the demo their own."""

import time
from typing import Protocol


class Clock(Protocol):
    """Nanoseconds, and waiting."""

    def monotonic_ns(self) -> int:
        """For durations."""

    def time_ns(self) -> int:
        """Since the epoch, for `generatedAt`."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The clocks of this machine."""

    def monotonic_ns(self) -> int:
        """`CLOCK_MONOTONIC`."""
        return time.monotonic_ns()

    def time_ns(self) -> int:
        """`CLOCK_REALTIME`."""
        return time.time_ns()

    def sleep(self, seconds: float) -> None:
        """`time.sleep`."""
        time.sleep(seconds)


def millisecond_timestamp(epoch_ns: int) -> str:
    """RFC 3339 in UTC with milliseconds: the form of `generatedAt`."""
    seconds, rest = divmod(epoch_ns, 1_000_000_000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{rest // 1_000_000:03d}Z"
