# ruff: noqa: S608 -- constants and whole numbers put together; values are always parameters
"""The answers of a view from the rollups: counts are exact, latencies within 1 %."""

from dataclasses import dataclass
from typing import Any, assert_never

import pandas as pd

from dashboard.data.bins import Axis
from dashboard.data.queries import Cursor, records, rows
from dashboard.data.scope import HOUR_NS, MINUTE_NS, Everything, InStage, InStep, Scope, Unattributed
from dashboard.data.selection import NO_STEP
from ingest.instants import rfc3339
from ingest.rollups.latency_buckets import ERROR
from ingest.rollups.reading import Grain, Span, counts, latencies

_RANKED = """
    SELECT *, sum(lines) OVER (w ORDER BY latency_ms) AS up_to, sum(lines) OVER w AS total
    FROM ({found}) WINDOW w AS (PARTITION BY {by})
"""
_NEAREST = "min(latency_ms) FILTER (100 * up_to >= {of} * total)"


@dataclass(frozen=True, slots=True)
class RolledLines:
    """See the port, `dashboard.data.lines.Lines`. A null `span` is all there is, also without a time.

    `gone_before_ns`: lines of the span from before then are gone; null: it has them all.
    """

    cursor: Cursor
    scope: Scope
    span: Span | None
    grain: Grain
    gone_before_ns: int | None = None

    @property
    def said(self) -> str:
        """See the port."""
        said = f"from {self.grain.value} rollups: counts exact, latency within {ERROR * 100:.0f} %"
        if self.gone_before_ns is None:
            return said
        return f"{said}; single lines are kept since {rfc3339(self.gone_before_ns)[:10]}"

    def quality(self) -> dict[str, Any]:
        """See the port."""
        by = ("at_ns", "contradiction IS NOT NULL AS contradicts", f"{NO_STEP} AS is_stepless")
        found = records(
            self.cursor,
            f"SELECT coalesce(sum(lines), 0)::BIGINT AS runs, "
            "coalesce(sum(lines) FILTER (contradicts), 0)::BIGINT AS contradictions, "
            "coalesce(sum(lines) FILTER (at_ns IS NULL), 0)::BIGINT AS no_time, "
            "coalesce(sum(lines) FILTER (is_stepless), 0)::BIGINT AS no_step, "
            f"min(at_ns) AS first_ns, max(at_ns) AS last_ns FROM ({self._counts(by)})",
            self._parameters,
        )[0]
        return found | {"first_ns": self._end("min", found), "last_ns": self._end("max", found)}

    def outcomes(self) -> pd.DataFrame:
        """See the port."""
        return rows(
            self.cursor,
            f"SELECT path, status, error_code, lines AS runs "
            f"FROM ({self._counts(('path', 'status', 'error_code'))}) "
            "ORDER BY path, runs DESC, status, error_code",
            self._parameters,
        )

    def latencies(self) -> pd.DataFrame:
        """See the port."""
        return rows(
            self.cursor,
            f"SELECT path, any_value(total)::BIGINT AS runs, {_NEAREST.format(of=50)} AS p50, "
            f"{_NEAREST.format(of=95)} AS p95, {_NEAREST.format(of=99)} AS p99, max(latency_ms) AS longest "
            f"FROM ({_RANKED.format(found=self._latencies(('path',)), by='path')}) "
            "GROUP BY path ORDER BY path",
            self._parameters,
        )

    def few_latencies(self, path: str, most: int) -> list[float]:
        """See the port."""
        found = records(
            self.cursor,
            f"SELECT latency_ms, sum(lines)::BIGINT AS lines FROM ({self._latencies(('path',))}) "
            f"WHERE path = $path GROUP BY ALL ORDER BY latency_ms LIMIT {most:d}",
            {**self._parameters, "path": path},
        )
        return [one["latency_ms"] for one in found for _ in range(one["lines"])][:most]

    def outcomes_over(self, axis: Axis) -> pd.DataFrame:
        """See the port."""
        by = (_bin(axis), "path", "status", "error_code")
        where = f"{_on(axis)} AND {self._of_scope[0]}"
        return rows(
            self.cursor,
            "SELECT * EXCLUDE lines, lines AS runs "
            f"FROM ({counts(self._timed(axis), self._grain_on(axis), by, where)}) "
            "ORDER BY bin, path, status, error_code",
            self._parameters,
        )

    def percentiles_over(self, axis: Axis) -> pd.DataFrame:
        """See the port."""
        found = self._latencies_over(axis, ("path",))
        return rows(
            self.cursor,
            f"SELECT bin, path, any_value(total)::BIGINT AS runs, {_NEAREST.format(of=50)} / 1000 AS p50, "
            f"{_NEAREST.format(of=95)} / 1000 AS p95, {_NEAREST.format(of=99)} / 1000 AS p99 "
            f"FROM ({_RANKED.format(found=found, by='bin, path')}) GROUP BY bin, path ORDER BY path, bin",
            self._parameters,
        )

    def runs_in(self, axis: Axis, places: pd.DataFrame, most: int) -> pd.DataFrame:
        """See the port. Each stands at the beginning of its minute, or hour."""
        found = self._latencies_over(axis, ("path", "status", "at_ns"))
        return rows(
            self.cursor,
            "SELECT bin, path, status, at_ns AS line_time_ns, latency_ms / 1000 AS seconds FROM ("
            f"SELECT *, unnest(range(lines)) FROM ({found}) "
            "WHERE (bin, path) IN (SELECT unnest($bins::BIGINT[]), unnest($paths::VARCHAR[]))"
            f") ORDER BY line_time_ns, seconds LIMIT {most:d}",
            {**self._parameters, "bins": places["bin"].tolist(), "paths": places["path"].tolist()},
        )

    def _counts(self, by: tuple[str, ...]) -> str:
        return counts(self.span, self.grain, by, self._of_scope[0])

    def _latencies(self, by: tuple[str, ...]) -> str:
        return latencies(self.span, self.grain, by, self._of_scope[0])

    def _latencies_over(self, axis: Axis, by: tuple[str, ...]) -> str:
        where = f"{_on(axis)} AND {self._of_scope[0]}"
        return latencies(self._timed(axis), self._grain_on(axis), (_bin(axis), *by), where)

    def _timed(self, axis: Axis) -> Span:
        return self.span or Span(axis.start_ns, axis.end_ns)

    def _grain_on(self, axis: Axis) -> Grain:
        """Bins of all of time may turn out to be shorter than what its totals are read from."""
        return grain_of(axis) or Grain.MINUTE

    def _end(self, which: str, found: dict[str, Any]) -> int | None:
        """The time itself of the first or the last line, which the piece it lies in bounds."""
        near = found["first_ns" if which == "min" else "last_ns"]
        if near is None:
            return None
        bounds = self.span or Span(near, near + HOUR_NS)
        start, end = max(near, bounds.start_ns), min(near + HOUR_NS, bounds.end_ns)
        query = (
            f"SELECT {which}(line_time_ns) AS at_ns FROM telemetry "
            f"WHERE line_time_ns >= {start} AND line_time_ns < {end} AND {self._of_scope[0]}"
        )
        exact: int | None = records(self.cursor, query, self._parameters)[0]["at_ns"]
        return int(near) if exact is None else exact

    @property
    def _parameters(self) -> dict[str, object]:
        return self._of_scope[1]

    @property
    def _of_scope(self) -> tuple[str, dict[str, object]]:
        match self.scope:
            case Everything():
                return "true", {}
            case InStage(stage):
                return "stage = $stage", {"stage": stage.value}
            case InStep(step):
                return "step = $step", {"step": step.value}
            case Unattributed():
                return NO_STEP, {}
            case _:
                assert_never(self.scope)


def grain_of(axis: Axis) -> Grain | None:
    """The longest pieces that its bins are made of; null where these are shorter than a minute."""
    if axis.width_ns % HOUR_NS == 0:
        return Grain.HOUR
    return Grain.MINUTE if axis.width_ns % MINUTE_NS == 0 else None


def _bin(axis: Axis) -> str:
    return f"(at_ns - {axis.start_ns}) // {axis.width_ns} AS bin"


def _on(axis: Axis) -> str:
    return f"at_ns >= {axis.start_ns} AND at_ns < {axis.end_ns}"
