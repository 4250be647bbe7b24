"""Exact chances over looks: every path of good and bad jobs, looked at after each one.

Dynamic programming over (jobs so far, bad so far): a path that has answered is taken out with its
probability, the others go on. No simulation, no rounding but that of floats.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Says = Callable[[int, NDArray[np.int64]], NDArray[np.bool_]]
"""For n jobs and every number of bad ones: whether it answers."""


def chance_of_ever(says: Says, rate: float, looks: int) -> float:
    """The chance that `says` is true at any of the first `looks` jobs, where each is bad with `rate`."""
    return float(sum(chances_at(says, rate, looks)))


def chances_at(says: Says, rate: float, looks: int) -> list[float]:
    """The chance that it is first true at job 1, 2, …"""
    alive = np.zeros(looks + 1)
    alive[0] = 1.0
    bad = np.arange(looks + 1)
    found = []
    for n in range(1, looks + 1):
        moved = alive * (1 - rate)
        moved[1:] += alive[:-1] * rate
        answers = says(n, bad[: n + 1])
        found.append(float(moved[: n + 1][answers].sum()))
        moved[: n + 1][answers] = 0.0
        alive = moved
    return found


def at_most(border: Callable[[int], int]) -> Says:
    """True for as many bad ones as `border` says or fewer; -1 for never."""
    return lambda n, bad: bad <= border(n)


def at_least(border: Callable[[int], int]) -> Says:
    """True for as many bad ones as `border` says or more."""
    return lambda n, bad: bad >= border(n)
