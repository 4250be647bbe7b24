"""Loading: every line exactly once, whatever happens to the files between loads."""

import gzip
import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from ingest.contract.outcomes import Cause
from ingest.errors import WorkStopped
from ingest.loading.load import Surroundings, load
from ingest.loading.summary import LoadSummary, SourceSummary
from ingest.progress import HowFar
from ingest.store import TelemetryStore
from tests.ingest.store_from_template import open_store
from tests.ingest.stored import CRI, DATA, RECORD, cri, record, stored_jobs


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TelemetryStore]:
    with open_store(tmp_path / "home" / "telemetry.duckdb") as opened:
        yield opened


def load_from(
    store: TelemetryStore, *paths: Path, stdin: bytes = b"", spool: Path | None = None
) -> LoadSummary:
    summary = load(store, paths, None, surroundings=Surroundings(io.BytesIO(stdin), lambda: 1, spool))
    assert summary.is_balanced
    return summary


def only(summary: LoadSummary) -> SourceSummary:
    (one,) = summary.sources
    return one


def numbers(summary: LoadSummary) -> tuple[int, int, int, int]:
    counts = summary.counts
    return counts.lines, summary.accepted, summary.duplicate, counts.quarantined


@pytest.mark.parametrize("name", ["executor-a.stderr.log", "executor-a.cri.log"])
def test_the_field_capture_is_counted_to_the_record(store: TelemetryStore, name: str) -> None:
    first = load_from(store, DATA / name)
    assert (first.accepted, first.duplicate, first.counts.quarantined) == (266, 0, 0)
    assert first.counts.lines == len((DATA / name).read_bytes().splitlines())
    again = load_from(store, DATA / name)
    assert numbers(again) == (first.counts.lines, 0, 266, 0)
    assert only(again).state == "unchanged"


def test_the_same_content_is_the_same_source_whatever_carries_it(
    store: TelemetryStore, tmp_path: Path
) -> None:
    content = (DATA / "executor-a.cri.log").read_bytes()
    load_from(store, DATA / "executor-a.cri.log")
    files = {"b.log": content, "c.gz": gzip.compress(content), "d.zst": zstandard.compress(content)}
    files["e.gz"] = gzip.compress(content[:5_000]) + gzip.compress(content[5_000:])
    files["f.gz"], files["g"] = gzip.compress(files["e.gz"]), gzip.compress(files["d.zst"])
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        summary = load_from(store, tmp_path / name)
        assert (only(summary).state, *numbers(summary)) == ("copy", 343, 0, 266, 0)
    for data in files.values():
        assert numbers(load_from(store, Path("-"), stdin=data)) == (343, 0, 266, 0)
    assert len(stored_jobs(store)) == 266


def test_a_copy_made_before_the_file_grew_is_held_already(store: TelemetryStore, tmp_path: Path) -> None:
    (tmp_path / "now.log").write_bytes(cri(*range(40)))
    load_from(store, tmp_path / "now.log")
    for name, data in {
        "then.log": cri(*range(25)),
        "then.gz": gzip.compress(cri(*range(25))),
        "cut.log": cri(*range(25)) + cri(25)[:60],
    }.items():
        (tmp_path / name).write_bytes(data)
        summary = load_from(store, tmp_path / name)
        assert (only(summary).state, summary.accepted, summary.duplicate) == ("copy", 0, 25)
        assert only(load_from(store, tmp_path / name)).state == "unchanged"
    (tmp_path / "then.log").write_bytes(cri(*range(25)) + cri(99))
    assert numbers(load_from(store, tmp_path / "then.log")) == (26, 26, 0, 0)


def test_of_many_files_that_begin_alike_each_is_itself_and_a_copy_is_known(
    store: TelemetryStore, tmp_path: Path
) -> None:
    """Also those of a home that does not know how they begin."""
    logs, late = tmp_path / "logs", tmp_path / "late"
    logs.mkdir()
    late.mkdir()
    texts = [b"starting executor\n" * 3 + cri(*range(20 * pod, 20 * pod + 20)) for pod in range(12)]
    for pod, text in enumerate(texts):
        (logs / f"{pod}.log").write_bytes(text)
    assert [one.state for one in load_from(store, logs).sources] == ["new"] * 12
    lengths = [300, 900, len(texts[0]) - 1]
    for kept in ("beginnings", "NULL", "beginnings[:1]"):
        with store.transaction() as cursor:
            cursor.execute(f"UPDATE source SET beginnings = {kept}")
        for pod, length in enumerate(lengths):
            (late / f"{pod}.log").write_bytes(texts[pod][:length])
        assert [one.state for one in load_from(store, late).sources] == ["copy"] * 3
        for path in late.iterdir():
            path.unlink()
        lengths = [length + 1 for length in lengths]
    (logs / "3.log").write_bytes(texts[3] + cri(999))
    assert numbers(load_from(store, logs / "3.log")) == (24, 1, 20, 0)


