# ruff: noqa: S608 -- constants and whole numbers put together; values are always parameters
"""Delete rows, and note what went, in the transaction of a cursor.

Rollups are not touched: what deleted lines with a time counted stays in its minutes, which a rebuild leaves
alone from then on, and what those without one counted is kept besides. Lines that are still open stay: the
next load takes them back and counts them again. So do lines that the gate audit has not seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from ingest.retention.keeping import Keeping
from ingest.retention.stretches import Stretch
from ingest.rollups.log import keep_count
from ingest.store.gone import note_gone, raise_gone_before
from ingest.store.gone_ids import note_gone_ids

_OPEN = """
SELECT DISTINCT source_id, least(s.checkpoint."offset", coalesce(m.audited_to, 0)) AS closed_to
FROM {table} t JOIN source s USING (source_id) LEFT JOIN gate_mark m USING (source_id)
WHERE {condition} AND t.line_offset >= closed_to ORDER BY ALL
"""
_TIMED = "line_time_ns >= $from AND line_time_ns < $until"


@dataclass(frozen=True, slots=True)
class Deleted:
    """How many rows went: of telemetry with a time and without one, of quarantine."""

    timed: int = 0
    untimed: int = 0
    quarantined: int = 0

    def __add__(self, other: "Deleted") -> "Deleted":
        return Deleted(
            self.timed + other.timed, self.untimed + other.untimed, self.quarantined + other.quarantined
        )

    @property
    def rows(self) -> int:
        """All of them."""
        return self.timed + self.untimed + self.quarantined


NOTHING = Deleted()


def delete_stretch(cursor: duckdb.DuckDBPyConnection, stretch: Stretch, keeping: Keeping) -> Deleted:
    """Delete the closed and audited lines of a stretch of time, and what belongs to them."""
    parameters: dict[str, object] = {"from": stretch.from_ns, "until": stretch.until_ns}
    condition = _TIMED + "".join(
        f" AND NOT (source_id = {source_id:d} AND line_offset >= {offset:d})"
        for source_id, offset in _open_lines(cursor, parameters)
    )
    accepted, quarantined = note_gone(cursor, condition, parameters)
    if not accepted and not quarantined:
        return NOTHING
    keeping.keep(cursor, condition, parameters, stretch.month)
    note_gone_ids(cursor, f"telemetry WHERE {condition}", parameters)
    raise_gone_before(cursor, stretch.until_ns)
    _delete(cursor, condition, parameters)
    forget_runs(cursor)
    return Deleted(timed=accepted, quarantined=quarantined)


def forget_runs(cursor: duckdb.DuckDBPyConnection) -> None:
    """Forget the runs whose lines may be gone: they would seem to have said nothing."""
    cursor.execute("DELETE FROM exec_run WHERE started_ns < (SELECT gone_before_ns FROM retention_state)")


def delete_untimed(
    cursor: duckdb.DuckDBPyConnection, source_id: int, offsets: tuple[int, int], keeping: Keeping
) -> Deleted:
    """Delete what has no time of a source, from the first of `offsets` on, before the second."""
    parameters: dict[str, object] = {"source": source_id, "from": offsets[0], "until": offsets[1]}
    here = "source_id = $source AND line_offset >= $from AND line_offset < $until"
    condition = f"line_time_ns IS NULL AND {here}"
    accepted, quarantined = note_gone(cursor, condition, parameters)
    if accepted:
        keep_count(cursor, condition, parameters)
    if accepted or quarantined:
        keeping.keep(cursor, condition, parameters, None)
        _delete(cursor, condition, parameters)
    cursor.execute(f"DELETE FROM noise_sample WHERE {here}", parameters)
    return Deleted(untimed=accepted, quarantined=quarantined)


def _open_lines(
    cursor: duckdb.DuckDBPyConnection, parameters: dict[str, object]
) -> Sequence[tuple[int, int]]:
    """The sources with lines in a stretch that are open or not audited, and where in them these begin."""
    found: set[tuple[int, int]] = set()
    for table in ("telemetry", "quarantine"):
        found.update(cursor.execute(_OPEN.format(table=table, condition=_TIMED), parameters).fetchall())
    return sorted(found)


def _delete(cursor: duckdb.DuckDBPyConnection, condition: str, parameters: dict[str, object]) -> None:
    cursor.execute(
        "DELETE FROM line_claim WHERE (source_id, line_offset, record_index) IN "
        f"(SELECT (source_id, line_offset, record_index) FROM telemetry WHERE {condition})",
        parameters,
    )
    for table in ("gate_finding", "telemetry", "quarantine"):
        cursor.execute(f"DELETE FROM {table} WHERE {condition}", parameters)
