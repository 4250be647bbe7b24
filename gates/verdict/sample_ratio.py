"""Lines lost from one arm: do as many jobs reach the model as their buckets say?

A beta mixture around the expected share, compared with that share: under no loss the evidence
exceeds M at any time with probability at most 1/M.
"""

from math import exp, inf, log, log1p

from scipy.special import betaln


def log_evidence(admitted: int, reached: int, share: float, weight: float) -> float:
    """The logarithm of M(k, n, theta) for `admitted` of `reached` jobs, where `share` are expected.

    `weight` says how firmly: the mixture is worth that many jobs. A share of 0 or 1 allows no
    exception at all.
    """
    lost = reached - admitted
    if share <= 0 or share >= 1:
        broken = admitted if share <= 0 else lost
        return inf if broken else 0.0
    a, b = weight * share, weight * (1 - share)
    mixture = float(betaln(a + admitted, b + lost) - betaln(a, b))
    return mixture - admitted * log(share) - lost * log1p(-share)


def evidence(admitted: int, reached: int, share: float, weight: float) -> float:
    """M itself; infinite where it is beyond a double."""
    power = log_evidence(admitted, reached, share, weight)
    return exp(power) if power < 700 else inf
