"""One load in a process of its own, ours or DuckDB's `read_ndjson`: what it took, as JSON.

python -m tests.benchmarks.one_load slotgate|valid|mixed FILE DATABASE
"""

import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from ingest.history.controls import read_history
from ingest.loading.load import load
from ingest.store import TelemetryStore
from tests.ingest.stored import DATA

_SHARED = dict.fromkeys(("version", "executorVersion", "jobId", "path", "status", "errorCode"), "VARCHAR")
_CLAIMED = dict.fromkeys(("emittedAt", "gate", "ruleId", "model", "requestId"), "VARCHAR")
_COUNTS = dict.fromkeys(("controlsRevision", "bucket", "attempt"), "BIGINT")
_TOKENS = "STRUCT(inputTokens BIGINT, outputTokens BIGINT, totalTokens BIGINT)"
COLUMNS = {
    "v1": _SHARED | {"latencyMs": "DOUBLE"},
    "v2": _SHARED | {"latencyMs": "DOUBLE"} | _CLAIMED | _COUNTS | {"usage": _TOKENS},
}


def by_ndjson(source: Path, database: Path, options: str) -> int:
    """Parses JSON without validating it, and keeps no checkpoint; how many rows."""
    columns = COLUMNS["v2" if "v2" in source.name else "v1"]
    read = f"read_ndjson('{source}', columns = {columns}{options})"
    with duckdb.connect(database) as connection:
        connection.execute(f"CREATE TABLE t AS SELECT * FROM {read}")
        return int(connection.execute("SELECT count(*) FROM t").fetchall()[0][0])


def by_slotgate(source: Path, database: Path) -> int:
    """Finds, validates, joins, attributes, counts and audits; how many lines. All are accounted for."""
    with TelemetryStore.open(database) as store:
        summary = load(store, [source], read_history(DATA / "executor-a.controls.jsonl"))
    assert summary.is_balanced
    return summary.counts.lines


LOADS: dict[str, Callable[[Path, Path], int]] = {
    "slotgate": by_slotgate,
    "valid": partial(by_ndjson, options=""),
    "mixed": partial(by_ndjson, options=", ignore_errors = true"),
}
"""`valid` reads a file of nothing but valid records; `mixed` the mixed log itself, whose other lines become
rows of nulls, or none."""


def main(kind: str, source: str, database: str) -> None:
    """Both write a DuckDB file and close it. What is imported is not counted, for either."""
    pa.array(np.zeros(1))  # imports pandas
    for leftover in (database, f"{database}.wal"):
        Path(leftover).unlink(missing_ok=True)
    wall, cpu = time.perf_counter(), time.process_time()
    count = LOADS[kind](Path(source), Path(database))
    took = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    print(json.dumps({"count": count, **took, "peak": peak_mib()}))


def peak_mib() -> float:
    """Of this program alone: what `getrusage` says counts the process that started it, before it did."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
