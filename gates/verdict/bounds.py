"""Anytime-valid bounds of a rate: k bad of n, however often one looks (DESIGN section 6).

Mixture likelihood ratios with a uniform prior truncated to the alternative. Under a rate of at least
p, `E_below` exceeds 1/alpha at any time with probability at most alpha (Ville); likewise `E_above`
under a rate of at most p. All of it in logarithms, so that ten million jobs are no special case.
"""

from collections.abc import Callable
from math import inf, log, log1p

from scipy.special import betainc, betaincc, betaln

_TINY = 1e-290  # below it betainc loses digits, and its logarithm with them
_PRECISE = 1e-13  # of the distance to the end it is sought towards
_NO_CLOSER = 1e-13  # a bound nearer to 0 or 1 is 0 or 1


def log_e_below(bad: int, of: int, rate: float) -> float:
    """The logarithm of the evidence against "the rate is `rate` or more"."""
    return _log_mass(1 + bad, 1 + of - bad, rate) - log(rate) - _log_likelihood(bad, of, rate)


def log_e_above(bad: int, of: int, rate: float) -> float:
    """The logarithm of the evidence against "the rate is `rate` or less"."""
    # 1 - I_p(a, b) = I_(1-p)(b, a), without the loss of a subtraction.
    return _log_mass_above(1 + bad, 1 + of - bad, rate) - log1p(-rate) - _log_likelihood(bad, of, rate)


def upper(bad: int, of: int, alpha: float) -> float:
    """U: rates above it are ruled out. 1 where nothing is."""
    if bad >= of:
        return 1.0
    return _crossing(lambda rate: log_e_below(bad, of, rate) + log(alpha), bad / of, 1.0)


def lower(bad: int, of: int, alpha: float) -> float:
    """L: rates below it are ruled out. 0 where nothing is."""
    if bad == 0:
        return 0.0
    return _crossing(lambda rate: log_e_above(bad, of, rate) + log(alpha), bad / of, 0.0)


def passes(bad: int, of: int, limit: float, alpha: float) -> bool:
    """Whether U is at most `limit`. Nothing measured never passes."""
    return of > 0 and bad / of < limit and log_e_below(bad, of, limit) >= -log(alpha)


def fails(bad: int, of: int, limit: float, alpha: float) -> bool:
    """Whether L is above `limit`."""
    return of > 0 and bad / of > limit and log_e_above(bad, of, limit) > -log(alpha)


def clean_needed(bad: int, of: int, limit: float, alpha: float) -> int:
    """How many more units, all good, would let it pass: the smallest number, 0 where it passes."""
    return _smallest(lambda more: passes(bad, of + more, limit, alpha))


def bad_until_fail(bad: int, of: int, limit: float, alpha: float) -> int:
    """How many more units, all bad, would make it fail: the smallest number, 0 where it fails."""
    return _smallest(lambda more: fails(bad + more, of + more, limit, alpha))


def smallest_passing(bad: int, limit: float, alpha: float) -> int:
    """The smallest n of which `bad` may be bad and which passes."""
    return bad + clean_needed(bad, bad, limit, alpha)


def _smallest(holds: Callable[[int], bool]) -> int:
    """The smallest number from which on `holds`; it never ceases to hold (both evidences are monotone)."""
    if holds(0):
        return 0
    beyond = 1
    while not holds(beyond):
        beyond *= 2
    fails_at = beyond // 2
    while beyond - fails_at > 1:
        middle = (fails_at + beyond) // 2
        if holds(middle):
            beyond = middle
        else:
            fails_at = middle
    return beyond


def _crossing(height: Callable[[float], float], near: float, far: float) -> float:
    """Where `height`, negative at the observed rate `near`, becomes positive towards `far` (0 or 1)."""
    below, above = near, (near + far) / 2
    while height(above) < 0:
        below, above = above, (above + far) / 2
        if abs(far - above) < _NO_CLOSER:
            return far
    if below in (0.0, 1.0):  # no logarithm there; a hair inside it is still negative
        below += (above - below) * 1e-15
    # Halving: scipy's root finders would cost every command a third of a second to import.
    while abs(above - below) > _PRECISE * abs(far - below):
        middle = (below + above) / 2
        if middle in (below, above):
            break
        below, above = (below, middle) if height(middle) >= 0 else (middle, above)
    return (below + above) / 2


def _log_likelihood(bad: int, of: int, rate: float) -> float:
    return (bad * log(rate) if bad else 0.0) + ((of - bad) * log1p(-rate) if of > bad else 0.0)


def _log_mass(a: int, b: int, rate: float) -> float:
    """log of the integral of q^(a-1) (1-q)^(b-1) over 0..rate."""
    share = float(betainc(a, b, rate))
    return float(betaln(a, b)) + log(share) if share > _TINY else _log_tail(a, b, rate)


def _log_mass_above(a: int, b: int, rate: float) -> float:
    """The same over rate..1."""
    share = float(betaincc(a, b, rate))
    return float(betaln(a, b)) + log(share) if share > _TINY else _log_tail(b, a, 1 - rate)


def _log_tail(a: int, b: int, x: float) -> float:
    """The integral far below its mean, where it is too small for a double: its continued fraction."""
    if x <= 0:
        return -inf
    return a * log(x) + b * log1p(-x) - log(a) + log(_fraction(a, b, x))


def _fraction(a: int, b: int, x: float, accuracy: float = 1e-12) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method."""
    c, d = 1.0, 1.0 / (1.0 - (a + b) * x / (a + 1.0))
    value = d
    for m in range(1, 1_000_000):
        even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        for term in (even, odd):
            d = 1.0 / (1.0 + term * d)
            c = 1.0 + term / c
            value *= c * d
        if abs(c * d - 1.0) < accuracy:
            break
    return value
