"""The name of a set of rows: equal rows, equal name, whatever their order and files. Pure.

It covers the managed lines of a window, probes too: version, outcome, time, latency in whole
nanoseconds and job of each, as often as it is stored. It covers no place in a file, so that
splitting a file changes nothing. For each outcome of each version it holds the sum of 64 bits of MD5 of
its lines, which finds every accident. A forger could make two sets with one name; that is why the
numbers themselves are frozen beside it.
"""

import hashlib
import json
from collections.abc import Iterable

# Whole numbers only: how a DOUBLE is written is a matter of the database's version. 2^62 ns at most.
# The text mostly fits one block of MD5, which takes half the time of two.
_LINE = """
concat_ws(' ', coalesce(line_time_ns, -1), round(least(latency_ms, 4.6e12) * 1e6)::BIGINT, job_id)
"""
HASHED = f"(md5_number({_LINE}) >> 64)::UBIGINT"
"""SQL: 64 bits of a line. `md5_number_lower` is the same by way of text, which takes four times as long."""

Outcome = tuple[str, str, str, str | None]
"""executorVersion, path, status, errorCode."""


def digest_of(revision: int, counted: Iterable[tuple[Outcome, int, int]]) -> str:
    """`sha256:` and 64 hex digits; also of a window without rows.

    `counted` is of each outcome, as often as it likes, how many lines and the sum of their `HASHED`.
    """
    sums: dict[Outcome, tuple[int, int]] = {}
    for outcome, lines, hashed in counted:
        before = sums.get(outcome, (0, 0))
        sums[outcome] = before[0] + lines, before[1] + hashed
    said = sorted(json.dumps((*outcome, lines, str(total))) for outcome, (lines, total) in sums.items())
    text = "\n".join(("evidence-rows.v1", str(revision), *said))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
