# ruff: noqa: S608 -- constants put together; values are always parameters
"""What the telemetry shows of the last hour that the hour before did not. No Streamlit."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dashboard.data import format as words
from dashboard.data.jumps import is_jump
from dashboard.data.lines import is_rolled
from dashboard.data.queries import Cursor
from dashboard.data.time_limit import time_limit
from dashboard.data.timeline import FEWEST_FOR_PERCENTILES
from gates.verdict.wording import percent
from ingest.rollups.grain import Grain
from ingest.rollups.reading import Span, counts
from ingest.store.gaps import open_gaps

HOUR_NS = 3_600 * 10**9
MOST_NAMES = 20
"""A log that invents names without end must not cost a query for each."""


class Kind(StrEnum):
    """What sort of change: it chooses the sign and where the link leads."""

    STOP = "stop"
    CONTROLS = "controls"
    REQUEST = "request"
    VERDICT = "verdict"
    VERSION = "version"
    CODE = "code"
    FAILURES = "failures"
    LATENCY = "latency"
    QUARANTINE = "quarantine"
    FINDING = "finding"
    SILENCE = "silence"
    GAP = "gap"
    CUT = "cut"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that changed, in words. `about` are the parameters of the page it links to.

    `at_ns` is when it happened, epoch nanoseconds; null for what is true of the hour as a whole.
    """

    at_ns: int | None
    kind: Kind
    said: str
    about: tuple[tuple[str, str], ...] = ()


_NAMES = (
    "SELECT {column} AS name, count(*) AS lines, min(line_time_ns) AS first_ns FROM telemetry "
    "WHERE line_time_ns >= $since AND line_time_ns < $until AND {column} IS NOT NULL "
    f"GROUP BY ALL ORDER BY lines DESC LIMIT {MOST_NAMES:d}"
)
_SEEN_BEFORE = "SELECT 1 AS seen FROM telemetry WHERE {column} = $name AND line_time_ns < $since LIMIT 1"
_ANY_BEFORE = "SELECT 1 AS seen FROM telemetry WHERE line_time_ns < $since LIMIT 1"
_HOURS = """
SELECT line_time_ns >= $since AS late, count(*) AS runs, count(*) FILTER (path = 'openai') AS openai,
    count(*) FILTER (path = 'openai' AND status = 'FAILED') AS failed,
    count(*) FILTER (path = 'openai' AND status = 'COMPLETED') AS completed,
    quantile_disc(latency_ms, 0.95) FILTER (path = 'openai' AND status = 'COMPLETED') AS p95
FROM telemetry WHERE line_time_ns >= $before AND line_time_ns < $until GROUP BY ALL
"""
_SLOWER = """
SELECT line_time_ns >= $since AS late, count(*) AS slow FROM telemetry
WHERE line_time_ns >= $before AND line_time_ns < $until AND path = 'openai' AND status = 'COMPLETED'
    AND latency_ms > $limit GROUP BY ALL
"""
_QUARANTINE = """
SELECT cause, count(*) FILTER (line_time_ns >= $since) AS lately,
    count(*) FILTER (line_time_ns < $since) AS before,
    count(*) FILTER (line_time_ns >= $since AND claims_openai) AS claims, max(line_time_ns) AS last_ns
FROM quarantine WHERE line_time_ns >= $before AND line_time_ns < $until GROUP BY ALL HAVING lately > 0
ORDER BY lately DESC, cause LIMIT 5
"""
_FINDINGS = """
SELECT code, severity, count(*) AS lines, count(DISTINCT job_id) AS jobs, min(line_time_ns) AS first_ns
FROM gate_finding WHERE explained_by IS NULL AND line_time_ns >= $since AND line_time_ns < $until
GROUP BY code, severity
ORDER BY CASE severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END, code
"""
_RESTARTED = """
SELECT at_ns, detail FROM ingest_event
WHERE kind IN ('restarted', 'unread') AND at_ns >= $since AND at_ns < $until
ORDER BY at_ns DESC LIMIT 5
"""


def of_telemetry(cursor: Cursor, now_ns: int) -> tuple[Happening, ...]:
    """Everything of the hour before `now_ns`, in no order. Raises `QueryTimeout`."""
    times = {"since": now_ns - HOUR_NS, "until": now_ns, "before": now_ns - 2 * HOUR_NS}
    return (
        *_new_names(cursor, times),
        *_hours(cursor, times),
        *_suspect(cursor, times),
        *_cut(cursor, times),
    )


