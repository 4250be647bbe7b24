# ruff: noqa: S608 -- constants of this module put together; values are always parameters
"""Keep the findings of the gate audit up to date with the lines, the control histories and the job specs.

A line is audited once. `gate_mark` says up to where each source was; it moves in the transaction that
stores the findings, and back in the one that takes back open lines. What a history or a job spec newly
says of audited lines is owed in `gate_debt`, written with the change itself. So whatever ends a load,
the next pass finds what is still to do, and the findings are always those of one audit from scratch.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import duckdb

from gates.verdict.gate_audit import INCONSISTENT
from ingest.gate_audit import claims, judging
from ingest.job_specs.answers import answer
from ingest.store import TelemetryStore
from ingest.store.failures import in_words
from schemas.instant import SECOND

DEFAULT_SKEW_NS = SECOND

_FAR = 2**62
_DUE = """
SELECT s.source_id, coalesce(m.audited_to, 0) AS from_offset, s.ending."offset" AS to_offset, s.history_id
FROM source s LEFT JOIN gate_mark m USING (source_id)
WHERE s.ending."offset" > coalesce(m.audited_to, 0)
"""
# Not as plain conditions of a join: DuckDB would expect next to no rows, and build its hash tables of them.
_BEHIND = (
    "ON d.source_id = t.source_id"
    " AND coalesce(t.line_offset >= d.from_offset AND t.line_offset < d.to_offset, false)"
)
_BEFORE = "ON d.source_id = t.source_id AND coalesce(t.line_offset < d.audited_to, false)"
_AT_ONCE = 256 << 20
_FIRST_ROW = "SELECT min(rowid) FROM telemetry WHERE source_id = ? AND line_offset >= ? AND line_offset < ?"
_FIRST_ROW_OF_ALL = "SELECT min(rowid) FROM telemetry WHERE source_id BETWEEN ? AND ?"
_MOST_SOURCES = 64
"""Of more, looking for the lines of each takes longer than reading all of them once."""

_OWED = f"""
SELECT count(*) FROM telemetry t JOIN source s USING (source_id)
JOIN gate_mark m ON m.source_id = t.source_id AND t.line_offset < m.audited_to
WHERE EXISTS (FROM gate_debt g WHERE t.line_time_ns >= greatest(g.from_ns, -{_FAR}) - {{skew}}
    AND (g.history_id = s.history_id OR g.job_id = t.job_id AND s.history_id = 'home'))
"""
_IS_DUE = f"SELECT EXISTS ({_DUE}) OR EXISTS (FROM gate_debt)"
# An insert of no rows could hide those of a later one: see ingest/rollups/inserting.py.
_AFFECTED = "CREATE OR REPLACE TEMP TABLE gate_affected AS FROM gate_affected UNION ALL"
_NUMBERS = "(SELECT DISTINCT history_id, history_no FROM gate_part)"
_NEW_LINES = f"""
CREATE OR REPLACE TEMP TABLE gate_due AS
WITH summed AS (
    SELECT *, sum(to_offset - from_offset) OVER (ORDER BY source_id) - (to_offset - from_offset) AS before
    FROM ({_DUE})
)
SELECT source_id, from_offset, least(to_offset, from_offset + $bytes - before)::BIGINT AS to_offset,
    history_no
