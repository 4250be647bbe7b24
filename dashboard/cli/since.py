"""`--since`: a time, or how long ago."""

import time
from argparse import ArgumentTypeError

from dashboard.documents.moments import moment_of


def since(text: str) -> int:
    """Epoch nanoseconds. Raises `ArgumentTypeError`, for argparse to say."""
    moment = moment_of(text, time.time_ns())
    if moment is None:
        raise ArgumentTypeError(
            f"`{text}` is neither a time like 2026-11-21T02:22:53Z nor one like 30m or 7d"
        )
    return moment
