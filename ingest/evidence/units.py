"""Units, outcomes and shares, from the kinds of lines each job has. Pure."""

from collections.abc import Callable, Collection, Hashable, Iterable
from typing import TypeVar

from gates.verdict.evidence import LatencyLimits, OutcomeJobs, Units
from ingest.evidence.kinds import OTHERS, Kind, Kinds
from schemas.codes import ErrorCode

POOLED = ""
"""The `executor_version` of all versions together; a real one is never empty."""

_Key = TypeVar("_Key", bound=Hashable)
_KNOWN = frozenset(code.value for code in ErrorCode)


def outcomes_of(kinds: Kinds) -> tuple[OutcomeJobs, ...]:
    """Lines and distinct jobs of each outcome, the most frequent first."""
    found = _grouped(kinds, lambda kind: (kind.path, kind.status, kind.error_code))
    outcomes = [
        OutcomeJobs(
            path=path,
            status=status,
            error_code=code,
            lines=kinds.lines(same.__contains__),
            jobs=kinds.jobs(same.__contains__),
        )
        for (path, status, code), same in found.items()
    ]
    return tuple(sorted(outcomes, key=lambda one: (-one.lines, one.path, one.status, one.error_code or "")))


def _grouped(kinds: Kinds, key: Callable[[Kind], _Key]) -> dict[_Key, set[Kind]]:
    groups: dict[_Key, set[Kind]] = {}
    for kind in kinds.kinds:
        groups.setdefault(key(kind), set()).add(kind)
    return groups


def versions_of(kinds: Kinds, limits: LatencyLimits, in_use: Collection[str]) -> tuple[Units, ...]:
    """The units of each executorVersion that reached the model, by name."""
    names = sorted({kind.executor_version for kind in kinds.kinds if kind.to_model})
    using = {name if name in names else OTHERS for name in in_use}
    return tuple(_units(name, kinds, limits, is_in_use=name in using) for name in names)


def _units(name: str, kinds: Kinds, limits: LatencyLimits, *, is_in_use: bool) -> Units:
    mine = [kind for kind in kinds.kinds if kind.executor_version == name and kind.to_model]

    def jobs(chosen: Iterable[Kind]) -> int:
        return kinds.jobs(frozenset(chosen).__contains__)

    return Units(
        executor_version=name,
        jobs=jobs(mine),
        failed=jobs(kind for kind in mine if kind.failed),
        completed=jobs(kind for kind in mine if kind.completed),
        over_p50=None if limits.p50_ms is None else jobs(k for k in mine if k.completed and k.over_p50),
        over_p95=None if limits.p95_ms is None else jobs(k for k in mine if k.completed and k.over_p95),
        in_use=is_in_use,
        first_ns=min((kind.first_ns for kind in mine if kind.first_ns is not None), default=None),
        last_ns=max((kind.last_ns for kind in mine if kind.last_ns is not None), default=None),
    )


def pooled(versions: Collection[Units], limits: LatencyLimits) -> Units:
    """All versions together: a job that two versions ran is two units."""
    return Units(
        executor_version=POOLED,
        jobs=sum(one.jobs for one in versions),
        failed=sum(one.failed for one in versions),
        completed=sum(one.completed for one in versions),
        over_p50=None if limits.p50_ms is None else sum(one.over_p50 or 0 for one in versions),
        over_p95=None if limits.p95_ms is None else sum(one.over_p95 or 0 for one in versions),
        in_use=any(one.in_use for one in versions),
        first_ns=min((one.first_ns for one in versions if one.first_ns is not None), default=None),
        last_ns=max((one.last_ns for one in versions if one.last_ns is not None), default=None),
    )


def unknown_codes(kinds: Kinds) -> tuple[tuple[str, int], ...]:
    """The errorCodes that the contract does not list, with their lines, the most frequent first."""
    groups = _grouped(kinds, lambda kind: kind.error_code)
    counts = [
        (code, kinds.lines(same.__contains__))
        for code, same in groups.items()
        if code is not None and code not in _KNOWN
    ]
    return tuple(sorted(counts, key=lambda item: (-item[1], item[0])))
