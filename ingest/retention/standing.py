"""How retention stands, for people: since when lines are kept, what went, what the last pass did."""

from dataclasses import dataclass
from typing import Any

import duckdb

from ingest.instants import rfc3339

_STATE = "SELECT gone_before_ns, passed_ns, said FROM retention_state"
_ROWS = "SELECT count(*), min(line_time_ns), max(line_time_ns) FROM telemetry"
_GONE = (
    "SELECT coalesce(sum(accepted), 0)::BIGINT, coalesce(sum(quarantined), 0)::BIGINT FROM retention_source"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`rows` are stored, of `oldest_ns` to `newest_ns`. So many went, of before `gone_before_ns` or without a
    time. `said` is what the pass of `passed_ns` did; null: there was none.
    """

    rows: int
    oldest_ns: int | None
    newest_ns: int | None
    gone_rows: int
    gone_quarantined: int
    gone_before_ns: int | None
    passed_ns: int | None
    said: str | None

    @property
    def words(self) -> str:
        """Since when lines are there, and what is there of older ones."""
        if self.gone_before_ns is None and not self.gone_rows:
            return f"every line that was loaded is kept, {self.rows:,} rows"
        since = "" if self.gone_before_ns is None else f" since {rfc3339(self.gone_before_ns)[:10]}"
        return (
            f"lines{since} are kept, {self.rows:,} rows; {self.gone_rows:,} older ones went, and counts of "
            "them come from rollups"
        )

    def as_record(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "rows": self.rows,
            "oldest": rfc3339(self.oldest_ns),
            "gone": {"rows": self.gone_rows, "quarantined": self.gone_quarantined},
            "keptSince": rfc3339(self.gone_before_ns),
            "lastPass": rfc3339(self.passed_ns),
            "said": self.said,
        }


NOTHING_GONE = Standing(
    rows=0,
    oldest_ns=None,
    newest_ns=None,
    gone_rows=0,
    gone_quarantined=0,
    gone_before_ns=None,
    passed_ns=None,
    said=None,
)
"""Of a home without telemetry."""


def standing(cursor: duckdb.DuckDBPyConnection) -> Standing:
    """Looked up now. DuckDB's errors leave as they are."""
    gone_before_ns, passed_ns, said = cursor.execute(_STATE).fetchall()[0]
    rows, oldest_ns, newest_ns = cursor.execute(_ROWS).fetchall()[0]
    gone_rows, gone_quarantined = cursor.execute(_GONE).fetchall()[0]
    return Standing(
        rows=rows,
        oldest_ns=oldest_ns,
        newest_ns=newest_ns,
        gone_rows=gone_rows,
        gone_quarantined=gone_quarantined,
        gone_before_ns=gone_before_ns,
        passed_ns=passed_ns,
        said=said,
    )
