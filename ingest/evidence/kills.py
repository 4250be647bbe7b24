# ruff: noqa: S608 -- constants put together; values are always parameters
"""What telemetry shows of the newest kill of the home's history."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import duckdb

from gates.verdict.evidence import KillFacts, KillOfSource
from ingest.evidence.rows_of import LONGEST_NS, MANAGED
from ingest.evidence.snapshot import Row, rows, snapshot
from ingest.evidence.window import home_intervals
from ingest.history.controls import Interval
from schemas.instant import SECOND

_FOR_EVER = 2**63 - 1
_DAY_NS = 24 * 3600 * SECOND
# A line without a time counts where its neighbours place it: inside the kill.
_SINCE = "coalesce(decided_from_ns BETWEEN $engaged AND $last, interval_no BETWEEN $first_no AND $last_no)"
_SURELY_SINCE = """
coalesce(decided_from_ns > $engaged + $skew AND decided_from_ns < $last - $skew,
    interval_no BETWEEN $first_no AND $last_no)
"""
# What claims to have begun hours before the kill, and ended after it, was in flight for no such time.
_UNBELIEVABLE = f"""
(path = 'openai' AND decided_from_ns < $engaged - {LONGEST_NS}
    AND line_time_ns > $engaged + $skew AND line_time_ns < $last - $skew)
"""
_IN_FLIGHT = f"""
(path = 'openai' AND decided_from_ns <= $engaged + $skew AND line_time_ns >= $engaged AND NOT {_UNBELIEVABLE})
"""
_SOURCES = f"""
WITH line AS (
    SELECT source_id, line_time_ns, decided_from_ns,
        path = 'stub' AND error_code = 'KILL_SWITCH' AND contradiction IS NULL AND {_SINCE} AS stubbed,
        path = 'openai' AND ({_SURELY_SINCE} OR coalesce({_UNBELIEVABLE}, false)) AS breaches,
        path = 'openai' AND decided_from_ns < $last AS starts,
        {_IN_FLIGHT} AS in_flight
    FROM telemetry WHERE {MANAGED} AND (line_time_ns >= $lately OR line_time_ns IS NULL)
)
SELECT name, count(*) FILTER (stubbed), min(line_time_ns) FILTER (stubbed), count(*) FILTER (breaches),
    max(decided_from_ns) FILTER (starts), count(*) FILTER (in_flight), max(line_time_ns) FILTER (in_flight)
FROM line JOIN source USING (source_id)
GROUP BY name HAVING bool_or(stubbed OR breaches OR starts) ORDER BY name
"""


@dataclass(frozen=True, slots=True)
class Kill:
    """A kill: intervals `first_no` to `last_no`, of `revision`; null `released_ns`: it is on."""

    first_no: int
    last_no: int
    revision: int
    engaged_ns: int
    released_ns: int | None


def kill_facts(cursor: duckdb.DuckDBPyConnection, now_ns: int, skew_ns: int) -> KillFacts | None:
    """The newest kill that had been engaged at `now_ns`, or null where there is none.

    Neighbouring intervals with the kill on or without a control file are one kill. `skew_ns` is how
    far an executor's clock may be off: an openai line decided this shortly after the kill is in
    flight, not a breach.
    """
    with snapshot(cursor):
        return facts_of_kill(cursor, home_intervals(cursor), now_ns, skew_ns)


def facts_of_kill(
    cursor: duckdb.DuckDBPyConnection, intervals: Sequence[Interval], now_ns: int, skew_ns: int
) -> KillFacts | None:
    """`kill_facts` of a history that was read already, inside the caller's snapshot."""
    kill = newest_kill(intervals, now_ns)
    if kill is None:
        return None
    found = rows(
        cursor,
        _SOURCES,
        engaged=kill.engaged_ns,
        last=_FOR_EVER if kill.released_ns is None else kill.released_ns - 1,
        first_no=kill.first_no,
        last_no=kill.last_no,
        skew=skew_ns,
        lately=kill.engaged_ns - _DAY_NS,
    )
    sources = tuple(_source(row) for row in found)
    return KillFacts(
        revision=kill.revision,
        engaged_ns=kill.engaged_ns,
        released_ns=kill.released_ns,
        stubbed_since=sum(one.stubbed_since for one in sources),
        first_stub_ns=min((row[2] for row in found if row[2] is not None), default=None),
        openai_since=sum(one.openai_since for one in sources),
        last_openai_start_ns=_latest(one.last_openai_start_ns for one in sources),
        in_flight=sum(one.in_flight for one in sources),
        in_flight_ended_ns=_latest(one.in_flight_ended_ns for one in sources),
        sources=sources,
    )


def newest_kill(intervals: Sequence[Interval], now_ns: int) -> Kill | None:
    """The newest kill that had been engaged at `now_ns`. A history that begins killed begins with one."""
    found: Kill | None = None
    is_stopped = False
    for number, one in enumerate(intervals):
        for from_ns, stops in _parts(one):
            if from_ns > now_ns:
                continue
            if found is not None and stops and is_stopped:
                found = replace(found, last_no=number)
            elif stops:
                found = Kill(number, number, one.revision, from_ns, None)
            elif found is not None and is_stopped:
                found = replace(found, released_ns=from_ns)
            is_stopped = stops
    return found


def _parts(interval: Interval) -> Iterator[tuple[int, bool]]:
    """From when on an interval stops everything or does not: leave to admit can end within it."""
    end = interval.denies_from_ns
    if interval.kill or interval.removed or (end is not None and end <= interval.from_ns):
        yield interval.from_ns, True
        return
    yield interval.from_ns, False
    if end is not None and (interval.to_ns is None or end < interval.to_ns):
        yield end, True


def _source(row: Row) -> KillOfSource:
    name, stubbed, _first_stub_ns, openai, start_ns, in_flight, ended_ns = row
    return KillOfSource(
        source=name,
        stubbed_since=stubbed,
        openai_since=openai,
        last_openai_start_ns=start_ns,
        in_flight=in_flight,
        in_flight_ended_ns=ended_ns,
    )


def _latest(moments: Iterable[int | None]) -> int | None:
    return max((one for one in moments if one is not None), default=None)
