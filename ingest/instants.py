"""Epoch nanoseconds as RFC 3339, for people and scripts."""

from datetime import UTC, datetime, timedelta
from typing import overload

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@overload
def rfc3339(epoch_ns: int) -> str: ...
@overload
def rfc3339(epoch_ns: None) -> None: ...
def rfc3339(epoch_ns: int | None) -> str | None:
    """`epoch_ns` in UTC, with three, six or nine digits of a second where needed; None stays None."""
    if epoch_ns is None:
        return None
    seconds, fraction = divmod(epoch_ns, 1_000_000_000)
    digits = f"{fraction:09d}"
    while digits.endswith("000"):
        digits = digits[:-3]
    whole = (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{digits}Z" if digits else f"{whole}Z"
