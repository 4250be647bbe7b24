"""Small files are stored together: what is stored is what each would have left alone."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import WorkStopped
from ingest.history.controls import read_history
from ingest.loading.load import TOGETHER_BYTES, load
from ingest.progress import HowFar
from ingest.store import TelemetryStore
from tests.ingest.grouped import assert_alike
from tests.ingest.log_lines import lines
from tests.ingest.rollups.content import kept, recounted
from tests.ingest.stored import DATA, cri, record, stored_jobs
from tests.ingest.telemetry import line_v2

HISTORY = read_history(DATA / "executor-a.controls.jsonl")


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    return folder


def journald(number: int, cursor: str) -> bytes:
    said = {"MESSAGE": record(number), "__CURSOR": cursor, "__REALTIME_TIMESTAMP": "1795227821500000"}
    return json.dumps(said).encode() + b"\n"


def test_whatever_small_files_hold(logs: Path, tmp_path: Path) -> None:
    """Copies, earlier copies, lines held elsewhere, pieces, no times, no end, v2, nothing at all."""
    contents = [
        cri(*range(50)),
        cri(*range(50)),
        cri(*range(20)),
        cri(*range(80)),
        journald(100, "a") + journald(101, "b"),
        b"noise\n" + journald(101, "b") + journald(102, "c"),
        record(110).encode() + b"\n" + cri(111) + record(112).encode() + b"\n" + cri(113),
        cri(120).replace(b" F ", b" P "),
        line_v2(jobId="claims") + b"\n" + line_v2(jobId="open"),
        b"",
        b"only noise, again and again\n" * 300,
        b'{"executorVersion":"x","jobId":"y"}\n',
    ]
    assert_alike(logs, tmp_path, contents, HISTORY)


@settings(max_examples=4, deadline=None)
@given(st.lists(st.lists(lines(), max_size=6).map(b"".join), min_size=2, max_size=6))
def test_whatever_lines_small_files_hold(
    tmp_path_factory: pytest.TempPathFactory, contents: list[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("alike")
    (folder / "logs").mkdir()
    assert_alike(folder / "logs", folder, contents, HISTORY)


def test_one_that_cannot_be_read_to_its_end_spoils_no_other(store: TelemetryStore, logs: Path) -> None:
    for number in range(4):
        (logs / f"{number}.log").write_bytes(cri(number))
    (logs / "2.log").write_bytes(gzip.compress(cri(2))[:-9])  # compressed, which its name does not say
    summary = load(store, [logs], None)
    assert [one.state for one in summary.sources] == ["new", "new", "failed", "new"]
    assert stored_jobs(store) == ["job-0", "job-1", "job-3"]
    (logs / "2.log").write_bytes(gzip.compress(cri(2)))
    assert load(store, [logs], None).is_balanced
    assert stored_jobs(store) == [f"job-{number}" for number in range(4)]


def test_what_ends_a_load_takes_back_one_group_and_the_next_load_brings_it(
    store: TelemetryStore, logs: Path
) -> None:
    big = cri(*range(1_000, 1_000 + TOGETHER_BYTES // len(cri(1_000))))
    for name, content in (("a", cri(1)), ("b", cri(2)), ("c", big), ("d", cri(3)), ("e", cri(4))):
        (logs / name).write_bytes(content)

    def stops(far: HowFar) -> None:
        if far.at == "e":
            raise WorkStopped("enough")

    with pytest.raises(WorkStopped):
        load(store, [logs], None, stops)
    assert {"job-1", "job-2", "job-1000"} <= set(stored_jobs(store))
    assert not {"job-3", "job-4"} & set(stored_jobs(store))
    assert kept(store, "rollup_hour") == recounted(store, minutes=60)
    summary = load(store, [logs], None)
    assert summary.is_balanced
    assert summary.accepted == 2
    assert len(stored_jobs(store)) == len(set(stored_jobs(store))) == 4 + big.count(b"\n")
