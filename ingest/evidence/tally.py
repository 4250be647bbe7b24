# ruff: noqa: S608 -- constants put together; values are always parameters
"""The lines of a window, counted once: most numbers of the evidence are sums of these counts.

One pass groups the lines twice: by everything that tells kinds of lines apart, and by hour. There are few
groups of either, however many lines there are, and one pass costs a fraction of one for each number.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import duckdb

from gates.verdict.evidence import LatencyLimits
from ingest.evidence.digest import HASHED, Outcome
from ingest.evidence.rows_of import IN_WINDOW, IS_PROBE, TO_MODEL, bounds
from ingest.evidence.snapshot import rows
from ingest.evidence.window import Window
from ingest.history.controls import HOME
from ingest.recent_jobs import HOUR_NS

# A line that the audit has not looked at verifies nothing.
_TALLY = f"""
WITH origin AS (
    SELECT source_id, trust = 'managed' AS managed, audited_to
    FROM source LEFT JOIN gate_mark USING (source_id) WHERE history_id = '{HOME}'
), line AS (
    SELECT managed, {IS_PROBE} AS is_probe, {{told_apart}}, {TO_MODEL} AS to_model, line_time_ns,
        line_time_ns // {HOUR_NS} AS hour, CASE WHEN managed THEN {HASHED} END AS hashed,
        line_offset < audited_to
            AND coalesce(decided_from_ns, $from) BETWEEN $effective AND $until AS verifies
    FROM telemetry JOIN origin USING (source_id) WHERE {IN_WINDOW}
)
SELECT grouping(hour) = 1, {{kind}}, to_model, hour, count(*), min(line_time_ns), max(line_time_ns),
    max(line_time_ns) FILTER (line_time_ns <= $until), count(*) FILTER (verifies), sum(hashed)::VARCHAR
FROM line GROUP BY GROUPING SETS (({{kind}}), (managed, is_probe, to_model, hour))
"""


class Group(NamedTuple):
    """Lines that agree in everything that tells kinds apart. `removed`: decided while there was no file.

    `first_ns` and `last_ns` are line times, `verifying` how many were audited and decided under the controls
    of now, `hashed` the sum of the digests of managed lines.
    """

    managed: bool
    is_probe: bool
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
    verifying: int
    hashed: int

    @property
    def counts(self) -> bool:
        """Whether the lines are in rates, shares and hours: those of the home's own sources, no probes."""
        return self.managed and not self.is_probe

    @property
    def to_model(self) -> bool:
        """Whether the lines show that their jobs reached the model."""
        return self.path == "openai" and not self.contradicted


_KIND = ", ".join(Group._fields[: Group._fields.index("lines")])


class Hour(NamedTuple):
    """The lines of an hour; null `hour`: those without a time. `last_ns` is of lines up to now."""

    managed: bool
    is_probe: bool
    to_model: bool
    hour: int | None
    lines: int
    last_ns: int | None

    @property
    def counts(self) -> bool:
        """See `Group`."""
        return self.managed and not self.is_probe


@dataclass(frozen=True, slots=True)
class Tally:
    """The lines of a window of every source of the home's history, probes too."""

    groups: tuple[Group, ...]
    hours: tuple[Hour, ...]

    def lines(self, chosen: Callable[[Group], bool] = lambda _: True) -> int:
        """How many lines are in the chosen groups."""
        return sum(group.lines for group in self.groups if chosen(group))

    def of_outcomes(self) -> Iterator[tuple[Outcome, int, int]]:
        """The managed lines as the digest counts them: outcome, how many, sum of what they hash to."""
        for one in self.groups:
            if one.managed:
                outcome = one.executor_version, one.path, one.status, one.error_code
                yield outcome, one.lines, one.hashed

    def newest_since_ns(self, lines: int, chosen: Callable[[Hour], bool] = lambda _: True) -> int | None:
        """From when on the chosen hours have so many lines, at least; null where they have fewer."""
        found = 0
        for hour, count in sorted(
            ((one.hour, one.lines) for one in self.hours if one.hour is not None and chosen(one)),
            reverse=True,
        ):
            found += count
            if found >= lines and hour > 0:  # before 1970 hours are rounded up
                return hour * HOUR_NS
        return None


def told_apart(window: Window) -> str:
    """SQL: what of a line a count of jobs may ask for; takes `limited`."""
    removed = ", ".join(map(str, window.removed)) or "NULL"
    return f"""
        executor_version, path, status, error_code, contradiction IS NOT NULL AS contradicted,
        (interval_no IN ({removed})) IS TRUE AS removed,
        status = 'COMPLETED' AND (latency_ms > $p50::DOUBLE) IS TRUE AS over_p50,
        status = 'COMPLETED' AND (latency_ms > $p95::DOUBLE) IS TRUE AS over_p95
    """


def limited(limits: LatencyLimits) -> dict[str, object]:
    """The parameters of `told_apart`."""
    return {"p50": limits.p50_ms, "p95": limits.p95_ms}


def tally_of(cursor: duckdb.DuckDBPyConnection, window: Window, limits: LatencyLimits) -> Tally:
    """The window in one pass."""
    effective = None if window.controls is None else window.controls.effective_ns
    span = {"from": window.from_ns, "effective": effective, "until": window.until_ns}
    groups, hours = [], []
    query = _TALLY.format(told_apart=told_apart(window), kind=_KIND)
    found = rows(cursor, query, **bounds(window), **limited(limits), **span)
    for by_kind, *key, lines, first_ns, last_ns, seen_ns, verifying, hashed in found:
        if by_kind:
            groups.append(Group._make((*key[:-2], lines, first_ns, last_ns, verifying, int(hashed or 0))))
        else:
            managed, is_probe, *_, to_model, hour = key
            hours.append(Hour(managed, is_probe, to_model, hour, lines, seen_ns))
    return Tally(tuple(groups), tuple(hours))
