# ruff: noqa: S608 -- constants put together; values are always parameters
"""The lines of a window in one pass: which kinds of lines there are, and which kinds each job has.

There are few kinds (version, outcome, slower than the limit or not), however many the lines. Each
gets a bit; a job is the bits of its lines together; and jobs with the same bits are counted. Every
number of distinct jobs follows from these counts exactly, without another look at the rows.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import duckdb

from gates.verdict.evidence import LatencyLimits
from ingest.evidence.rows_of import IN_WINDOW, MANAGED, NO_PROBE, bounds
from ingest.evidence.snapshot import rows
from ingest.evidence.window import Window

_BITS = 62
"""How many kinds one BIGINT holds."""

MOST_VERSIONS = 100
"""So many executorVersions are told apart, those with the most lines; the rest are `OTHERS` together."""

OTHERS = "(other versions)"

_KEYS = (
    "executor_version",
    "path",
    "status",
    "error_code",
    "contradicted",
    "removed",
    "over_p50",
    "over_p95",
)
_NO_CODE = ""
"""Stands for null while kinds are compared; a real errorCode is never empty."""


def _rows(window: Window, version: str) -> str:
    removed = ", ".join(map(str, window.removed)) or "NULL"
    return f"""
        SELECT job_id, line_time_ns, {version} AS executor_version, path, status,
            coalesce(error_code, '{_NO_CODE}') AS error_code,
            contradiction IS NOT NULL AS contradicted,
            (interval_no IN ({removed})) IS TRUE AS removed,
            status = 'COMPLETED' AND (latency_ms > $p50::DOUBLE) IS TRUE AS over_p50,
            status = 'COMPLETED' AND (latency_ms > $p95::DOUBLE) IS TRUE AS over_p95
        FROM telemetry WHERE {IN_WINDOW} AND {MANAGED} AND {NO_PROBE}
    """


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


def kinds_of(cursor: duckdb.DuckDBPyConnection, window: Window, limits: LatencyLimits) -> Kinds:
    """The managed lines of the window, without probes."""
    parameters: dict[str, object] = {**bounds(window), "p50": limits.p50_ms, "p95": limits.p95_ms}
    line = _rows(window, "executor_version")
    found = rows(cursor, _counted(line), **parameters)
    if not found:
        return Kinds((), (), 0)
    lines_of = Counter[str]()
    for row in found:
        lines_of[row[0]] += row[len(_KEYS)]
    if len(lines_of) > MOST_VERSIONS:
        # Whoever gives every line another version must not keep the review from being made.
        line = _rows(
            window,
            f"CASE WHEN list_contains($kept, executor_version) THEN executor_version ELSE '{OTHERS}' END",
        )
        names = sorted(lines_of, key=lambda name: (-lines_of[name], name))
        parameters["kept"] = names[:MOST_VERSIONS]
        found = rows(cursor, _counted(line), **parameters)
    kinds = tuple(Kind(*row)._replace(error_code=row[3] or None) for row in found)
    columns = dict(zip(_KEYS, zip(*(row[: len(_KEYS)] for row in found), strict=True), strict=True))
    profiles = rows(cursor, _profiles(line, len(kinds)), **parameters, **columns)
    named = tuple((_named(kinds, row[:-1]), row[-1]) for row in profiles)
    return Kinds(kinds, named, len(lines_of))


def _counted(line: str) -> str:
    keys = ", ".join(_KEYS)
    return (
        f"SELECT {keys}, count(*), min(line_time_ns), max(line_time_ns) FROM ({line}) GROUP BY ALL"
        f" ORDER BY {keys}"
    )


def _profiles(line: str, kinds: int) -> str:
    """Count jobs by the kinds of lines they have; the kinds come as lists, one for each key."""
    types = ("VARCHAR",) * 4 + ("BOOLEAN",) * 4
    listed = ", ".join(f"unnest(${key}::{kind}[]) AS {key}" for key, kind in zip(_KEYS, types, strict=True))
    words = [f"word_{place}" for place in range(-(-kinds // _BITS))]
    bits = ", ".join(
        f"bit_or(CASE WHEN no // {_BITS} = {place} THEN 1::BIGINT << (no % {_BITS})::INTEGER ELSE 0 END)"
        f" AS {word}"
        for place, word in enumerate(words)
    )
    return f"""
        WITH kind AS MATERIALIZED (SELECT {listed}, unnest(range({kinds})) AS no),
        job AS (SELECT job_id, {bits} FROM ({line}) JOIN kind USING ({", ".join(_KEYS)}) GROUP BY job_id)
        SELECT {", ".join(words)}, count(*) FROM job GROUP BY ALL
    """


def _named(kinds: tuple[Kind, ...], words: Sequence[int]) -> tuple[Kind, ...]:
    bits = sum(word << (_BITS * place) for place, word in enumerate(words))
    return tuple(kind for number, kind in enumerate(kinds) if bits >> number & 1)