def _new_names(cursor: Cursor, times: dict[str, int]) -> Iterator[Happening]:
    since = times["since"]
    if not _asked(cursor, _ANY_BEFORE, {"since": since}):
        return  # a record that begins in this hour: everything in it is new
    known_of = _known_in_rollups if is_rolled(cursor) else _known_in_lines
    for column, name, kind, key in (
        ("executor_version", "executorVersion", Kind.VERSION, "version"),
        ("error_code", "errorCode", Kind.CODE, "code"),
    ):
        lately = {"since": since, "until": times["until"]}
        found = _asked(cursor, _NAMES.format(column=column), lately)
        known = known_of(cursor, column, [row["name"] for row in found], since)
        for row in found:
            if row["name"] in known:
                continue
            lines = "1 line" if row["lines"] == 1 else f"{row['lines']:,} lines"
            said = f"{name} `{row['name']}` seen for the first time; {lines} since"
            yield Happening(at_ns=row["first_ns"], kind=kind, said=said, about=((key, row["name"]),))


def _known_in_rollups(cursor: Cursor, column: str, names: list[str], since: int) -> set[str]:
    """Those of `names` that any line from before has."""
    before = counts(
        Span(0, since), Grain.HALF_DAY, (f"{column} AS name",), f"list_contains($names::VARCHAR[], {column})"
    )
    return {row["name"] for row in _asked(cursor, before, {"names": names})}


def _known_in_lines(cursor: Cursor, column: str, names: list[str], since: int) -> set[str]:
    """The same; one that is new is looked for in all of them."""
    query = _SEEN_BEFORE.format(column=column)
    return {name for name in names if _asked(cursor, query, {"name": name, "since": since})}


def _hours(cursor: Cursor, times: dict[str, int]) -> Iterator[Happening]:
    by_hour = {row["late"]: row for row in _asked(cursor, _HOURS, times)}
    late, before = by_hour.get(True), by_hour.get(False)
    if before is None:
        return
    if late is None:
        said = f"no line at all in the last hour; the hour before had {before['runs']:,}"
        yield Happening(at_ns=None, kind=Kind.SILENCE, said=said)
        return
    if is_jump(late["failed"], late["openai"], before["failed"], before["openai"]):
        yield Happening(at_ns=None, kind=Kind.FAILURES, said=_more_failures(late, before))
    if min(late["completed"], before["completed"]) >= FEWEST_FOR_PERCENTILES:
        asked = {**times, "limit": before["p95"]}
        slow = {row["late"]: row["slow"] for row in _asked(cursor, _SLOWER, asked)}
        if is_jump(slow.get(True, 0), late["completed"], slow.get(False, 0), before["completed"]):
            said = (
                f"openai p95 went from {words.latency(before['p95'])} to {words.latency(late['p95'])} "
                f"(n {before['completed']:,} and {late['completed']:,} completed calls, hour against hour)"
            )
            yield Happening(at_ns=None, kind=Kind.LATENCY, said=said)


def _more_failures(late: dict[str, int], before: dict[str, int]) -> str:
    shares = [percent(one["failed"] / one["openai"]) for one in (before, late)]
    return (
        f"failed model calls went from {shares[0]} to {shares[1]} ({before['failed']:,} of "
        f"{before['openai']:,}, then {late['failed']:,} of {late['openai']:,}, hour against hour)"
    )


def _suspect(cursor: Cursor, times: dict[str, int]) -> Iterator[Happening]:
    for row in _asked(cursor, _QUARANTINE, times):
        claims = f", {row['claims']:,} of them say openai" if row["claims"] else ""
        one = "record" if row["lately"] == 1 else "records"
        said = (
            f"{row['lately']:,} {one} quarantined: {row['cause']}{claims}; {row['before']:,} an hour before"
        )
        yield Happening(at_ns=row["last_ns"], kind=Kind.QUARANTINE, said=said)
    for row in _asked(cursor, _FINDINGS, {"since": times["since"], "until": times["until"]}):
        lines = "1 line" if row["lines"] == 1 else f"{row['lines']:,} lines"
        said = f"gate audit: `{row['code']}` ({row['severity']}) in {lines} of {row['jobs']:,} jobs"
        yield Happening(at_ns=row["first_ns"], kind=Kind.FINDING, said=said, about=(("code", row["code"]),))


def _cut(cursor: Cursor, times: dict[str, int]) -> Iterator[Happening]:
    """Files that were cut or removed: what is missing for certain, and what may be."""
    for gap in open_gaps(cursor, times["since"], times["until"]):
        yield Happening(at_ns=gap.at_ns, kind=Kind.GAP, said=f"{gap.said}; no copy has it so far")
    for row in _asked(cursor, _RESTARTED, {"since": times["since"], "until": times["until"]}):
        yield Happening(at_ns=row["at_ns"], kind=Kind.CUT, said=row["detail"])


def _asked(cursor: Cursor, query: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    with time_limit(cursor):
        found = cursor.execute(query, parameters)
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
