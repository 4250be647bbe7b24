"""The server's own log: its standard error."""

import sys
import time

from dashboard.data.inert import shown
from gates.controls.instant import timestamp

_LONGEST = 4_000


def say(words: str) -> None:
    """Write one line with the time, whatever name or reason is quoted in it."""
    said = shown(words, _LONGEST)
    # The one place where the server writes to its standard error.
    print(f"{timestamp(time.time_ns())} slotgate: {said}", file=sys.stderr, flush=True)  # noqa: T201  as said
