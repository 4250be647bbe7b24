"""How often the verdict errs when somebody looks after every job, beside intervals that others use.

Exact (dynamic programming over all paths), 2,000 looks, no simulation. Beside the bounds of the
verdict stand a Clopper-Pearson and a Wald interval of 95 %, each read again at every job.
"""

from collections.abc import Callable

import pytest

from gates.verdict.defaults import DEFAULT
from tests.gates.verdict.borders import (
    clopper_pearson_failing,
    clopper_pearson_passing,
    failing,
    passing,
    wald_failing,
    wald_passing,
)
from tests.gates.verdict.looks import Says, at_least, at_most, chance_of_ever, chances_at

LOOKS = 2000
Borders = Callable[[float, float, int], list[int]]


def said(border: list[int], answers: Callable[[Callable[[int], int]], Says]) -> Says:
    return answers(border.__getitem__)


def row(limit: float, borders: tuple[Borders, ...], alpha: float, kind: str) -> list[float]:
    answers = at_most if kind == "pass" else at_least
    ours, *fixed = borders
    return [
        chance_of_ever(said(ours(limit, alpha, LOOKS), answers), limit, LOOKS),
        *(chance_of_ever(said(border(limit, 0.05, LOOKS), answers), limit, LOOKS) for border in fixed),
    ]


def test_the_chance_of_ever_being_wrong() -> None:
    rates = [asks.failures for asks in DEFAULT.steps.values() if asks.failures is not None]
    rates += [DEFAULT.latency_p50, DEFAULT.latency_p95]
    kinds = (
        ("PASS at the expand limit", "pass", sorted({r.expand for r in rates}), DEFAULT.pass_alpha,
         (passing, clopper_pearson_passing, wald_passing)),
        ("FAIL at the stop limit", "fail", sorted({r.stop for r in rates}), DEFAULT.fail_alpha,
         (failing, clopper_pearson_failing, wald_failing)),
    )  # fmt: skip
    for title, kind, limits, alpha, borders in kinds:
        print(f"\nchance of ever a false {title}, a look after each of {LOOKS:,} jobs (promised: {alpha:g})")
        print("limit    verdict   Clopper-Pearson 95 %   Wald 95 %")
        for limit in limits:
            ours, exact, wald = row(limit, borders, alpha, kind)
            ratios = f"{exact:7.2%} ({exact / ours:3.0f}x)      {wald:7.2%} ({wald / ours:3.0f}x)"
            print(f"{limit:5.0%}   {ours:7.2%}   {ratios}")
            assert ours <= alpha


def test_how_long_it_takes() -> None:
    """The price of looking at any time: how many jobs until the answer."""
    print("\njobs until the answer, canary-1 (stop 5 %, expand 20 %): half of all runs, nine of ten")
    stops, expands = failing(0.05, DEFAULT.fail_alpha, LOOKS), passing(0.2, DEFAULT.pass_alpha, LOOKS)
    for rate in (0.0, 0.01, 0.02, 0.05):
        chances = chances_at(at_most(expands.__getitem__), rate, LOOKS)
        print(f"PASS at a true rate of {rate:4.0%}: {within(chances, 0.5)}, {within(chances, 0.9)}")
    for rate in (0.1, 0.2, 0.5, 1.0):
        chances = chances_at(at_least(stops.__getitem__), rate, LOOKS)
        print(f"FAIL at a true rate of {rate:4.0%}: {within(chances, 0.5)}, {within(chances, 0.9)}")
    assert within(chances_at(at_least(stops.__getitem__), 1.0, 10), 0.9) == 2


def within(chances: list[float], share: float) -> int | str:
    """After how many jobs the answer has come in `share` of the runs."""
    sofar = 0.0
    for n, chance in enumerate(chances, start=1):
        sofar += chance
        if sofar >= share - 1e-12:
            return n
    return f"more than {len(chances):,}"


@pytest.mark.parametrize("versions", [2, 3, 5])
def test_several_versions(versions: int) -> None:
    """The union bound of docs/verdict.md, against what the borders give: each version has its own count."""
    pooled = chance_of_ever(said(failing(0.05, DEFAULT.fail_alpha, LOOKS), at_least), 0.05, LOOKS)
    share = DEFAULT.fail_alpha / versions
    own = chance_of_ever(said(failing(0.05, share, LOOKS), at_least), 0.05, LOOKS)
    together = pooled + 1 - (1 - own) ** versions
    print(
        f"\n{versions} versions, each at alpha / {versions}: at most {together:.2%} of runs ever FAIL falsely"
    )
    assert together <= 2 * DEFAULT.fail_alpha
