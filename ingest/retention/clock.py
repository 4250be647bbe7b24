"""Whether the clock is believed. Pure.

A clock that jumped ahead would make every line old. So where it stands far beyond what the last pass
believed, nothing goes until it has stayed ahead for as long as it jumped, at least a day and at most a
week: that also gives a person who starts an old home time to look. One that was set back only makes lines
younger.
"""

from dataclasses import dataclass

from ingest.retention.bound import DAY_NS, HOUR_NS

LEAP_NS = 26 * HOUR_NS
"""Passes come every hour. A server that was down for a night is no leap."""
LONGEST_WAIT_NS = 7 * DAY_NS


@dataclass(frozen=True, slots=True)
class Seen:
    """What earlier passes kept: when one last believed the clock, and when one first found it far ahead."""

    trusted_ns: int | None = None
    leapt_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Believed:
    """What is to be kept of this look; null `waits_until_ns`: the clock is believed."""

    seen: Seen
    waits_until_ns: int | None


def believed(seen: Seen, now_ns: int) -> Believed:
    """Look at the clock. The first pass in a home waits a day."""
    if seen.trusted_ns is not None and now_ns - seen.trusted_ns <= LEAP_NS:
        return Believed(Seen(now_ns), None)
    leapt_ns = now_ns if seen.leapt_ns is None else min(seen.leapt_ns, now_ns)
    leap_ns = DAY_NS if seen.trusted_ns is None else leapt_ns - seen.trusted_ns
    until_ns = leapt_ns + max(DAY_NS, min(leap_ns, LONGEST_WAIT_NS))
    if now_ns >= until_ns:
        return Believed(Seen(now_ns), None)
    return Believed(Seen(seen.trusted_ns, leapt_ns), until_ns)
