"""Ten million clean lines through the gate audit, against counting the same rows by outcome.

The peer reads three columns and groups them; the audit reads all that a judgment needs, joins each line
with the controls of its time, and looks for a job spec. Both run in the same process over the same store.

And ten thousand new lines in a month of lines that were audited, as a follower brings them: what they take is
to be the same in a record ten times as large (`SLOTGATE_BENCH_LINES`, as in test_rollups.py).
"""

import time
from collections.abc import Callable
from pathlib import Path

from ingest.gate_audit import Filter, bring_up, findings, unaudited
from ingest.history.controls import read_history
from ingest.store import TelemetryStore
from ingest.store.histories import write_history
from tests.benchmarks.month_of_lines import SIZES, month_of, put
from tests.ingest.stored import DATA

LINES, ROUNDS, NEW = 10_000_000, 3, 10_000
# Clean under the captured history: each line says what the controls of its moment demand.
_FILL = """
INSERT INTO telemetry BY NAME
WITH line AS (
    SELECT n, i.*, n % 100 AS bucket, i.from_ns + (i.to_ns - i.from_ns) * (n / $lines) AS moment
    FROM range($lines) t(n) JOIN control_interval i ON i.interval_no = n % 8 AND i.history_id = $history
)
SELECT 1 AS source_id, n * 200 AS line_offset, 0 AS record_index, moment::BIGINT AS line_time_ns,
    'transport' AS time_quality, 'openai.v1' AS executor_version, 'job-' || (n // 4) AS job_id, bucket,
    CASE WHEN feature AND NOT kill AND allowlist AND bucket < percent THEN 'openai' ELSE 'stub' END AS path,
    CASE WHEN path = 'openai' THEN 'COMPLETED' ELSE 'STUB' END AS status,
    CASE WHEN kill THEN 'KILL_SWITCH' WHEN NOT feature THEN NULL WHEN NOT allowlist THEN 'NOT_ALLOWLISTED'
        WHEN bucket >= percent THEN 'ROLLOUT_EXCLUDED' END AS error_code,
    (n % 3000)::DOUBLE AS latency_ms, moment::BIGINT AS decided_from_ns, interval_no, revision,
    revision AS revision_at_line, stage, step
FROM line ORDER BY n
"""
_SOURCE = """
INSERT INTO source BY NAME
SELECT 1 AS source_id, 0 AS generation, 'generated' AS name, 'managed' AS trust, $history AS history_id,
    mark AS checkpoint, mark AS ending, none AS at_checkpoint, none AS at_ending FROM (
    SELECT {'offset': $lines * 200, 'anchor': 0, 'chain': ''::BLOB, 'digest': ''::BLOB} AS mark,
        {'lines': 0, 'record_lines': 0, 'noise_lines': 0, 'joined_pieces': 0, 'accepted': 0,
         'held_elsewhere': 0, 'quarantined': 0} AS none)
"""
_READ_UP_TO = "UPDATE source SET ending = {'offset': ?, anchor: 0, chain: ''::BLOB, digest: ''::BLOB}"


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def test_ten_million_clean_lines(tmp_path: Path) -> None:
    history = read_history(DATA / "executor-a.controls.jsonl")
    with TelemetryStore.open(tmp_path / "telemetry.duckdb") as store:
        with store.transaction() as cursor:
            write_history(cursor, history)
            cursor.execute(_SOURCE, {"history": history.history_id, "lines": LINES})
            cursor.execute(_FILL, {"history": history.history_id, "lines": LINES})

        def count() -> None:
            with store.cursor() as cursor:
                cursor.execute(
                    "SELECT path, status, error_code, count(*) FROM telemetry GROUP BY ALL"
                ).fetchall()

        def forget() -> None:
            with store.transaction() as cursor:
                cursor.execute("DELETE FROM gate_mark")

        audits, counts, nothing = [], [], []
        for _ in range(ROUNDS):
            forget()
            counts.append(seconds(count))
            audits.append(seconds(lambda: bring_up(store)))
            nothing.append(seconds(lambda: bring_up(store)))
        with store.cursor() as cursor:
            answer = findings(cursor, Filter())
            assert (answer.judged, answer.found, unaudited(cursor)) == (LINES, (), 0)
    print(
        f"\ngate audit of {LINES:,} clean lines: {min(audits):.2f} s; count by outcome {min(counts):.2f} s;"
        f" ratio {min(audits) / min(counts):.1f}; with nothing to do {min(nothing) * 1e3:.1f} ms"
    )


def test_new_lines_in_a_large_record(tmp_path: Path) -> None:
    took = {}
    for lines in SIZES:
        with month_of(lines, tmp_path) as store:
            with store.transaction() as cursor:
                cursor.execute("INSERT INTO gate_mark SELECT source_id, ? FROM source", [lines])
            cpu_s = []
            for first in range(lines, lines + ROUNDS * NEW, NEW):
                with store.transaction() as cursor:
                    put(cursor, first, first + NEW, lines)
                    cursor.execute(_READ_UP_TO, [first + NEW])
                begin = time.process_time()
                assert bring_up(store).was_due
                cpu_s.append(time.process_time() - begin)
            with store.cursor() as cursor:
                assert unaudited(cursor) == 0
        took[lines] = min(cpu_s)
        print(f"gate audit of {NEW:,} new lines after {lines:,}: {min(cpu_s) * 1e3:.0f} ms of CPU")
    few, many = took[min(SIZES)], took[max(SIZES)]
    print(f"{many / few:.1f} times in a record of {max(SIZES) / min(SIZES):.0f} times the lines")
