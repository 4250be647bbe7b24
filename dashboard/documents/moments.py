"""A moment as people write it: a time, or how long ago. Pure."""

import re

from schemas.instant import epoch_ns

_AGO = re.compile(r"([0-9]{1,6})([smhd])", re.ASCII)
_UNIT_NS = {"s": 10**9, "m": 60 * 10**9, "h": 3_600 * 10**9, "d": 86_400 * 10**9}


def moment_of(text: str, now_ns: int) -> int | None:
    """Epoch nanoseconds of `2026-11-21T02:22:53Z`, or of `30m` before `now_ns`; null for anything else."""
    ago = _AGO.fullmatch(text)
    moment = now_ns - int(ago[1]) * _UNIT_NS[ago[2]] if ago else epoch_ns(text)
    return None if moment is None or not -(2**63) <= moment < 2**63 else moment
