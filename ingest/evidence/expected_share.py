"""Which share of the jobs at the bucket goes to the model, as far as that can be known. Pure.

The jobs that reached the bucket cannot tell it: where lines of the model are lost, exactly the
admitted jobs are missing among them. So the share is estimated from jobs that were seen whatever
their bucket is, and from the hash, which spreads ids evenly, roughly.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt

from gates.decision.bucket import BUCKETS
from gates.verdict.sample_ratio import log_evidence

LOSS = 0.3
"""The share of lost lines that must show before the ratio is called visible."""

_HASH = 1000
"""How many jobs the evenness of the hash is worth."""

_MOST = 4000
"""How many seen jobs are believed at most: whose jobs come differs from one day to the next."""

_Z = 2.58
_FAR = 1 << 20


@dataclass(frozen=True, slots=True)
class Expected:
    """The share in the middle, and the plausible ones around it (99 %)."""

    low: float
    share: float
    high: float
    seen: int

    def nearest(self, observed: float) -> float:
        """The plausible share that fits best: whatever it does not explain, no plausible one does."""
        return min(max(observed, self.low), self.high)


def expected_share(buckets: Sequence[int], below: int) -> Expected:
    """The share of buckets less than `below`, by jobs `buckets` (100 counts) seen whatever theirs is."""
    seen = sum(buckets)
    believed = min(1.0, _MOST / seen) if seen else 0.0
    total = _HASH + seen * believed
    share = (_HASH * below / BUCKETS + sum(buckets[:below]) * believed) / total
    centre = (share + _Z**2 / (2 * total)) / (1 + _Z**2 / total)
    reach = _Z * sqrt(share * (1 - share) / total + _Z**2 / (4 * total**2)) / (1 + _Z**2 / total)
    return Expected(max(0.0, centre - reach), share, min(1.0, centre + reach), seen)


def shows_from(expected: Expected, limit: float, weight: float) -> int | None:
    """From how many jobs at the bucket on a loss of `LOSS` would show, null where never."""
    lost = expected.share * (1 - LOSS) / (1 - expected.share * LOSS)
    if lost >= expected.low:
        return None
    low, high = 0, 1
    while not _shows(high, lost, expected.low, limit, weight):
        low, high = high, 2 * high
        if high > _FAR:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        if _shows(middle, lost, expected.low, limit, weight):
            high = middle
        else:
            low = middle
    return high


def _shows(reached: int, observed: float, expected: float, limit: float, weight: float) -> bool:
    return log_evidence(round(observed * reached), reached, expected, weight) >= log(limit)
