# ruff: noqa: S608 -- constants, whole numbers and the caller's expressions; values are always parameters
"""Questions over the rollups, for exactly the span that was asked for.

A span seldom begins with an hour, or a minute: hours are read where whole ones lie in it, minutes and at
last the rows themselves at its edges. So counts are exact, whatever the span, and only latencies that
come from histograms are off, by at most `latency_buckets.ERROR`. Where retention took the rows, an edge has
none to read: there a minute counts for the span in which it begins, so that spans side by side add up.

A question groups `by` expressions over the columns of `KEY`, `history_id`, `trust` and `at_ns`: the
beginning of the hour or minute, at an edge the time of the line, null where there is no time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ingest.recent_jobs import PROBE
from ingest.rollups.counting import AS_IN_ROWS, KEY, MINUTE_NS
from ingest.rollups.kept import GONE_BEFORE_NS
from ingest.rollups.latency_buckets import VALUE


class Grain(StrEnum):
    """The longest pieces that are read; its value stands on pages."""

    MINUTE = "minute"
    HOUR = "hour"


@dataclass(frozen=True, slots=True)
class Span:
    """From `start_ns` on, before `end_ns`, epoch nanoseconds, not before 1970."""

    start_ns: int
    end_ns: int


_KEY = ", ".join(("history_id", "trust", *KEY))
_OF_ROWS = ", ".join(
    (
        "line_time_ns AS at_ns",
        "history_id",
        "trust",
        *AS_IN_ROWS,
        f"(path = 'stub' AND starts_with(job_id, '{PROBE}')) AS is_probe",
        "revision IS DISTINCT FROM revision_at_line AS straddles",
    )
)
_HOUR = 60
_GONE_MINUTE = f"{GONE_BEFORE_NS} // {MINUTE_NS}"


def counts(span: Span | None, grain: Grain, by: Sequence[str], where: str = "true") -> str:
    """SQL: what `by` names, and `lines`; never a row of none. A null span is all there is."""
    pieces, edges = _pieces(span, grain), _edges(span)
    return f"""
    SELECT {", ".join(by)}, sum(lines)::BIGINT AS lines FROM (
        SELECT at_ns, {_KEY}, lines FROM ({pieces}) JOIN rollup_key USING (key_id)
        UNION ALL BY NAME
        SELECT {_OF_ROWS}, 1 AS lines FROM telemetry JOIN source USING (source_id) WHERE {edges}
    ) WHERE {where} GROUP BY ALL HAVING sum(lines) <> 0
    """


def latencies(span: Span | None, grain: Grain, by: Sequence[str], where: str = "true") -> str:
    """SQL: what `by` names, `latency_ms`, and `lines` that took so long; never a row of none."""
    pieces, edges, named = _pieces(span, grain), _edges(span), ", ".join(by)
    return f"""
    SELECT * EXCLUDE bucket, {VALUE} AS latency_ms FROM (
        SELECT * EXCLUDE count, sum(count)::BIGINT AS lines FROM (
            SELECT {named}, unnest(buckets) AS bucket, unnest(counts) AS count FROM (
                SELECT at_ns, {_KEY}, buckets, counts FROM ({pieces}) JOIN rollup_key USING (key_id)
            ) WHERE {where}
        ) GROUP BY ALL HAVING sum(count) <> 0
    )
    UNION ALL BY NAME
    SELECT {named}, latency_ms, count(*) AS lines FROM (
        SELECT {_OF_ROWS}, latency_ms FROM telemetry JOIN source USING (source_id) WHERE {edges}
    ) WHERE {where} GROUP BY ALL
    """


def _pieces(span: Span | None, grain: Grain) -> str:
    """SQL: the hours and minutes that lie in `span`; what is not folded yet is minutes always."""
    hours, minutes, log = (
        _rows("hour", "rollup_hour"),
        _rows("minute", "rollup_minute"),
        _rows("minute", "rollup_log"),
    )
    if span is None:
        return f"{hours if grain is Grain.HOUR else minutes} UNION ALL BY NAME {log}"
    first, last = _whole(span.start_ns, span.end_ns, MINUTE_NS)
    within = f"(minute >= {first} AND minute < {last}{_begun_and_gone(span, last)})"
    log = f"{log} WHERE {within}"
    from_hour, to_hour = _whole(first, last, _HOUR)
    if grain is Grain.MINUTE or from_hour == to_hour:
        return f"{minutes} WHERE {within} UNION ALL BY NAME {log}"
    beside = f"(minute < {from_hour * _HOUR} OR minute >= {to_hour * _HOUR})"
    return (
        f"{hours} WHERE hour >= {from_hour} AND hour < {to_hour} UNION ALL BY NAME "
        f"{minutes} WHERE {within} AND {beside} UNION ALL BY NAME {log}"
    )


def _begun_and_gone(span: Span, last: int) -> str:
    """SQL: besides, the minute `last` if it begins in `span` and ends behind it, and its rows are gone."""
    if last * MINUTE_NS >= span.end_ns:
        return ""
    return f" OR minute = {last} AND coalesce(minute < {_GONE_MINUTE}, false)"


def _rows(unit: str, table: str) -> str:
    """SQL: a table with `at_ns`. The first hour there can be, in 1677, begins before any moment there is."""
    width = MINUTE_NS if unit == "minute" else _HOUR * MINUTE_NS
    begins = f"CASE WHEN {unit} IS NOT NULL THEN greatest({unit}, {-(2**63 // width)}) * {width} END"
    return f"SELECT {begins} AS at_ns, * EXCLUDE {unit} FROM {table}"


def _edges(span: Span | None) -> str:
    """SQL: the rows of `span` that lie in no whole minute of it."""
    if span is None:
        return "false"
    first, last = _whole(span.start_ns, span.end_ns, MINUTE_NS)
    start, end = span.start_ns, span.end_ns
    edges = (
        f"line_time_ns >= {start} AND line_time_ns < {end}"
        if first == last
        else f"line_time_ns >= {start} AND line_time_ns < {first * MINUTE_NS} "
        f"OR line_time_ns >= {last * MINUTE_NS} AND line_time_ns < {end}"
    )
    return f"({edges}) AND coalesce(line_time_ns >= {GONE_BEFORE_NS}, true)"


def _whole(start: int, end: int, width: int) -> tuple[int, int]:
    """The first piece of `width` that begins in `[start, end)`, and the first that does not end in it."""
    first = -(-start // width)
    return first, max(first, end // width)