def test_files_that_begin_alike_and_differ_later_are_two_sources(
    store: TelemetryStore, tmp_path: Path
) -> None:
    first, second = tmp_path / "a.log", tmp_path / "b.log"
    first.write_bytes(b"starting executor\n" + cri(1, 2))
    second.write_bytes(b"starting executor\n" + cri(3, 4))
    assert numbers(load_from(store, first, second)) == (6, 4, 0, 0)
    assert stored_jobs(store) == ["job-1", "job-2", "job-3", "job-4"]


def test_files_that_were_the_same_and_grew_apart_are_told_apart(
    store: TelemetryStore, tmp_path: Path
) -> None:
    first, second = tmp_path / "a.log", tmp_path / "b.log"
    first.write_bytes(cri(0))
    second.write_bytes(cri(0))
    load_from(store, first, second)
    for path, number in ((second, 2), (first, 1)):
        with path.open("ab") as file:
            file.write(cri(number))
    load_from(store, first, second)
    assert stored_jobs(store) == ["job-0", "job-0", "job-1", "job-2"]


def test_only_what_a_file_grew_by_is_added(store: TelemetryStore, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    for length in (1, 2, 50, 51, 3_000):
        path.write_bytes(b"") if length == 1 else None
        held = len(stored_jobs(store))
        with path.open("ab") as file:
            file.write(cri(*range(held, length)))
        summary = load_from(store, path)
        assert numbers(summary) == (length, length - held, held, 0)
    assert stored_jobs(store) == sorted(f"job-{number}" for number in range(3_000))


def test_a_last_line_without_newline_counts_now(store: TelemetryStore, tmp_path: Path) -> None:
    """Cut at every length of the second line, each in a file of its own."""
    spool = tmp_path / "spool"
    spool.mkdir()
    first, second = len(cri(1)), len(cri(1, 2))
    for length in range(first, second + 1):
        (spool / f"{length:04}.log").write_bytes(cri(1, 2)[:length])
    sources = load_from(store, spool, spool=spool).sources
    found = [(one.counts.lines, one.counts.accepted, one.counts.quarantined) for one in sources]
    assert found[0] == (1, 1, 0)
    assert found[-2:] == [(2, 2, 0)] * 2  # whole, but for the newline
    begun = found.index((2, 1, 1))  # enough of a record to be one, cut
    assert found[1:begun] == [(2, 1, 0)] * (begun - 1)
    assert found[begun:-2] == [(2, 1, 1)] * (len(found) - begun - 2)


def test_a_last_line_without_newline_comes_right_later(store: TelemetryStore, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    text = cri(1, 2, 3)
    seen = set()
    first, second = len(cri(1)), len(cri(1, 2))
    steps = (*range(first - 3, first + 4), *range(first + 4, second - 4, 40), *range(second - 4, second + 4))
    for length in (*steps, len(text) - 1, len(text)):
        with path.open("ab") as file:
            file.write(text[file.tell() : length])
        summary = load_from(store, path)
        seen.add((summary.counts.lines, len(stored_jobs(store)), summary.counts.quarantined))
    assert numbers(summary) == (3, 0, 3, 0)
    assert stored_jobs(store) == ["job-1", "job-2", "job-3"]
    assert (2, 2, 0) in seen  # whole, but for the newline
    assert (2, 1, 1) in seen  # cut: quarantined for now
    with store.cursor() as cursor:
        assert cursor.execute("SELECT count(*) FROM quarantine").fetchall() == [(0,)]


def test_a_cut_copy_of_a_file_without_newline_is_the_same_source(
    store: TelemetryStore, tmp_path: Path
) -> None:
    (tmp_path / "a.log").write_bytes(cri(1).rstrip())
    (tmp_path / "b.log").write_bytes(cri(1).rstrip())
    assert numbers(load_from(store, tmp_path / "a.log", tmp_path / "b.log")) == (2, 1, 1, 0)
    (tmp_path / "b.log").write_bytes(cri(1, 2))
    assert numbers(load_from(store, tmp_path / "b.log")) == (2, 1, 1, 0)
    assert stored_jobs(store) == ["job-1", "job-2"]


def test_pieces_of_a_line_wait_for_the_rest_over_loads(store: TelemetryStore, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    text = record(7)
    path.write_bytes((CRI % ("F", record(6)) + CRI % ("P", text[:70])).encode())
    assert load_from(store, path).counts.quarantined == 1
    with path.open("a") as file:
        file.write(CRI % ("P", text[70:80]))
    load_from(store, path)
    with path.open("a") as file:
        file.write(CRI % ("F", text[80:]) + CRI % ("F", record(8)))
    summary = load_from(store, path)
    assert (summary.counts.lines, summary.counts.joined_pieces, summary.counts.quarantined) == (5, 2, 0)
    assert stored_jobs(store) == ["job-6", "job-7", "job-8"]


def test_a_file_begun_anew_is_a_new_generation(store: TelemetryStore, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(cri(1, 2, 3))
    load_from(store, path)
    os.truncate(path, 0)
    load_from(store, path)
    with path.open("ab") as file:
        file.write(cri(4))
    shorter = only(load_from(store, path))
    assert (shorter.state, shorter.generation, shorter.accepted) == ("restarted", 1, 1)
    with path.open("r+b") as file:
        file.write(cri(5, 6, 7, 8, 9))
    assert only(load_from(store, path)).generation == 2
    assert stored_jobs(store) == [f"job-{number}" for number in range(1, 10)]


def test_rotation_by_rename_and_by_copy(store: TelemetryStore, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(cri(1, 2))
    load_from(store, tmp_path)
    path.rename(tmp_path / "a.log.1")
    path.write_bytes(cri(3))
    assert load_from(store, tmp_path).accepted == 1
    (tmp_path / "a.log.1.gz").write_bytes(gzip.compress(cri(1, 2)))
    (tmp_path / "a.log.1").unlink()
    (tmp_path / "a.log.2").write_bytes(path.read_bytes())  # copytruncate
    os.truncate(path, 0)
    with path.open("ab") as file:
        file.write(cri(4))
    load_from(store, tmp_path)
    assert stored_jobs(store) == ["job-1", "job-2", "job-3", "job-4"]


def test_files_of_the_spool_are_told_apart_even_when_they_say_the_same(
    store: TelemetryStore, tmp_path: Path
) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    for name in ("1.log", "2.log"):
        (spool / name).write_text(RECORD % "job-1" + "\n")
    summary = load_from(store, spool, spool=spool)
    assert (summary.accepted, summary.duplicate) == (2, 0)
    assert load_from(store, spool, spool=spool).accepted == 0


def test_the_transport_s_own_ids_hold_across_files(store: TelemetryStore, tmp_path: Path) -> None:
    def entry(number: int) -> str:
        message = (RECORD % f"job-{number}").replace('"', '\\"')
        return (
            f'{{"__CURSOR":"s=1;i={number}","__REALTIME_TIMESTAMP":"179000000000000{number}",'
            f'"MESSAGE":"{message}"}}\n'
        )

    (tmp_path / "a.json").write_text(entry(1) + entry(2))
    (tmp_path / "b.json").write_text(entry(2) + entry(3) + entry(3))
    assert numbers(load_from(store, tmp_path / "a.json")) == (2, 2, 0, 0)
    assert numbers(load_from(store, tmp_path / "b.json")) == (3, 1, 2, 0)
    assert numbers(load_from(store, tmp_path / "b.json")) == (3, 0, 3, 0)
    assert stored_jobs(store) == ["job-1", "job-2", "job-3"]


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


def test_a_file_may_grow_while_it_is_read(store: TelemetryStore, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(cri(*range(60_000)))
    more = iter(range(60_000, 60_500))

    def grows(far: HowFar) -> None:
        if (number := next(more, None)) is not None:
            with path.open("ab") as file:
                file.write(cri(number))

    assert load(store, [path], None, grows).is_balanced
    assert load_from(store, path).counts.accepted == len(set(stored_jobs(store))) == len(stored_jobs(store))


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
    from concurrent.futures import ThreadPoolExecutor

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
