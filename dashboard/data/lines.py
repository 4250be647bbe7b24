"""The lines of a view, and which of two ways answers for them: every line, or the rollups.

Up to `READ_UP_TO` lines each of them is read, and percentiles are exact. Beyond, the rollups answer, where
they are complete and no bin of the time axis is shorter than a minute. Where retention took lines of the
view, they answer however few there are: what is left would be too little. Every answer says which it was.
"""

from dataclasses import replace
from typing import Any, Protocol

import pandas as pd

from dashboard.data.bins import Axis, axis
from dashboard.data.every_line import EveryLine
from dashboard.data.queries import Cursor, records
from dashboard.data.rolled_lines import RolledLines, grain_of
from dashboard.data.scope import ALL_TIME, HOUR_NS, Everything, Scope, Window
from dashboard.data.selection import selection
from ingest.rollups.grain import Grain
from ingest.rollups.reading import Span, counts
from ingest.rollups.upkeep import is_complete
from ingest.store.gone import gone_before_ns

READ_UP_TO = 1_000_000
"""Reading so many costs what the rollups of a month cost; docs/scale.md has the figures."""


class Lines(Protocol):
    """The chosen lines of a view. Every frame is as `dashboard.data.queries` describes it."""

    @property
    def said(self) -> str:
        """What the answers are made of, in words."""

    def quality(self) -> dict[str, Any]:
        """`runs`, `contradictions`, `no_time`, `no_step`, `first_ns`, `last_ns`."""

    def outcomes(self) -> pd.DataFrame:
        """Runs per `path`, `status`, `error_code`, most first."""

    def latencies(self) -> pd.DataFrame:
        """Per `path`: `runs`, and `p50`, `p95`, `p99`, `longest` in ms."""

    def few_latencies(self, path: str, most: int) -> list[float]:
        """The latencies of `path` themselves in ms, shortest first, at most `most`."""

    def outcomes_over(self, axis: Axis) -> pd.DataFrame:
        """`runs` per `bin` of the axis, `path`, `status`, `error_code`, in this order."""

    def percentiles_over(self, axis: Axis) -> pd.DataFrame:
        """`runs` and `p50`, `p95`, `p99` in seconds per `path` and `bin`, in this order."""

    def runs_in(self, axis: Axis, places: pd.DataFrame, most: int) -> pd.DataFrame:
        """The first `most` runs in bins and paths of `places`: `bin`, `path`, `status`, `line_time_ns`,
        `seconds`.
        """


def lines_of(cursor: Cursor, scope: Scope, window: Window, now_ns: int) -> Lines:
    """The lines of `scope` in the newest `window` before `now_ns`. Raises `QueryTimeout`."""
    span = None if window.span_ns is None else Span(now_ns - window.span_ns, now_ns)
    gone_ns = gone_before_ns(cursor)
    if gone_ns is not None and span is not None:
        gone_ns = None if span.start_ns >= gone_ns else gone_ns
        span = replace(span, gone_before_ns=gone_ns)
    grain = _grain(cursor, span, is_whole=gone_ns is None) if is_complete(cursor) else None
    if grain is None:
        return EveryLine(cursor, selection(scope, window, now_ns))
    return RolledLines(cursor, scope, span, grain, gone_ns)


def everything(cursor: Cursor) -> Lines:
    """All lines of the record. Raises `QueryTimeout`."""
    return lines_of(cursor, Everything(), ALL_TIME, 0)


def is_rolled(cursor: Cursor) -> bool:
    """Whether rollups answer for the whole record. Raises `QueryTimeout`."""
    return isinstance(everything(cursor), RolledLines)


def _grain(cursor: Cursor, span: Span | None, *, is_whole: bool) -> Grain | None:
    """What answers for `span`; null where every line is read. `is_whole`: every line of it is there."""
    by = ("at_ns",)
    whole = None if span is None else replace(span, start_ns=span.start_ns - span.start_ns % HOUR_NS)
    found = records(
        cursor,
        "SELECT coalesce(sum(lines), 0) AS lines, min(at_ns) AS first_ns, max(at_ns) AS last_ns "  # noqa: S608 names of ours; values are bound
        f"FROM ({counts(whole, Grain.HOUR, by)})",
    )[0]
    if found["first_ns"] is None or (is_whole and found["lines"] <= READ_UP_TO):
        return None
    drawn = axis(found["first_ns"], found["last_ns"]) if span is None else axis(span.start_ns, span.end_ns)
    return grain_of(drawn) if is_whole else grain_of(drawn) or Grain.MINUTE
