# ruff: noqa: S608 -- constants and whole numbers put together; values are always parameters
"""The answers of a view from the rollups: counts are exact, latencies within 1 %."""

from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal, assert_never

import numpy as np
import pandas as pd

from dashboard.data.bins import Axis
from dashboard.data.in_lines import each
from dashboard.data.queries import Cursor, arrow, records, rows
from dashboard.data.scope import MINUTE_NS, Everything, InStage, InStep, Scope, Unattributed
from dashboard.data.selection import NO_STEP
from ingest.instants import rfc3339
from ingest.rollups.grain import Grain
from ingest.rollups.histograms import Histograms, histograms
from ingest.rollups.latency_buckets import ERROR
from ingest.rollups.reading import Span, counts, latencies, width_at

_RANKS = {"p50": 50, "p95": 95, "p99": 99}
_OF_RUNS = ["bin", "path", "status", "line_time_ns", "seconds"]


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
        found = self._histograms(self.span, self.grain, ("path",))
        return _ranked(found).assign(longest=found.longest).sort_values("path", ignore_index=True)

    def few_latencies(self, path: str, most: int) -> list[float]:
        """See the port."""
        found = self._histograms(self.span, self.grain, ("path",), "path = $path", path=path)
        return list(islice(each(found.of(0)), most))

    def outcomes_over(self, axis: Axis) -> pd.DataFrame:
        """See the port."""
        by = (f"{_bin(axis)} AS bin", "path", "status", "error_code")
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
        found = self._histograms(
            self._timed(axis), self._grain_on(axis), (f"{_bin(axis)} AS bin", "path"), _on(axis)
        )
        ranked = _ranked(found).sort_values(["path", "bin"], ignore_index=True)
        return ranked.assign(**{name: ranked[name] / 1000 for name in _RANKS})

    def runs_in(self, axis: Axis, places: pd.DataFrame, most: int) -> pd.DataFrame:
        """See the port. Each stands at the beginning of its minute, or hour."""
        if places.empty:
            return places.reindex(columns=_OF_RUNS)
        grain = self._grain_on(axis)
        found = self._histograms(
            self._timed(axis),
            Grain.HOUR if grain is Grain.HALF_DAY else grain,
            (f"{_bin(axis)} AS bin", "path", "status", "at_ns AS line_time_ns"),
            f"{_on(axis)} AND list_contains($places, {{'bin': {_bin(axis)}, 'path': path}})",
            places=places[["bin", "path"]].to_dict("records"),
        )
        runs = found.groups.take(np.repeat(found.group, found.lines)).to_pandas()
        seconds = np.repeat(found.latency_ms / 1000, found.lines)
        ordered = runs.assign(seconds=seconds).sort_values(["line_time_ns", "seconds"], ignore_index=True)
        first: pd.DataFrame = ordered[_OF_RUNS].head(most)
        return first

    def _counts(self, by: tuple[str, ...]) -> str:
        return counts(self.span, self.grain, by, self._of_scope[0])

    def _histograms(
        self, span: Span | None, grain: Grain, by: tuple[str, ...], where: str = "true", **parameters: object
    ) -> Histograms:
        query = latencies(span, grain, by, f"{where} AND {self._of_scope[0]}")
        return histograms(arrow(self.cursor, query, {**self._parameters, **parameters}))

    def _timed(self, axis: Axis) -> Span:
        return self.span or Span(axis.start_ns, axis.end_ns, self.gone_before_ns)

    def _grain_on(self, axis: Axis) -> Grain:
        """Bins of all of time may turn out to be shorter than what its totals are read from."""
        return grain_of(axis) or Grain.MINUTE

    def _end(self, which: Literal["min", "max"], found: dict[str, int | None]) -> int | None:
        """The time itself of the first or the last line: its minute is looked for in its hour, it in that."""
        near = found["first_ns" if which == "min" else "last_ns"]
        if near is None or not (width := width_at(self.span, self.grain, near)):
            return near
        if width > MINUTE_NS:
            minutes = counts(self._within(near, width), Grain.MINUTE, ("at_ns",), self._of_scope[0])
            near = self._one(f"SELECT {which}(at_ns) FROM ({minutes})") or near
        span = self._within(near, MINUTE_NS)
        exact = self._one(
            f"SELECT {which}(line_time_ns) FROM telemetry "
            f"WHERE line_time_ns >= {span.start_ns} AND line_time_ns < {span.end_ns} AND {self._of_scope[0]}"
        )
        return int(near) if exact is None else exact

    def _within(self, start_ns: int, width_ns: int) -> Span:
        """What of a piece from `start_ns` on lies in the span, which may begin or end in it."""
        end_ns = start_ns + width_ns
        if self.span is None:
            return Span(start_ns, end_ns, self.gone_before_ns)
        return Span(max(start_ns, self.span.start_ns), min(end_ns, self.span.end_ns), self.gone_before_ns)

    def _one(self, query: str) -> int | None:
        ((found,),) = (row.values() for row in records(self.cursor, query, self._parameters))
        return None if found is None else int(found)

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
    longest_first = (Grain.HALF_DAY, Grain.HOUR, Grain.MINUTE)
    return next((grain for grain in longest_first if axis.width_ns % grain.width_ns == 0), None)


def _ranked(found: Histograms) -> pd.DataFrame:
    """The groups, with `runs`, and percentiles in ms."""
    ranks = {name: found.nearest_rank(percent) for name, percent in _RANKS.items()}
    groups: pd.DataFrame = found.groups.to_pandas()
    return groups.assign(runs=found.runs, **ranks)


def _bin(axis: Axis) -> str:
    return f"(at_ns - {axis.start_ns}) // {axis.width_ns}"


def _on(axis: Axis) -> str:
    return f"at_ns >= {axis.start_ns} AND at_ns < {axis.end_ns}"
