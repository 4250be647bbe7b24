"""Whether a share of one hour is more than chance away from that of the hour before. Pure.

Fisher's exact test, one side: given how many were bad in both hours together, how likely are so many in
the later one. It only draws attention: it is looked at again and again, and the verdict alone decides.
"""

from math import exp, lgamma

LIKELY = 0.01
FEWEST_MORE = 3
"""So many more must be bad than the hour before would make one expect: one failure is no jump."""


def is_jump(bad: int, of: int, bad_before: int, of_before: int) -> bool:
    """Whether `bad` of `of` is a jump up from `bad_before` of `of_before`."""
    if not of or not of_before or bad * of_before <= bad_before * of:
        return False
    if bad - of * bad_before / of_before < FEWEST_MORE:
        return False
    return chance(bad, of, bad_before, of_before) < LIKELY


def chance(bad: int, of: int, bad_before: int, of_before: int) -> float:
    """The probability of at least `bad` among the later `of` if both hours were alike."""
    whole, all_bad = of + of_before, bad + bad_before
    base = _choose(whole, all_bad)
    most = min(of, all_bad)
    total = 0.0
    for number in range(bad, most + 1):
        if all_bad - number > of_before:
            continue
        term = exp(_choose(of, number) + _choose(of_before, all_bad - number) - base)
        total += term
        if number > bad and term < total * 1e-12:
            break
    return min(1.0, total)


def _choose(of: int, number: int) -> float:
    return lgamma(of + 1) - lgamma(number + 1) - lgamma(of - number + 1)
