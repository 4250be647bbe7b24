"""How evenly the seen jobIds fall into the 100 buckets, and what each percent would admit of them.

The hash is uneven on some id schemes (ISBN-13-like ids reach only half of the buckets, sequential
ids come in runs). That breaks nothing, but percent is not the share of jobs then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

from scipy.special import betainc, betaincc

from gates.verdict.wording import count, percent

BUCKETS = 100
# Four tests share it: an even scheme is called uneven by less than one set of jobs in a thousand.
_ALARM = 0.001 / 4
# Below five jobs a bucket only gross unevenness shows, and the words say so. The tests hold for any n.
_ENOUGH = 5 * BUCKETS


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """What one percent of the ladder would admit: `jobs` of those seen, a share of `share`."""

    percent: int
    jobs: int
    share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketHealth:
    """`uneven` says what chance does not explain, null where nothing does; `words` is the whole sentence."""

    jobs: int
    empty: int
    uneven: str | None
    admits: tuple[Admitted, ...]
    words: str


def bucket_health(buckets: Sequence[int], ladder: Sequence[int]) -> BucketHealth:
    """Judge the distinct jobs seen in each of the 100 buckets; `ladder` are percents. Order is irrelevant."""
    if len(buckets) != BUCKETS:
        raise ValueError(f"there are {BUCKETS} buckets, not {len(buckets)}; count the jobs of each")
    jobs, empty = sum(buckets), sum(1 for n in buckets if n == 0)
    admits = tuple(_admitted(p, sum(buckets[:p]), jobs) for p in ladder)
    uneven = _uneven(buckets, jobs, empty, admits)
    return BucketHealth(
        jobs=jobs, empty=empty, uneven=uneven, admits=admits, words=_words(jobs, uneven, admits)
    )


def _admitted(percent_: int, jobs: int, of: int) -> Admitted:
    return Admitted(percent=percent_, jobs=jobs, share=jobs / of if of else None)


def _uneven(buckets: Sequence[int], jobs: int, empty: int, admits: Sequence[Admitted]) -> str | None:
    if jobs == 0:
        return None
    if _chance_of_empty(jobs, empty) < _ALARM:
        return f"{empty} of {BUCKETS} buckets are empty"
    runs = sum(1 for i in range(BUCKETS) if buckets[i] and not buckets[i - 1])
    if _chance_of_runs(BUCKETS - empty, runs) < _ALARM:
        return f"the {BUCKETS - empty} buckets hit lie in {count(runs, 'run')}"
    fullest = max(buckets)
    if _chance_of_fullest(jobs, fullest) < _ALARM:
        return f"bucket {buckets.index(fullest)} holds {fullest:,} of them"
    inner = [a for a in admits if 0 < a.percent < BUCKETS and a.share is not None]
    chances = [_chance_of_share(jobs, a.jobs, a.percent / BUCKETS, len(inner)) for a in inner]
    if chances and min(chances) < _ALARM:
        worst = inner[chances.index(min(chances))]
        return f"{worst.percent} % of the buckets hold {percent(worst.share or 0.0)} of them"
    return None


def _chance_of_empty(jobs: int, empty: int) -> float:
    """At most this chance of so many empty buckets: summed over every choice of that many."""
    return min(1.0, comb(BUCKETS, empty) * (1 - empty / BUCKETS) ** jobs)


def _chance_of_runs(hit: int, runs: int) -> float:
    """The exact chance of so few runs of neighbouring buckets, given how many are hit: all sets are alike."""
    empty = BUCKETS - hit
    if not hit or not empty:
        return 1.0
    ways = sum(BUCKETS * comb(hit - 1, j - 1) * comb(empty - 1, j - 1) // j for j in range(1, runs + 1))
    return ways / comb(BUCKETS, hit)


def _chance_of_fullest(jobs: int, most: int) -> float:
    """At most this chance that any bucket holds so many: the binomial tail of each, summed."""
    return min(1.0, BUCKETS * float(betainc(most, jobs - most + 1, 1 / BUCKETS)))


def _chance_of_share(jobs: int, admitted: int, share: float, choices: int) -> float:
    """At most this chance of a share so far from its percent, for any of so many percents: exact tails."""
    above = float(betainc(admitted, jobs - admitted + 1, share)) if admitted else 1.0
    below = float(betaincc(admitted + 1, jobs - admitted, share)) if admitted < jobs else 1.0
    return min(1.0, 2 * choices * min(above, below))


def _words(jobs: int, uneven: str | None, admits: tuple[Admitted, ...]) -> str:
    if jobs == 0:
        return "no job seen: nothing is known of the buckets"
    seen = count(jobs, "distinct job")
    shares = ", ".join(f"{a.percent} % admits {percent(a.share or 0.0)} ({a.jobs:,})" for a in admits)
    if uneven is not None:
        return f"uneven: of {seen}, {uneven}; exactly, of these jobs: {shares}"
    honest = "" if jobs >= _ENOUGH else "; so few show only gross unevenness"
    return f"no sign of unevenness in {seen}{honest}; exactly, of these jobs: {shares}"
