# ruff: noqa: S608 -- constants, whole numbers and the caller's expressions; values are always parameters
"""Questions over the rollups, for exactly the span that was asked for.

A span seldom begins with a half day, an hour, or a minute: half days are read where whole ones lie in it,
then hours, minutes and at last the rows themselves at its edges. So counts are exact, whatever the span, and
only latencies that come from histograms are off, by at most `latency_buckets.ERROR`. Where retention took the
rows, an edge has none to read: there a minute counts for the span in which it begins, so that spans side by
side add up.

A question groups `by` expressions over the columns of `KEY`, `history_id`, `trust` and `at_ns`: the
beginning of the piece, at an edge the time of the line, null where there is no time.

Planning a question costs as much as answering it: each reads ranges of whole numbers, and nothing of what
its span does not need (ADR 214).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.recent_jobs import PROBE
from ingest.rollups.counting import AS_IN_ROWS, KEY, MINUTE_NS
from ingest.rollups.grain import Grain

_FINER = {Grain.HALF_DAY: Grain.HOUR, Grain.HOUR: Grain.MINUTE}


@dataclass(frozen=True, slots=True)
class Span:
    """From `start_ns` on, before `end_ns`, epoch nanoseconds, not before 1970.

    `gone_before_ns`: lines from before then may be gone (`ingest.store.gone`); null: all are there.
    """

    start_ns: int
    end_ns: int
    gone_before_ns: int | None = None


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
        return grain.width_ns
    if any(start <= at_ns < end for start, end in _beside_minutes(span)):
        return 0
    minute = at_ns // MINUTE_NS
    covered = _covered(grain, *_whole(span.start_ns, span.end_ns, MINUTE_NS))
    return max((one.width_ns for one, since, until in covered if since <= minute < until), default=MINUTE_NS)


def _named(by: Sequence[str], where: str) -> tuple[str, ...]:
    """The columns that a question names, or seems to: each that is read costs planning."""
    words = set(re.findall(r"\w+", " ".join((*by, where))))
    return tuple(name for name in _OF_ROWS if name in words)


def _rolled(span: Span | None, grain: Grain, named: Sequence[str], values: str) -> str:
    """SQL: the pieces that lie in `span`; what is not folded yet is minutes always."""
    pieces = _UNION.join(_pieces(span, grain))
    return f"SELECT {', '.join((*named, values))} FROM ({pieces}) JOIN rollup_key USING (key_id)"


def _pieces(span: Span | None, grain: Grain) -> Iterator[str]:
    """SQL: tables with `at_ns`, `key_id`, `lines`, `buckets`, `counts`."""
    if span is None:
        yield _rows(grain)
        yield _rows(Grain.MINUTE, table="rollup_log")
        return
    first, last = _whole(span.start_ns, span.end_ns, MINUTE_NS)
    behind = last + _begun_and_gone(span, last)
    yield _rows(Grain.MINUTE, ((first, behind),), "rollup_log")
    ranges: dict[Grain, list[tuple[int, int]]] = {}
    for one, since, until in _covered(grain, first, behind):
        ranges.setdefault(one, []).append((since, until))
    for one, minutes in ranges.items():
        yield _rows(one, minutes)


def _covered(grain: Grain, since: int, until: int) -> Iterator[tuple[Grain, int, int]]:
    """Which pieces cover the minutes from `since` on and before `until`, the longest first."""
    if grain not in _FINER:
        if since < until:
            yield grain, since, until
        return
    width = grain.minutes
    first, last = (one * width for one in _whole(since, until, width))
    if first == last:
        yield from _covered(_FINER[grain], since, until)
        return
    yield grain, first, last
    yield from _covered(_FINER[grain], since, first)
    yield from _covered(_FINER[grain], last, until)


def _begun_and_gone(span: Span, last: int) -> int:
    """1 if the minute `last` begins in `span` and ends behind it, and its rows are gone, else 0."""
    begins = last * MINUTE_NS
    return int(span.gone_before_ns is not None and begins < min(span.end_ns, span.gone_before_ns))


def _rows(grain: Grain, ranges: Sequence[tuple[int, int]] = (), table: str = "") -> str:
    """SQL: the rows of a table, with `at_ns`; of `ranges` of minutes alone, if there are some.

    The first piece there can be, in 1677, begins before any moment there is.
    """
    unit, width = grain.unit, grain.minutes
    begins = f"greatest({unit}, {-(2**63 // grain.width_ns)}) * {grain.width_ns}"
    within = " OR ".join(
        f"{unit} >= {since // width} AND {unit} < {until // width}" for since, until in ranges
    )
    return (
        f"SELECT CASE WHEN {unit} IS NOT NULL THEN {begins} END AS {_AT}, * EXCLUDE {unit} "
        f"FROM {table or f'rollup_{unit}'} WHERE {within or 'true'}"
    )


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
