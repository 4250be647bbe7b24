"""The answers of a view from its lines, each one read: everything is exact."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboard.data import queries
from dashboard.data.bins import Axis
from dashboard.data.queries import Cursor, rows
from dashboard.data.selection import Selection

_BIN = "(line_time_ns - ?) // ? AS bin"


@dataclass(frozen=True, slots=True)
class EveryLine:
    """See the port, `dashboard.data.lines.Lines`. Percentiles are exact nearest-rank."""

    cursor: Cursor
    chosen: Selection
    said: str = "from every line: exact nearest-rank"

    def quality(self) -> dict[str, Any]:
        """See the port."""
        return queries.record_quality(self.cursor, self.chosen)

    def outcomes(self) -> pd.DataFrame:
        """See the port."""
        return queries.outcomes(self.cursor, self.chosen)

    def latencies(self) -> pd.DataFrame:
        """See the port."""
        return queries.latencies(self.cursor, self.chosen)

    def few_latencies(self, path: str, most: int) -> list[float]:
        """See the port."""
        found: list[float] = queries.few_latencies(self.cursor, self.chosen, path, most)[
            "latency_ms"
        ].tolist()
        return found

    def outcomes_over(self, axis: Axis) -> pd.DataFrame:
        """See the port."""
        return rows(
            self.cursor,
            f"SELECT {_BIN}, path, status, error_code, count(*) AS runs FROM telemetry "  # noqa: S608 names of ours; values are bound
            f"WHERE line_time_ns >= ? AND line_time_ns < ? AND {self.chosen.condition} "
            "GROUP BY bin, path, status, error_code ORDER BY bin, path, status, error_code",
            self._on(axis),
        )

    def percentiles_over(self, axis: Axis) -> pd.DataFrame:
        """See the port."""
        return rows(
            self.cursor,
            f"SELECT {_BIN}, path, count(*) AS runs, "  # noqa: S608 names of ours; values are bound
            "quantile_disc(latency_ms, 0.5) / 1000 AS p50, quantile_disc(latency_ms, 0.95) / 1000 AS p95, "
            "quantile_disc(latency_ms, 0.99) / 1000 AS p99 FROM telemetry "
            f"WHERE line_time_ns >= ? AND line_time_ns < ? AND {self.chosen.condition} "
            "GROUP BY bin, path ORDER BY path, bin",
            self._on(axis),
        )

    def runs_in(self, axis: Axis, places: pd.DataFrame, most: int) -> pd.DataFrame:
        """See the port."""
        return rows(
            self.cursor,
            f"SELECT {_BIN}, path, status, line_time_ns, latency_ms / 1000 AS seconds FROM telemetry "  # noqa: S608 names of ours; values are bound
            f"WHERE line_time_ns >= ? AND line_time_ns < ? AND {self.chosen.condition} "
            "AND (bin, path) IN (SELECT unnest(?::BIGINT[]), unnest(?::VARCHAR[])) "
            f"ORDER BY line_time_ns LIMIT {most:d}",
            (*self._on(axis), places["bin"].tolist(), places["path"].tolist()),
        )

    def _on(self, axis: Axis) -> tuple[object, ...]:
        return (axis.start_ns, axis.width_ns, axis.start_ns, axis.end_ns, *self.chosen.parameters)
