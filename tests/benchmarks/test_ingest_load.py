"""Bulk load of a generated mixed log, against DuckDB's own `read_ndjson` of its valid lines.

The peer parses JSON without validating it, finds no transport, joins nothing, quarantines nothing and
keeps no checkpoint; it reads a file that holds nothing but the valid lines. Both write a DuckDB file and
close it. The mix is that of `tests.benchmarks.mixed_lines`; the ratio is that of lines a second.
"""

import resource
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from ingest.history import ControlHistory, read_history
from ingest.load import load
from ingest.store import TelemetryStore
from tests.benchmarks.mixed_lines import Transport, Truth, mixed_lines, valid_lines
from tests.ingest.stored import DATA

LINES, ROUNDS = 1_000_000, 3
COLUMNS = (
    "{version: 'VARCHAR', executorVersion: 'VARCHAR', jobId: 'VARCHAR', path: 'VARCHAR', status: 'VARCHAR', "
    "latencyMs: 'DOUBLE', errorCode: 'VARCHAR'}"
)


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def by_ndjson(source: Path, folder: Path) -> int:
    (folder / "peer.duckdb").unlink(missing_ok=True)
    with duckdb.connect(folder / "peer.duckdb") as connection:
        query = f"CREATE TABLE t AS SELECT * FROM read_ndjson('{source}', columns = {COLUMNS})"
        connection.execute(query).fetchall()
        return int(connection.execute("SELECT count(*) FROM t").fetchall()[0][0])


def by_slotgate(source: Path, folder: Path, history: ControlHistory, truth: Truth) -> None:
    (folder / "telemetry.duckdb").unlink(missing_ok=True)
    with TelemetryStore.open(folder / "telemetry.duckdb") as store:
        summary = load(store, [source], history)
    assert summary.is_balanced
    assert (summary.counts.lines, summary.accepted) == (truth.lines, truth.accepted)
    assert summary.counts.quarantined == truth.quarantined


@pytest.mark.parametrize("transport", ["raw", "cri", "both"])
def test_a_million_mixed_lines_against_read_ndjson(tmp_path: Path, transport: Transport) -> None:
    truth = Truth()
    mixed, valid = tmp_path / "mixed.log", tmp_path / "valid.ndjson"
    with mixed.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in mixed_lines(LINES, transport, truth))
    with valid.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in valid_lines(LINES))
    history = read_history(DATA / "executor-a.controls.jsonl")
    ours, theirs = [], []
    rows = 0
    for _ in range(ROUNDS):
        theirs.append(seconds(lambda: by_ndjson(valid, tmp_path)))
        ours.append(seconds(lambda: by_slotgate(mixed, tmp_path, history, truth)))
        rows = by_ndjson(valid, tmp_path)
    our_rate, their_rate = truth.lines / min(ours), rows / min(theirs)
    print(
        f"\ningest load, {transport}: {our_rate:,.0f} lines/s of {truth.lines:,} mixed lines; read_ndjson:"
        f" {their_rate:,.0f} rows/s of {rows:,} valid lines; ratio {our_rate / their_rate:.2f};"
        f" peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB"
    )


def test_a_load_of_a_folder_where_little_or_nothing_changed(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    for number in range(200):
        text = "\n".join(mixed_lines(100, "cri", Truth(), seed=number))
        (logs / f"{number}.log").write_text(f"{text}\n", encoding="utf-8")
    with TelemetryStore.open(tmp_path / "telemetry.duckdb") as store:
        first = seconds(lambda: load(store, [logs], None))
        still = min(seconds(lambda: load(store, [logs], None)) for _ in range(20))
        grown = []
        for _ in range(20):
            with (logs / "7.log").open("a", encoding="utf-8") as file:
                file.write("more noise\n")
            grown.append(seconds(lambda: load(store, [logs], None)))
    print(
        f"\ningest load of 200 files: first {first * 1e3:,.0f} ms; nothing changed {still * 1e3:.1f} ms;"
        f" one file grew {min(grown) * 1e3:.1f} ms"
    )
