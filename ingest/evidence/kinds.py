# ruff: noqa: S608 -- constants put together; values are always parameters
"""Which kinds of lines a window has, and which kinds each job has.

There are few kinds (version, outcome, slower than the limit or not), however many the lines. Each
gets a bit; a job is the bits of its lines together; and jobs with the same bits are counted. Every
number of distinct jobs follows from these counts exactly, without another look at the rows.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import duckdb

from gates.verdict.evidence import LatencyLimits
from ingest.evidence.rows_of import IN_WINDOW, MANAGED, NO_PROBE, bounds
from ingest.evidence.snapshot import rows
from ingest.evidence.tally import Group, Tally, limited, told_apart
from ingest.evidence.window import Window

_BITS = 62
"""How many kinds one BIGINT holds."""

MOST_VERSIONS = 100
"""So many executorVersions are told apart, those with the most lines; the rest are `OTHERS` together."""

OTHERS = "(other versions)"

_TYPES = {
    "executor_version": "VARCHAR",
    "path": "VARCHAR",
    "status": "VARCHAR",
    "error_code": "VARCHAR",
    "contradicted": "BOOLEAN",
    "removed": "BOOLEAN",
    "over_p50": "BOOLEAN",
    "over_p95": "BOOLEAN",
}
"""What tells kinds apart."""
_NO_CODE = ""
"""Stands for null while kinds are compared; a real errorCode is never empty."""


class Kind(NamedTuple):
    """Lines that agree in everything a count asks for. `removed`: decided while there was no file."""

    executor_version: str
    path: str
    status: str
    error_code: str | None
    contradicted: bool
    removed: bool
    over_p50: bool
    over_p95: bool
    lines: int
    first_ns: int | None
    last_ns: int | None

    @property
    def failed(self) -> bool:
        """A failed attempt: also one that contradicts itself otherwise."""
        return self.path == "openai" and self.status == "FAILED" and not self.removed

    @property
    def to_model(self) -> bool:
        """The job reached the model: such a line makes it a unit."""
        return self.failed or (self.path == "openai" and not self.contradicted and not self.removed)

    @property
    def completed(self) -> bool:
        """An attempt that came to its end."""
        return self.to_model and self.status == "COMPLETED"

    @property
    def excluded(self) -> bool:
        """The job reached its bucket, and that is not admitted."""
        return self.error_code == "ROLLOUT_EXCLUDED" and self.path == "stub" and not self.contradicted


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kinds of a window, and how many jobs have exactly the same ones. `versions`: how many there are."""

    kinds: tuple[Kind, ...]
    profiles: tuple[tuple[tuple[Kind, ...], int], ...]
    versions: int

    def lines(self, chosen: Callable[[Kind], bool] = lambda _: True) -> int:
        """How many lines are of the chosen kinds."""
        return sum(kind.lines for kind in self.kinds if chosen(kind))

    def jobs(self, chosen: Callable[[Kind], bool] = lambda _: True) -> int:
        """How many distinct jobIds have a line of a chosen kind."""
        return sum(jobs for kinds, jobs in self.profiles if any(map(chosen, kinds)))


def kinds_of(cursor: duckdb.DuckDBPyConnection, window: Window, limits: LatencyLimits, tally: Tally) -> Kinds:
    """The managed lines of the window, without probes."""
    groups = [group for group in tally.groups if group.counts]
    if not groups:
        return Kinds((), (), 0)
    lines_of = Counter[str]()
    for group in groups:
        lines_of[group.executor_version] += group.lines
    parameters: dict[str, object] = {**bounds(window), **limited(limits)}
    version = "executor_version"
    if len(lines_of) > MOST_VERSIONS:
        # Whoever gives every line another version must not keep the review from being made.
        kept = sorted(lines_of, key=lambda name: (-lines_of[name], name))[:MOST_VERSIONS]
        parameters["kept"] = kept
        version = f"CASE WHEN list_contains($kept, {version}) THEN {version} ELSE '{OTHERS}' END"
        others = lines_of.keys() - kept
        groups = [
            one._replace(executor_version=OTHERS) if one.executor_version in others else one for one in groups
        ]
    kinds = _kinds(groups)
    telling = _telling_apart(kinds)
    columns = {name: [_compared(kind, name) for kind in kinds] for name in telling}
    query = _profiles(told_apart(window), version, telling, len(kinds))
    profiles = rows(cursor, query, **parameters, **columns)
    return Kinds(kinds, tuple((_named(kinds, row[:-1]), row[-1]) for row in profiles), len(lines_of))


def _kinds(groups: Iterable[Group]) -> tuple[Kind, ...]:
    """The groups as kinds, in an order of their own; those that are of one kind are one."""
    found: dict[tuple[object, ...], Kind] = {}
    for group in groups:
        kind = Kind(*(getattr(group, name) for name in Kind._fields))
        same = found.get(kind[: len(_TYPES)])
        found[kind[: len(_TYPES)]] = kind if same is None else _together(same, kind)
    return tuple(sorted(found.values(), key=lambda kind: [_compared(kind, name) for name in _TYPES]))


def _together(one: Kind, other: Kind) -> Kind:
    return one._replace(
        lines=one.lines + other.lines,
        first_ns=min((at for at in (one.first_ns, other.first_ns) if at is not None), default=None),
        last_ns=max((at for at in (one.last_ns, other.last_ns) if at is not None), default=None),
    )


def _compared(kind: Kind, name: str) -> Any:
    value = getattr(kind, name)
    return _NO_CODE if value is None else value


def _telling_apart(kinds: Sequence[Kind]) -> Sequence[str]:
    """Columns that tell all kinds apart, as few as do: a status mostly tells its path, and so on."""
    telling = list(_TYPES)
    for name in _TYPES:
        others = [one for one in telling if one != name]
        if others and len({tuple(_compared(kind, one) for one in others) for kind in kinds}) == len(kinds):
            telling = others
    return telling


def _profiles(told: str, version: str, telling: Sequence[str], kinds: int) -> str:
    """Count jobs by the kinds of lines they have; the kinds come as lists, one for each key."""
    listed = ", ".join(f"unnest(${name}::{_TYPES[name]}[]) AS {name}" for name in telling)
    words = [f"word_{place}" for place in range(-(-kinds // _BITS))]
    bits = ", ".join(
        f"bit_or(CASE WHEN no // {_BITS} = {place} THEN 1::BIGINT << (no % {_BITS})::INTEGER ELSE 0 END)"
        f" AS {word}"
        for place, word in enumerate(words)
    )
    return f"""
        WITH kind AS MATERIALIZED (SELECT {listed}, unnest(range({kinds})) AS no),
        line AS (
            SELECT * REPLACE ({version} AS executor_version, coalesce(error_code, '{_NO_CODE}') AS error_code)
            FROM (
                SELECT job_id, {told} FROM telemetry WHERE {IN_WINDOW} AND {MANAGED} AND {NO_PROBE}
            )
        ),
        job AS (SELECT job_id, {bits} FROM line JOIN kind USING ({", ".join(telling)}) GROUP BY job_id)
        SELECT {", ".join(words)}, count(*) FROM job GROUP BY ALL
    """


def _named(kinds: tuple[Kind, ...], words: Sequence[int]) -> tuple[Kind, ...]:
    bits = sum(word << (_BITS * place) for place, word in enumerate(words))
    return tuple(kind for number, kind in enumerate(kinds) if bits >> number & 1)
