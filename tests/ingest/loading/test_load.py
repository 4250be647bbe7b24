"""Loading: every line exactly once, whatever is in the files, and whatever ends a load."""

import gzip
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import zstandard

from ingest.contract.outcomes import Cause
from ingest.errors import WorkStopped
from ingest.loading.load import load
from ingest.progress import HowFar
from ingest.store import TelemetryStore
from tests.ingest.loading.loads import load_from, numbers, only
from tests.ingest.stored import DATA, RECORD, cri, stored_jobs


@pytest.mark.parametrize("name", ["executor-a.stderr.log", "executor-a.cri.log"])
def test_the_field_capture_is_counted_to_the_record(store: TelemetryStore, name: str) -> None:
    first = load_from(store, DATA / name)
    assert (first.accepted, first.duplicate, first.counts.quarantined) == (266, 0, 0)
    assert first.counts.lines == len((DATA / name).read_bytes().splitlines())
    again = load_from(store, DATA / name)
    assert numbers(again) == (first.counts.lines, 0, 266, 0)
    assert only(again).state == "unchanged"


def test_folders_are_read_sorted_and_a_home_inside_is_left_out(store: TelemetryStore, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    for name in ("b/2.log", "a/1.log", "c.log", ".slotgate/telemetry.duckdb"):
        (logs / name).parent.mkdir(parents=True, exist_ok=True)
        (logs / name).write_bytes(cri(ord(name[0])))
    os.mkfifo(logs / "fifo")
    names = [Path(one.name).name for one in load_from(store, logs).sources]
    assert names == ["1.log", "2.log", "c.log"]


def test_a_file_that_leaves_its_folder_meanwhile_is_left_out(store: TelemetryStore, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    for name in ("a.log", "b.log"):
        (logs / name).write_bytes(cri(ord(name[0])))

    def removes(far: HowFar) -> None:
        (logs / "b.log").unlink(missing_ok=True)

    summary = load(store, [logs], None, removes)
    assert [Path(one.name).name for one in summary.sources] == ["a.log"]
    (logs / "b.log").write_bytes(cri(3))
    (logs / "a.log").write_bytes(cri(ord("a"), 2))
    assert [one.state for one in load(store, [logs / "a.log", logs / "b.log"], None, removes).sources] == [
        "grew",
        "failed",
    ]
    (logs / "loop").symlink_to(logs / "loop")
    assert len(load_from(store, logs).sources) == 1


def test_one_unreadable_file_does_not_keep_the_others_out(store: TelemetryStore, tmp_path: Path) -> None:
    whole = gzip.compress(cri(*range(200)))
    (tmp_path / "a.gz").write_bytes(whole[:-20])
    (tmp_path / "b.zst").write_bytes(zstandard.compress(cri(*range(300, 400)))[:-4])
    (tmp_path / "c.log").write_bytes(cri(900))
    summary = load(store, [tmp_path], None)
    assert [one.state for one in summary.sources] == ["failed", "failed", "new"]
    assert all("load it again when it is whole" in (one.error or "") for one in summary.failed)
    assert stored_jobs(store) == ["job-900"]
    (tmp_path / "a.gz").write_bytes(whole)
    (tmp_path / "b.zst").unlink()
    assert load_from(store, tmp_path).accepted == 200


def test_a_stream_that_breaks_off_late_keeps_its_first_blocks(store: TelemetryStore, tmp_path: Path) -> None:
    text = cri(*range(400_000))
    whole = gzip.compress(text, 1)
    (tmp_path / "a.gz").write_bytes(whole[: len(whole) * 9 // 10])
    broken = only(load(store, [tmp_path / "a.gz"], None))
    assert broken.state == "failed"
    assert 100_000 < len(stored_jobs(store)) < 400_000
    (tmp_path / "a.gz").write_bytes(whole)
    assert load_from(store, tmp_path / "a.gz").counts.accepted == 400_000
    jobs = stored_jobs(store)
    assert len(set(jobs)) == len(jobs) == 400_000


def test_hostile_bytes_are_survived_and_balance(store: TelemetryStore, tmp_path: Path) -> None:
    samples = {
        "binary": os.urandom(300_000),
        "nul": b"\0" * 200_000 + cri(1),
        "endless": b"x" * 12_000_000,
        "deep": b'{"a":' * 100_000,
        "empty": b"",
        "newlines": b"\n" * 10_000,
        "not utf-8": RECORD.encode() % b"\xff" + b"\n" + cri(2),
    }
    for name, data in samples.items():
        (tmp_path / name).write_bytes(data)
    summary = load_from(store, *(tmp_path / name for name in samples))
    assert stored_jobs(store) == ["job-1", "job-2"]
    with store.cursor() as cursor:
        causes = cursor.execute("SELECT cause FROM quarantine").fetchall()
    assert (Cause.INVALID_UTF8.value,) in causes
    assert summary.counts.lines == sum(
        data.count(b"\n") + (not data.endswith(b"\n") and data != b"") for data in samples.values()
    )


@pytest.mark.parametrize("blocks", [0, 1])
def test_a_load_that_is_ended_keeps_what_it_read_and_goes_on_there(
    store: TelemetryStore, tmp_path: Path, blocks: int
) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(cri(*range(60_000)))  # more than two blocks of 4 MiB
    told: list[HowFar] = []

    def enough(far: HowFar) -> None:
        told.append(far)
        if len(told) > blocks:
            raise WorkStopped("enough")

    with pytest.raises(WorkStopped):
        load(store, [path], None, enough)
    kept = len(stored_jobs(store))
    assert told[-1].done == min(blocks * (4 << 20), path.stat().st_size)
    assert (kept > 0) == (blocks > 0)
    summary = load(store, [path], None, told.append)
    assert (summary.accepted, summary.counts.accepted) == (60_000 - kept, 60_000)
    assert dict(told[-1].counts)["accepted"] == 60_000 - kept
    assert len(set(stored_jobs(store))) == len(stored_jobs(store)) == 60_000


def test_what_was_stored_is_told_by_outcome(store: TelemetryStore, tmp_path: Path) -> None:
    for name, text in (("a.log", cri(1, 2) + b"noise\n"), ("b.log", cri(3) + b"more noise\n" * 2)):
        (tmp_path / name).write_bytes(text)
    told: list[HowFar] = []
    load(store, [tmp_path / "a.log", tmp_path / "b.log"], None, told.append)
    size = (tmp_path / "a.log").stat().st_size
    assert [far.at for far in told] == ["a.log"] * 3 + ["b.log"] * 3
    assert {far.total for far in told} == {size + (tmp_path / "b.log").stat().st_size}
    assert told[3].done == size
    assert dict(told[3].counts) == {"accepted": 2, "held already": 0, "quarantined": 0, "noise": 1}
    assert told[-1].done == told[-1].total
    assert dict(told[-1].counts) == {"accepted": 3, "held already": 0, "quarantined": 0, "noise": 3}


def test_two_loads_in_one_process_do_not_double(store: TelemetryStore, tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number}.log").write_bytes(cri(*range(number * 100, number * 100 + 100)))
    files = sorted(tmp_path.glob("*.log"))
    with ThreadPoolExecutor(4) as pool:
        summaries = list(pool.map(lambda _: load(store, files, None), range(4)))
    assert sum(one.accepted for one in summaries) == 2_000
    assert len(stored_jobs(store)) == 2_000


def test_a_load_takes_less_memory_for_duckdb_and_gives_it_back(store: TelemetryStore, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(cri(1))
    seen = []

    def limit(_: object) -> None:
        with store.cursor() as cursor:
            seen.append(cursor.execute("SELECT current_setting('memory_limit')").fetchall()[0][0])

    limit(None)
    load(store, [tmp_path / "a.log"], None, limit)
    limit(None)
    assert (seen[0], seen[1], seen[-1]) == ("953.6 MiB", "488.2 MiB", "953.6 MiB")
