"""Where answers begin: of n jobs, how many may be bad to PASS, and how many must be to FAIL.

Both borders only ever rise with n, so each is found by walking.
"""

from collections.abc import Callable

from scipy.special import betaincinv, ndtri

from gates.verdict import bounds


def passing(limit: float, alpha: float, looks: int) -> list[int]:
    """For each n from 0: the most bad ones that pass; -1 where none does."""
    return _walk(lambda k, n: bounds.passes(k, n, limit, alpha), looks)


def failing(limit: float, alpha: float, looks: int) -> list[int]:
    """For each n from 0: the fewest bad ones that fail; n + 1 where none does."""
    found, k = [], 0
    for n in range(looks + 1):
        while k <= n and not bounds.fails(k, n, limit, alpha):
            k += 1
        found.append(k)
    return found


def clopper_pearson_passing(limit: float, alpha: float, looks: int) -> list[int]:
    """The same of a fixed two-sided interval, as if n had been chosen beforehand."""
    return _walk(lambda k, n: n > 0 and k < n and betaincinv(k + 1, n - k, 1 - alpha / 2) <= limit, looks)


def clopper_pearson_failing(limit: float, alpha: float, looks: int) -> list[int]:
    """The fewest bad ones whose fixed interval lies above the limit."""
    found, k = [], 1
    for n in range(looks + 1):
        while k <= n and betaincinv(k, n - k + 1, alpha / 2) <= limit:
            k += 1
        found.append(k)
    return found


def wald_passing(limit: float, alpha: float, looks: int) -> list[int]:
    """The same of the normal interval that most dashboards draw: none bad has no width, so it passes."""
    z = float(ndtri(1 - alpha / 2))
    return _walk(lambda k, n: n > 0 and k / n + z * (k / n * (1 - k / n) / n) ** 0.5 <= limit, looks)


def wald_failing(limit: float, alpha: float, looks: int) -> list[int]:
    """The fewest bad ones whose normal interval lies above the limit."""
    z = float(ndtri(1 - alpha / 2))
    found, k = [], 1
    for n in range(looks + 1):
        while k <= n and k / n - z * (k / n * (1 - k / n) / n) ** 0.5 <= limit:
            k += 1
        found.append(k)
    return found


def _walk(passes: Callable[[int, int], bool], looks: int) -> list[int]:
    found, k = [], -1
    for n in range(looks + 1):
        while k < n and passes(k + 1, n):
            k += 1
        found.append(k)
    return found
