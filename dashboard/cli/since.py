"""`--since`: a time, or how long ago."""

import re
import time
from argparse import ArgumentTypeError

from schemas.instant import epoch_ns

_AGO = re.compile(r"([0-9]{1,6})([smhd])")
_UNIT_NS = {"s": 10**9, "m": 60 * 10**9, "h": 3_600 * 10**9, "d": 86_400 * 10**9}


def since(text: str) -> int:
    """Epoch nanoseconds. Raises `ArgumentTypeError`, for argparse to say."""
    ago = _AGO.fullmatch(text)
    moment = time.time_ns() - int(ago[1]) * _UNIT_NS[ago[2]] if ago else epoch_ns(text)
    if moment is None or not -(2**63) <= moment < 2**63:
        raise ArgumentTypeError(
            f"`{text}` is neither a time like 2026-11-21T02:22:53Z nor one like 30m or 7d"
        )
    return moment
