"""Bulk load of a generated mixed log, against DuckDB's own `read_ndjson`, which comes in two ways.

- *The same file*: `ignore_errors = true`; what is no JSON becomes a row of nulls, or none, and so does a
  record glued to other text. Only where lines are raw: of CRI it reads nothing.
- *Its valid lines*: a file that holds nothing else, so less text, and none that is not JSON.

Either parses JSON without validating it, finds no transport, joins nothing, quarantines nothing, counts no
rollups, attributes nothing and keeps no checkpoint. All write a DuckDB file and close it, in processes of
their own that take turns. The mix is that of `tests.benchmarks.mixed_lines`. A ratio is that of lines a
second (of rows a second of valid lines), of the fastest rounds; the other that of CPU time, which is the one
to read where other work shares the cores.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ingest.loading.load import load
from ingest.store import TelemetryStore
from tests.benchmarks.mixed_lines import Transport, Truth, Version, mixed_lines, valid_lines

LINES = int(os.environ.get("SLOTGATE_BENCH_LOAD_LINES", "3000000"))
ROUNDS = 3
MIXES: tuple[tuple[Transport, Version], ...] = (
    ("raw", "v1"),
    ("raw", "v2"),
    ("cri", "v1"),
    ("both", "v1"),
    ("both", "v2"),
)
MOST_MEMORY = 1024.0
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Took:
    """`count` lines or rows in seconds; `peak` memory in MiB."""

    count: int
    wall: float
    cpu: float
    peak: float


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def one_load(kind: str, source: Path, folder: Path) -> Took:
    command = [sys.executable, "-m", "tests.benchmarks.one_load", kind, str(source), str(folder / "db")]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return Took(**json.loads(said))


def written(folder: Path, transport: Transport, version: Version, lines: int) -> tuple[Path, Path]:
    """The mixed log and its peer's, a third of them generated and the same again."""
    mixed, valid = folder / f"{transport}-{version}.log", folder / f"valid-{version}.ndjson"
    third = lines // 3
    texts = (
        (mixed, mixed_lines(third, transport, Truth(), version=version)),
        (valid, valid_lines(third, version=version)),
    )
    for path, generated in texts:
        text = "".join(f"{line}\n" for line in generated)
        with path.open("w", encoding="utf-8") as file:
            file.writelines(text for _ in range(3))
    return mixed, valid


def fastest(rounds: list[Took]) -> Took:
    """The best of each figure, but the most memory; all rounds counted the same."""
    return Took(
        rounds[0].count,
        min(took.wall for took in rounds),
        min(took.cpu for took in rounds),
        max(took.peak for took in rounds),
    )


def against(ours: Took, their: Took, count: int) -> str:
    """How our lines compare with `count` lines, or rows, of a peer."""
    clock = (ours.count / ours.wall) / (count / their.wall)
    cpu = (their.cpu / count) / (ours.cpu / ours.count)
    return f"{count / their.wall:9,.0f} a second, {their.cpu / count * 1e6:4.2f} us, {clock:4.2f}, {cpu:4.2f}"


def test_mixed_lines_against_read_ndjson(tmp_path: Path) -> None:
    print(f"\ningest load of {LINES:,} mixed lines, and read_ndjson: fastest of {ROUNDS}; lines or rows")
    print("a second, CPU microseconds each, and the ratio of ours by the clock and by CPU time:")
    for transport, version in MIXES:
        mixed, valid = written(tmp_path, transport, version, LINES)
        files = {"slotgate": mixed, "mixed": mixed, "valid": valid}
        if transport != "raw":
            del files["mixed"]
        turns = [
            {kind: one_load(kind, path, tmp_path) for kind, path in files.items()} for _ in range(ROUNDS)
        ]
        took = {kind: fastest([turn[kind] for turn in turns]) for kind in files}
        ours = took["slotgate"]
        rate, cpu = ours.count / ours.wall, ours.cpu / ours.count * 1e6
        print(f"{transport:4s} {version}: {rate:9,.0f} a second, {cpu:4.2f} us, peak {ours.peak:,.0f} MiB")
        if "mixed" in took:
            print(f"  the same file:   {against(ours, took['mixed'], ours.count)}")
        print(f"  its valid lines: {against(ours, took['valid'], took['valid'].count)}")
        assert ours.peak < MOST_MEMORY
        mixed.unlink()
        valid.unlink()


def test_a_file_four_times_as_large_takes_no_more_memory(tmp_path: Path) -> None:
    text = "".join(f"{line}\n" for line in mixed_lines(500_000, "both", Truth()))
    peaks = []
    for times in (2, 8):
        log = tmp_path / "mixed.log"
        with log.open("w", encoding="utf-8") as file:
            for _ in range(times):
                file.write(text)
        took = one_load("slotgate", log, tmp_path)
        peaks.append(took.peak)
        size = log.stat().st_size >> 20
        print(f"\ningest load of {took.count:,} lines, {size:,} MiB: peak {took.peak:,.0f} MiB")
    assert peaks[1] < MOST_MEMORY
    assert peaks[1] < peaks[0] * 1.25


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


def test_loads_of_many_small_files(tmp_path: Path) -> None:
    """A transaction and a row of statements each, or together."""
    for count in (300, 3_000):
        logs = tmp_path / f"{count}"
        logs.mkdir()
        for number in range(count):
            text = "\n".join(f"{number} {line}" for line in mixed_lines(100, "raw", Truth(), seed=number))
            (logs / f"{number:05d}.log").write_text(f"{text}\n", encoding="utf-8")
        with TelemetryStore.open(tmp_path / f"{count}.duckdb") as store:
            begin = time.process_time()
            assert load(store, [logs], None).is_balanced
            together = time.process_time() - begin
        with TelemetryStore.open(tmp_path / f"{count}-apart.duckdb") as store:
            begin = time.process_time()
            for path in sorted(logs.iterdir())[:100]:
                load(store, [path], None)
            apart = time.process_time() - begin
        print(
            f"\ningest load of {count:,} files of 100 lines: {together / count * 1e3:.1f} ms of CPU a file;"
            f" one file a load: {apart * 10:.1f} ms"
        )


def test_loads_of_many_files_that_begin_alike(tmp_path: Path) -> None:
    """A file costs the same among ten times as many."""
    took = []
    for count in (300, 3_000):
        logs = tmp_path / f"{count}"
        logs.mkdir()
        for number in range(count):
            lines = (
                line.replace("job-", f"job-{number}-") for line in mixed_lines(100, "raw", Truth(), number)
            )
            text = "\n".join(("executor starting", "reading controls.json", *lines))
            (logs / f"{number:05d}.log").write_text(f"{text}\n", encoding="utf-8")
        with TelemetryStore.open(tmp_path / f"{count}.duckdb") as store:
            begin = time.process_time()
            summary = load(store, [logs], None)
            took.append((time.process_time() - begin) / count)
        assert summary.is_balanced
        assert {one.state for one in summary.sources} == {"new"}
    print(
        f"\ningest load of files that begin alike: {took[0] * 1e3:.1f} ms of CPU a file of 300,"
        f" {took[1] * 1e3:.1f} of 3,000: {took[1] / took[0]:.2f} times, and 10 if each were compared with all"
    )
