"""Which files are one source: by what they hold, not by their names."""

import gzip
import os
from pathlib import Path

import zstandard

from ingest.store import TelemetryStore
from tests.ingest.loading.loads import load_from, numbers, only
from tests.ingest.stored import DATA, RECORD, cri, stored_jobs


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


def test_a_cut_copy_of_a_file_without_newline_is_the_same_source(
    store: TelemetryStore, tmp_path: Path
) -> None:
    (tmp_path / "a.log").write_bytes(cri(1).rstrip())
    (tmp_path / "b.log").write_bytes(cri(1).rstrip())
    assert numbers(load_from(store, tmp_path / "a.log", tmp_path / "b.log")) == (2, 1, 1, 0)
    (tmp_path / "b.log").write_bytes(cri(1, 2))
    assert numbers(load_from(store, tmp_path / "b.log")) == (2, 1, 1, 0)
    assert stored_jobs(store) == ["job-1", "job-2"]


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