FROM summed LEFT JOIN {_NUMBERS} USING (history_id) WHERE before < $bytes
"""
_DEBTS_OF_HISTORIES = f"""
CREATE OR REPLACE TEMP TABLE gate_again AS
WITH debt AS (
    SELECT history_id, greatest(min(from_ns), -{_FAR}) AS from_ns FROM gate_debt
    WHERE history_id IS NOT NULL GROUP BY ALL
)
SELECT source_id, audited_to, history_no, from_ns
FROM gate_mark JOIN source USING (source_id) JOIN debt USING (history_id) JOIN {_NUMBERS} USING (history_id)
"""
_DEBTS_OF_JOBS = f"""
CREATE OR REPLACE TEMP TABLE gate_job AS
SELECT job_id, greatest(min(from_ns), -{_FAR}) AS from_ns FROM gate_debt
WHERE job_id IS NOT NULL GROUP BY ALL;
CREATE OR REPLACE TEMP TABLE gate_home AS
SELECT source_id, audited_to, history_no
FROM gate_mark JOIN source USING (source_id) JOIN {_NUMBERS} USING (history_id) WHERE history_id = 'home'
"""


@dataclass(frozen=True, slots=True)
class _Rows:
    """Some rows of telemetry, or the findings on them: the tables have the columns that tell in common."""

    joined: str
    where: str = "true"
    first_row: int = 0
    """The row of telemetry before which none of them stands."""

    def of(self, table: str) -> str:
        """As what stands behind FROM: `table` as `t`, and `d` with the number of its history."""
        narrowed = f"(FROM telemetry WHERE rowid >= {self.first_row})" if self.first_row else "telemetry"
        return f"{narrowed if table == 'telemetry' else table} t {self.joined}"


_NEW = _Rows(f"JOIN gate_due d {_BEHIND}")
_OF_HISTORIES = _Rows(
    f"JOIN gate_again d {_BEFORE} AND coalesce(t.line_time_ns >= d.from_ns - $skew, false)",
    "t.line_time_ns >= (SELECT min(from_ns) FROM gate_again) - $skew",
)
_OF_JOBS = _Rows(
    "JOIN gate_job j ON j.job_id = t.job_id AND coalesce(t.line_time_ns >= j.from_ns - $skew, false)"
    f" JOIN gate_home d {_BEFORE}",
    "t.line_time_ns >= (SELECT min(from_ns) FROM gate_job) - $skew",
)


@dataclass(frozen=True, slots=True)
class Audited:
    """What a pass did: whether anything was to be audited, and how many `findings` stand, in grace or not."""

    was_due: bool
    findings: int


def clock_skew_ns(cursor: duckdb.DuckDBPyConnection) -> int:
    """What clocks may differ by, as the findings that stand were judged: a second, unless set."""
    rows = cursor.execute("SELECT clock_skew_ns FROM gate_setting").fetchall()
    return int(rows[0][0]) if rows else DEFAULT_SKEW_NS


def unaudited(cursor: duckdb.DuckDBPyConnection) -> int:
    """How many stored lines still wait for the audit, or for another one."""
    if not _one(cursor, _IS_DUE):
        return 0
    new = _Rows(f"JOIN ({_DUE}) d {_BEHIND}", first_row=_first_new_row(cursor, f"({_DUE})"))
    count = int(_one(cursor, f"SELECT count(*) FROM {new.of('telemetry')}"))
    return count + int(_one(cursor, _OWED.format(skew=clock_skew_ns(cursor))))


def bring_up(store: TelemetryStore, clock_skew_s: float | None = None, at_once: int = _AT_ONCE) -> Audited:
    """Audit what is not, and what must be again. With nothing to do, nothing is written.

    `clock_skew_s` is kept for the passes to come; when it differs from before, all is audited anew.
    Null: as it was. A transaction audits `at_once` bytes of sources, so that its memory does not grow
    with the load. Raises `StoreError`; then the lines stay unaudited, and the next pass tries again.
    """
    with store.cursor() as cursor, in_words(store.path):
        held = clock_skew_ns(cursor)
        wanted = held if clock_skew_s is None else round(clock_skew_s * SECOND)
        was_due = is_due = bool(_one(cursor, _IS_DUE)) or wanted != held
    if wanted != held:
        with store.transaction() as cursor:
            cursor.execute("DELETE FROM gate_setting")
            cursor.execute("INSERT INTO gate_setting VALUES (?)", [wanted])
            cursor.execute("DELETE FROM gate_mark")
    while is_due:
        with store.transaction() as cursor:
            _audit(cursor, wanted, at_once)
            is_due = bool(_one(cursor, _IS_DUE))
    with store.cursor() as cursor, in_words(store.path):
        return Audited(was_due, int(_one(cursor, "SELECT count(*) FROM gate_finding")))


def _audit(cursor: duckdb.DuckDBPyConnection, skew_ns: int, at_once: int) -> None:
    answer(cursor)
    cursor.execute(judging.PARTS)
    cursor.execute("CREATE TEMP TABLE gate_affected (history_id VARCHAR, revision BIGINT, job_id VARCHAR)")
    cursor.execute(_NEW_LINES, {"bytes": at_once})
    is_due = _one(cursor, "SELECT EXISTS (FROM gate_due)")
    passes = [replace(_NEW, first_row=_first_new_row(cursor, "gate_due"))] if is_due else []
    parameters = {"skew": skew_ns}
    of_histories, of_jobs = cursor.execute(
        "SELECT count(history_id), count(job_id) FROM gate_debt"
    ).fetchall()[0]
    if of_histories:
        cursor.execute(_DEBTS_OF_HISTORIES)
        if _one(cursor, "SELECT EXISTS (FROM gate_again)"):
            passes.append(_OF_HISTORIES)
    if of_jobs:
        cursor.execute(_DEBTS_OF_JOBS)
        # Mostly none: the spec of a job comes with its first line, which is among the new ones.
        if any(_finds(cursor, _OF_JOBS, table, parameters) for table in ("telemetry", "gate_finding")):
            passes.append(_OF_JOBS)
    has_specs = bool(_one(cursor, "SELECT EXISTS (FROM job_spec)"))
    has_claims = bool(_one(cursor, "SELECT EXISTS (FROM line_claim)"))
    for rows in passes:
        _take_back(cursor, rows, parameters)
        wrong = judging.wrong_of(rows.of("telemetry"), rows.where, has_specs=has_specs)
        cursor.execute(wrong, parameters)
        if _one(cursor, "SELECT EXISTS (FROM gate_wrong)"):
            cursor.execute(judging.FINDINGS)
        if has_claims:
            cursor.execute(claims.contradicted(rows.of("telemetry"), rows.where), parameters)
            # An insert of no rows could hide those of the next pass: see ingest/rollups/inserting.py.
            if _one(cursor, "SELECT EXISTS (FROM gate_claimed)"):
                cursor.execute("INSERT INTO gate_finding BY NAME FROM gate_claimed")
    _contradicted(cursor, passes, parameters)
    cursor.execute("DELETE FROM gate_mark WHERE source_id IN (SELECT source_id FROM gate_due)")
    cursor.execute("INSERT INTO gate_mark SELECT source_id, to_offset FROM gate_due")
    cursor.execute("DELETE FROM gate_debt")


def _first_new_row(cursor: duckdb.DuckDBPyConnection, due: str) -> int:
    """The row of telemetry from which on every line of the table `due` stands; 0 where it may be any.

    What came last stands last, so that a pass over it reads no more, however long the record is. Of sources
    that were not audited before, all rows are new: they are looked for together.
    """
    sources = cursor.execute(f"SELECT source_id, from_offset, to_offset FROM {due}").fetchall()
    begun = [source for source in sources if source[1] > 0]
    unread = [source[0] for source in sources if source[1] == 0]
    if len(begun) > _MOST_SOURCES:
        return 0
    rows = [cursor.execute(_FIRST_ROW, source).fetchall()[0][0] for source in begun]
    if unread:
        rows += cursor.execute(_FIRST_ROW_OF_ALL, (min(unread), max(unread))).fetchall()[0]
    return min((row for row in rows if row is not None), default=_FAR)


def _take_back(cursor: duckdb.DuckDBPyConnection, rows: _Rows, parameters: dict[str, int]) -> None:
    """Forget what was found on `rows`, and remember whose lines may contradict each other."""
    stale = f"FROM {rows.of('gate_finding')} WHERE {rows.where}"
    _execute(
        cursor,
        f"{_AFFECTED} SELECT DISTINCT t.history_id, t.revision, t.job_id {stale}"
        " AND t.history_id IS NOT NULL",
        parameters,
    )
    _execute(cursor, f"DELETE FROM gate_finding WHERE rowid IN (SELECT t.rowid {stale})", parameters)


def _contradicted(
    cursor: duckdb.DuckDBPyConnection, passes: Sequence[_Rows], parameters: dict[str, int]
) -> None:
    """Find again which jobs were both admitted and excluded, of those that may have changed."""
    if _one(cursor, f"SELECT EXISTS (FROM gate_finding WHERE {judging.CANDIDATES})"):
        for rows in passes:
            _execute(
                cursor,
                f"{_AFFECTED} SELECT DISTINCT history_id, revision, job_id FROM gate_finding"
                f" WHERE {judging.CANDIDATES} AND job_id IN"
                f" (SELECT t.job_id FROM {rows.of('telemetry')} WHERE {rows.where})",
                parameters,
            )
    first, last = cursor.execute("SELECT min(revision), max(revision) FROM gate_affected").fetchall()[0]
    if first is None:
        return
    cursor.execute("CREATE OR REPLACE TEMP TABLE gate_affected AS SELECT DISTINCT * FROM gate_affected")
    cursor.execute(
        "DELETE FROM gate_finding WHERE code = ? AND (history_id, revision, job_id) IN"
        " (SELECT (history_id, revision, job_id) FROM gate_affected)",
        [INCONSISTENT.code.value],
    )
    wrong = {"code": INCONSISTENT.code.value, "severity": INCONSISTENT.severity.value}
    cursor.execute(judging.CONTRADICTED, wrong | {"first": first, "last": last})


def _finds(cursor: duckdb.DuckDBPyConnection, rows: _Rows, table: str, parameters: dict[str, int]) -> bool:
    return bool(_execute(cursor, f"SELECT EXISTS (FROM {rows.of(table)} WHERE {rows.where})", parameters))


def _one(cursor: duckdb.DuckDBPyConnection, query: str) -> int:
    value: int = cursor.execute(query).fetchall()[0][0]
    return value


def _execute(cursor: duckdb.DuckDBPyConnection, query: str, parameters: dict[str, int]) -> int:
    """Its first value, if any; DuckDB refuses parameters that a statement does not use."""
    used = parameters if "$skew" in query else {}
    rows = cursor.execute(query, used).fetchall()
    return int(rows[0][0]) if rows else 0
