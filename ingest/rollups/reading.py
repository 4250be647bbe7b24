# ruff: noqa: S608 -- constants, whole numbers and the caller's expressions; values are always parameters
"""Questions over the rollups, for exactly the span that was asked for.

A span seldom begins with an hour, or a minute: hours are read where whole ones lie in it, minutes and at
last the rows themselves at its edges. So counts are exact, whatever the span, and only latencies that
come from histograms are off, by at most `latency_buckets.ERROR`. Where retention took the rows, an edge has
none to read: there a minute counts for the span in which it begins, so that spans side by side add up.

A question groups `by` expressions over the columns of `KEY`, `history_id`, `trust` and `at_ns`: the
beginning of the hour or minute, at an edge the time of the line, null where there is no time.

Planning a question costs as much as answering it: each reads ranges of whole numbers, and nothing of what
its span does not need (ADR 214).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ingest.recent_jobs import PROBE
from ingest.rollups.counting import AS_IN_ROWS, KEY, MINUTE_NS


class Grain(StrEnum):
    """The longest pieces that are read; its value stands on pages."""

    MINUTE = "minute"
    HOUR = "hour"


@dataclass(frozen=True, slots=True)
class Span:
    """From `start_ns` on, before `end_ns`, epoch nanoseconds, not before 1970.

    `gone_before_ns`: lines from before then may be gone (`ingest.store.gone`); null: all are there.
    """

    start_ns: int
    end_ns: int
    gone_before_ns: int | None = None


_HOUR = 60
_WIDTHS = {"hour": _HOUR * MINUTE_NS, "minute": MINUTE_NS}
_UNION = " UNION ALL BY NAME "
_AT = "at_ns"
_OF_SOURCE = ("history_id", "trust")
_OF_ROWS = {
    _AT: "line_time_ns",
    **{name: name for name in (*_OF_SOURCE, *AS_IN_ROWS)},
    "is_probe": f"(path = 'stub' AND starts_with(job_id, '{PROBE}'))",
    "straddles": "(revision IS DISTINCT FROM revision_at_line)",
}
"""What a question may name, as expressions over a line and its source."""
assert set(_OF_ROWS) == {_AT, *_OF_SOURCE, *KEY}


def counts(span: Span | None, grain: Grain, by: Sequence[str], where: str = "true") -> str:
    """SQL: what `by` names, and `lines`; never a row of none. A null span is all there is."""
    named = _named(by, where)
    parts = (_rolled(span, grain, named, "lines"), *_edges(span, named, "1 AS lines"))
    return f"""
    SELECT {", ".join(by)}, sum(lines)::BIGINT AS lines FROM ({_UNION.join(parts)})
    WHERE {where} GROUP BY ALL HAVING sum(lines) <> 0
    """


def latencies(span: Span | None, grain: Grain, by: Sequence[str], where: str = "true") -> str:
    """SQL: what `by` names, of each piece `buckets` and `counts`, of each line at an edge `latency_ms`.

    `ingest.rollups.histograms` adds them up.
    """
    named = _named(by, where)
    exact = "NULL::SMALLINT[] AS buckets, NULL::BIGINT[] AS counts, latency_ms"
    rolled = _rolled(span, grain, named, "buckets, counts, NULL::DOUBLE AS latency_ms")
    return f"""
    SELECT {", ".join(by)}, buckets, counts, latency_ms
    FROM ({_UNION.join((rolled, *_edges(span, named, exact)))}) WHERE {where}
    """


def width_at(span: Span | None, grain: Grain, at_ns: int) -> int:
    """How long, in ns, the piece may be that begins at `at_ns` of an answer; 0: that is a line's own time."""
    if span is None:
        return _WIDTHS[grain]
    if any(start <= at_ns < end for start, end in _beside_minutes(span)):
        return 0
    from_hour, to_hour = _whole(*_whole(span.start_ns, span.end_ns, MINUTE_NS), _HOUR)
    is_hour = grain is Grain.HOUR and from_hour * _WIDTHS["hour"] <= at_ns < to_hour * _WIDTHS["hour"]
    return _WIDTHS["hour" if is_hour else "minute"]


