"""Evidence of ten million lines, against DuckDB's own counting of the same rows in the same run.

The rows are one window, generated in SQL: four sources, three versions, 8 million possible jobIds, half of
the lines on each path. Two peers: lines by outcome, and lines by job, which any number of distinct
jobs has to do in some way.
"""

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import duckdb
import pytest

from gates.verdict.defaults import DEFAULT
from gates.verdict.evidence import IngestState
from gates.verdict.judge import judge
from gates.verdict.question import Question
from ingest.evidence import evidence, kill_facts, step_windows
from ingest.evidence.snapshot import rows
from ingest.store import TelemetryStore
from schemas.stages import Step

ROWS, ROUNDS = 10_000_000, 3
START = 1_790_000_000_000_000_000
NOW = START + ROWS * 10_000_000
QUESTION = Question(
    revision=7,
    step=Step.EXPAND_50,
    now_ns=NOW,
    until_ns=None,
    thresholds=DEFAULT,
    budget_p50_ms=2_000.0,
    budget_p95_ms=3_500.0,
    reference=None,
    latched=None,
    bad_outputs=(),
)
STATE = IngestState(last_pass_ns=NOW, behind_bytes=0, unaudited=0, failure=None)
LINES = f"""
INSERT INTO telemetry BY NAME
SELECT (i % 4)::INTEGER AS source_id, i AS line_offset, 0 AS record_index,
    {START} + i * 10_000_000 AS line_time_ns, 'transport' AS time_quality, 'v' || (i % 3) AS executor_version,
    'job-' || (h % 8_000_000) AS job_id, (h % 100)::UTINYINT AS bucket,
    CASE WHEN is_model THEN 'openai' ELSE 'stub' END AS path,
    CASE WHEN NOT is_model THEN 'STUB' WHEN i % 97 = 0 THEN 'FAILED' ELSE 'COMPLETED' END AS status,
    CASE WHEN NOT is_model THEN 'ROLLOUT_EXCLUDED' WHEN i % 97 = 0 THEN 'OPENAI_HTTP_ERROR' END AS error_code,
    (h // 1_000 % 4_000)::DOUBLE AS latency_ms, {START} + i * 10_000_000 - 1_000 AS decided_from_ns,
    0 AS interval_no, 7 AS revision, 7 AS revision_at_line, 2 AS stage, 'expand-50' AS step
FROM (SELECT i, hash(i) AS h, hash(i) % 100 < 50 AS is_model FROM range({ROWS}) r(i))
"""
SOURCES = """
INSERT INTO source BY NAME
SELECT i AS source_id, 0 AS generation, 'spool/' || i AS name, 'managed' AS trust, 'home' AS history_id,
    mark AS checkpoint, mark AS ending, counts AS at_checkpoint, counts AS at_ending FROM range(4) r(i), (
    SELECT {'offset': 1_000_000_000, anchor: 0, chain: ''::BLOB, digest: ''::BLOB} AS mark,
        {lines: 0, record_lines: 0, noise_lines: 0, joined_pieces: 0, accepted: 0, held_elsewhere: 0,
            quarantined: 0} AS counts
)
"""
PEERS = {
    "by outcome": "SELECT path, status, error_code, count(*) FROM telemetry WHERE revision = 7 GROUP BY ALL",
    "by job": "SELECT count(*) FROM (SELECT job_id, count(*) FROM telemetry WHERE revision = 7 GROUP BY ALL)",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TelemetryStore]:
    path: Path = tmp_path_factory.mktemp("evidence") / "telemetry.duckdb"
    with TelemetryStore.open(path) as opened:
        with opened.transaction() as cursor:
            cursor.execute(LINES)
            cursor.execute(SOURCES)
            cursor.execute("INSERT INTO gate_mark SELECT source_id, 1_000_000_000 FROM source")
            cursor.execute(
                "INSERT INTO control_interval BY NAME SELECT 'home' AS history_id, 0 AS interval_no, "
                f"{START - 10**12} AS from_ns, 7 AS revision, 2 AS stage, 'expand-50' AS step, "
                "false AS kill, true AS feature, 50 AS percent, true AS allowlist, "
                "'nobody' AS zero_admits, false AS removed"
            )
            cursor.execute(
                "INSERT INTO control_interval BY NAME SELECT * REPLACE (1 AS interval_no, 8 AS revision, "
                f"true AS kill, {START + ROWS * 5_000_000} AS from_ns) FROM control_interval"
            )
        yield opened


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


@pytest.mark.parametrize(
    ("name", "work"),
    [
        ("evidence", lambda cursor: evidence(cursor, QUESTION, STATE)),
        ("review", lambda cursor: judge(QUESTION, evidence(cursor, QUESTION, STATE))),
        ("kill facts", lambda cursor: kill_facts(cursor, NOW, 10**9)),
        ("step windows", step_windows),
    ],
)
def test_ten_million_lines(
    store: TelemetryStore, name: str, work: Callable[[duckdb.DuckDBPyConnection], object]
) -> None:
    with store.cursor() as cursor:
        ours = min(seconds(lambda: work(cursor)) for _ in range(ROUNDS))
        peers = {
            peer: min(seconds(partial(rows, cursor, query)) for _ in range(ROUNDS))
            for peer, query in PEERS.items()
        }
        found = evidence(cursor, QUESTION, STATE) if name == "evidence" else None
    if found is not None:
        assert found.lines == ROWS
        assert found.jobs == found.sample.reached > 5_000_000
    ratios = "; ".join(f"{ours / took:.1f} x count(*) {peer} ({took:.2f} s)" for peer, took in peers.items())
    print(f"\n{name} of {ROWS:,} lines: {ours:.2f} s; {ratios}")
