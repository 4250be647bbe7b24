"""Whether one wrong clock explains what the gate audit found: which offset makes every line right. Pure.

A clock that is 90 s ahead writes lines of before a kill as if they were of after it. Each looks like a
breach; all of them together with the lines around them fit one offset, and nearly no other fault does.
Such an explanation excuses nothing: a breach stays one until the clock is set and time has shown it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gates.verdict.wording import SECOND_NS, count, span

MOST_NS = 600 * SECOND_NS
"""Offsets beyond ten minutes are not looked for: with them, almost anything could be explained."""

_NARROW = 0.25

Span = tuple[int, int]
"""Offsets, in nanoseconds ahead, from the first to the last: under these a line is right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockOff:
    """The clock that stamps the lines of `source` seems to be off, in nanoseconds ahead (behind: negative).

    Between `low_ns` and `high_ns` it explains all `findings` of the gate audit; null where it explains
    none. `after_now_ns` is how far its newest line is after now, null where none is.
    """

    source: str
    low_ns: int | None
    high_ns: int | None
    findings: int
    after_now_ns: int | None


def explaining(lines: Iterable[Sequence[Span]], most_ns: int = MOST_NS) -> Span | None:
    """The offsets nearest to none under which every line is right; None where there are none.

    Only where lines bound them on both sides: an executor that simply never obeys is right under
    every offset that is large enough, and that is no wrong clock.
    """
    edges: list[tuple[int, int]] = []
    total = 0
    for spans in lines:
        total += 1
        for low, high in _joined(spans):
            if low <= most_ns and high >= -most_ns:
                edges += [(max(low, -most_ns), -1), (min(high, most_ns), 1)]
    # At one place beginnings come before ends: spans that touch have that place in common.
    edges.sort()
    found: list[Span] = []
    covering = 0
    for number, (at, change) in enumerate(edges):
        covering -= change
        if change < 0 and covering == total:
            found.append((at, edges[number + 1][0]))
    bounded = [one for one in found if -most_ns < one[0] and one[1] < most_ns]
    return min(bounded, key=lambda one: min(abs(one[0]), abs(one[1])), default=None)


def clock_words(clock: ClockOff) -> str:
    """`a clock seems to be off: one about 90 s ahead explains all 14 findings in a.log; set it`."""
    told = []
    if clock.low_ns is not None and clock.high_ns is not None:
        told.append(
            f"one {_about(clock.low_ns, clock.high_ns)} explains all {count(clock.findings, 'finding')} "
            f"of the gate audit in {clock.source}"
        )
    if clock.after_now_ns is not None:
        ahead = span(clock.after_now_ns / SECOND_NS)
        told.append(f"the newest line of {clock.source} is {ahead} after now")
    return f"a clock seems to be off: {', and '.join(told)}; set it, it excuses nothing"


def _about(low_ns: int, high_ns: int) -> str:
    side = "ahead" if low_ns + high_ns > 0 else "behind"
    near, far = sorted((abs(low_ns), abs(high_ns)))
    if far - near <= _NARROW * far:
        return f"about {(near + far) / 2 / SECOND_NS:.0f} s {side}"
    return f"{near / SECOND_NS:.0f} s to {far / SECOND_NS:.0f} s {side}"


def _joined(spans: Sequence[Span]) -> list[Span]:
    """The same offsets in spans that do not meet, so that each line covers each offset once."""
    joined: list[Span] = []
    for low, high in sorted(spans):
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        elif low <= high:
            joined.append((low, high))
    return joined
