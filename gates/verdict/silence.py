"""Telemetry that is missing: no line for too long, or far fewer jobs than before.

Both can only hold a rollout, never pass it. `rate` and the like are events an hour.
"""

from math import e, inf, log

from scipy.special import gammainc, gammaln

HOUR_S = 3600.0
_SMALLEST = 2.0**-1022
"""Below it a double has fewer digits the smaller it is."""


def silence_limit_s(lines_per_hour: float, min_s: float, horizon_s: float) -> float:
    """How long a silence chance alone explains at this pace: about once in `horizon_s` it is longer.

    max(min, ln(max(lambda T, e)) / lambda); infinite where nothing comes at all.
    """
    if lines_per_hour <= 0:
        return inf
    per_second = lines_per_hour / HOUR_S
    return max(min_s, log(max(per_second * horizon_s, e)) / per_second)


def log_evidence_of_drop(jobs: int, expected: float) -> float:
    """The logarithm of the evidence that jobs come at less than the pace that expects `expected`.

    The Poisson counterpart of the bounds: the average of the likelihood over all slower paces,
    over that of the pace itself. Valid at any time, so looking often is safe.
    """
    if expected <= 0:
        return 0.0
    share = float(gammainc(jobs + 1, expected))
    if share < _SMALLEST:  # far more jobs than expected
        return -inf
    return expected - (jobs + 1) * log(expected) + float(gammaln(jobs + 1)) + log(share)
