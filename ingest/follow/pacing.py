"""How long to wait after a pass over followed files: a new line is seen within a second all the same."""

from ingest.follow.follower import Followed

FEW_LINES = 250
"""A pass that reads no more costs about what it costs for one line."""

_SHORTEST_S = 0.2
_LONGEST_S, _LONGEST_STILL_S = 0.5, 0.7
"""After a pass that read few lines, and after one that read nothing."""

_SHARE = 10
"""Passes over few lines and looks at many files take at most a tenth of the time, up to the longest pause."""


def pause_s(followed: Followed, took_s: float) -> float:
    """Seconds to wait after a pass that `took_s`; none where more can be read at once."""
    if followed.is_behind:
        return 0.0
    sources = followed.summary.sources
    if sum(one.counts.lines - one.held.lines for one in sources) > FEW_LINES:
        return _SHORTEST_S
    return min(_LONGEST_S if sources else _LONGEST_STILL_S, max(_SHORTEST_S, _SHARE * took_s))
