"""How long to wait after a pass over followed files: a new line is seen within a second all the same."""

from ingest.follow.follower import Followed

SHORTEST_S = 0.2
LONGEST_S, LONGEST_STILL_S = 0.5, 0.7
"""After a pass that read few lines, and after one that read nothing."""

FEW_LINES = 250
"""A pass with no more costs what one line costs: what is judged anew for each of them."""

_SHARE = 10
"""Such passes take at most a tenth of the time, where their pause allows it, and looks at many files too."""


def pause_s(followed: Followed, took_s: float) -> float:
    """Seconds to wait after a pass that `took_s`; none where more can be read at once."""
    if followed.is_behind:
        return 0.0
    sources = followed.summary.sources
    if sum(one.counts.lines - one.held.lines for one in sources) > FEW_LINES:
        return SHORTEST_S
    return min(LONGEST_S if sources else LONGEST_STILL_S, max(SHORTEST_S, _SHARE * took_s))
