# ruff: noqa: S608 -- constants put together; values are always parameters
"""The truth table with counts: how many audited lines fall into each cell, in grace or not.

Placed by the same SQL that judges, so that a cell holds exactly what the audit found there.
"""

from dataclasses import dataclass

import duckdb

from gates.verdict.gate_audit import CELLS, Answer
from gates.verdict.situations import Observed, Situation
from ingest.gate_audit import judging
from ingest.gate_audit.auditing import clock_skew_ns
from ingest.gate_audit.found import Filter
from ingest.gate_audit.table_sql import place_of

_AUDITED = """
    JOIN (SELECT m.source_id, m.audited_to, n.history_no, s.history_id AS of_history
          FROM gate_mark m JOIN source s USING (source_id)
          LEFT JOIN (SELECT DISTINCT history_id, history_no FROM gate_part) n USING (history_id)) d
    ON d.source_id = t.source_id AND coalesce(t.line_offset < d.audited_to, false)
"""
_LINES = f"telemetry t {_AUDITED}"
_FOUND = f"""
    (SELECT DISTINCT source_id, line_offset, record_index, explained_by FROM gate_finding
     WHERE code <> 'INCONSISTENT_DECISION') f
    JOIN telemetry t USING (source_id, line_offset, record_index) {_AUDITED}
"""
_WHERE = """
    ($revision IS NULL OR t.revision = $revision) AND ($step IS NULL OR t.step = $step)
    AND ($since IS NULL OR t.line_time_ns >= $since) AND ($history IS NULL OR d.of_history = $history)
    AND ($version IS NULL OR t.executor_version = $version) AND ($source IS NULL OR t.source_id = $source)
    AND ($job IS NULL OR t.job_id = $job)
"""
_KEYS = ("revision", "step", "since", "history", "version", "source", "job")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Lines that say `observed` where the controls demand `situation` (null: no controls are known).

    `wrong` is what the table says of them; of such lines `excused` are in grace and the rest violations.
    """

    observed: Observed
    situation: Situation | None
    wrong: Answer
    lines: int
    excused: int

    @property
    def violations(self) -> int:
        """How many are no right lines of healthy gates, and not in grace."""
        return 0 if self.wrong is None else self.lines - self.excused


def matrix(cursor: duckdb.DuckDBPyConnection, chosen: Filter) -> tuple[Cell, ...]:
    """The cells that hold lines. Of `chosen` the code and the severity restrict nothing here."""
    cursor.execute(judging.PARTS)
    given = {name: value for name, value in chosen.parameters().items() if name in _KEYS}
    has_specs = bool(cursor.execute("SELECT EXISTS (FROM job_spec)").fetchall()[0][0])
    if has_specs:
        given["skew"] = clock_skew_ns(cursor)
    lines = _counted(cursor, _LINES, "true", has_specs=has_specs, given=given)
    excused = _counted(cursor, _FOUND, "f.explained_by IS NOT NULL", has_specs=has_specs, given=given)
    return tuple(_cell(number, count, excused.get(number, 0)) for number, count in sorted(lines.items()))


def _counted(
    cursor: duckdb.DuckDBPyConnection, rows: str, which: str, *, has_specs: bool, given: dict[str, object]
) -> dict[int, int]:
    placed = judging.judged(rows, f"{_WHERE} AND {which}", has_specs=has_specs)
    return dict(cursor.execute(f"SELECT cell, count(*) FROM ({placed}) GROUP BY cell", given).fetchall())


def _cell(number: int, lines: int, excused: int) -> Cell:
    observed, situation = place_of(number)
    row = CELLS[observed]
    if situation is None:
        answers = set(row.values())
        wrong = answers.pop() if len(answers) == 1 else None
    else:
        wrong = row[situation]
    return Cell(observed=observed, situation=situation, wrong=wrong, lines=lines, excused=excused)