def _named(by: Sequence[str], where: str) -> tuple[str, ...]:
    """The columns that a question names, or seems to: each that is read costs planning."""
    words = set(re.findall(r"\w+", " ".join((*by, where))))
    return tuple(name for name in _OF_ROWS if name in words)


def _rolled(span: Span | None, grain: Grain, named: Sequence[str], values: str) -> str:
    """SQL: the hours and minutes that lie in `span`; what is not folded yet is minutes always."""
    pieces = _UNION.join(_pieces(span, grain))
    return f"SELECT {', '.join((*named, values))} FROM ({pieces}) JOIN rollup_key USING (key_id)"


def _pieces(span: Span | None, grain: Grain) -> Iterator[str]:
    """SQL: tables with `at_ns`, `key_id`, `lines`, `buckets`, `counts`."""
    if span is None:
        yield _rows(f"rollup_{grain.value}", grain.value)
        yield _rows("rollup_log", "minute")
        return
    first, last = _whole(span.start_ns, span.end_ns, MINUTE_NS)
    from_hour, to_hour = _whole(first, last, _HOUR)
    behind = last + _begun_and_gone(span, last)
    yield _rows("rollup_log", "minute", first, behind)
    if grain is Grain.MINUTE or from_hour == to_hour:
        yield _rows("rollup_minute", "minute", first, behind)
        return
    yield _rows("rollup_hour", "hour", from_hour, to_hour)
    for since, until in ((first, from_hour * _HOUR), (to_hour * _HOUR, behind)):
        if since < until:
            yield _rows("rollup_minute", "minute", since, until)


def _begun_and_gone(span: Span, last: int) -> int:
    """1 if the minute `last` begins in `span` and ends behind it, and its rows are gone, else 0."""
    begins = last * MINUTE_NS
    return int(span.gone_before_ns is not None and begins < min(span.end_ns, span.gone_before_ns))


def _rows(table: str, unit: str, since: int | None = None, until: int | None = None) -> str:
    """SQL: a table with `at_ns`, from the piece `since` on and before `until`, if there are such.

    The first hour there can be, in 1677, begins before any moment there is.
    """
    width = _WIDTHS[unit]
    begins = f"CASE WHEN {unit} IS NOT NULL THEN greatest({unit}, {-(2**63 // width)}) * {width} END"
    within = "" if since is None else f" WHERE {unit} >= {since} AND {unit} < {until}"
    return f"SELECT {begins} AS {_AT}, * EXCLUDE {unit} FROM {table}{within}"


def _edges(span: Span | None, named: Sequence[str], values: str) -> Iterator[str]:
    """SQL: the rows of `span` that lie in no whole minute of it; none where there can be none."""
    ranges = [] if span is None else list(_beside_minutes(span))
    if ranges:
        columns = (*(f"{_OF_ROWS[name]} AS {name}" for name in named), values)
        sources = " JOIN source USING (source_id)" if set(named) & set(_OF_SOURCE) else ""
        within = " OR ".join(f"line_time_ns >= {start} AND line_time_ns < {end}" for start, end in ranges)
        yield f"SELECT {', '.join(columns)} FROM telemetry{sources} WHERE {within}"


def _beside_minutes(span: Span) -> Iterator[tuple[int, int]]:
    """What of `span` lies in no whole minute of it, and may have its lines: from, and before."""
    first, last = _whole(span.start_ns, span.end_ns, MINUTE_NS)
    edges = ((span.start_ns, first * MINUTE_NS), (last * MINUTE_NS, span.end_ns))
    for start, end in edges if first < last else ((span.start_ns, span.end_ns),):
        since = start if span.gone_before_ns is None else max(start, span.gone_before_ns)
        if since < end:
            yield since, end


def _whole(start: int, end: int, width: int) -> tuple[int, int]:
    """The first piece of `width` that begins in `[start, end)`, and the first that does not end in it."""
    first = -(-start // width)
    return first, max(first, end // width)
