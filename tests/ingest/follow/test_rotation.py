"""Rotation in every way that logs know, watched and unwatched: no line is lost and none is doubled."""

import gzip
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import zstandard

from ingest.follow.rotation import is_rotated
from tests.ingest.follow.following import append, following, jobs
from tests.ingest.stored import cri


def open_files() -> Iterator[str]:
    """What this process has open, by name."""
    for one in os.listdir("/proc/self/fd"):
        with suppress(FileNotFoundError):  # the listing's own
            yield os.readlink(f"/proc/self/fd/{one}")


@pytest.mark.parametrize("way", ["app.log", "*.log", ""])
def test_a_file_that_is_not_there_yet_grows_and_is_rotated(tmp_path: Path, log: Path, way: str) -> None:
    with following(tmp_path, log.parent / way) as follower:
        assert follower.jobs() == []
        append(log, cri(1, 2) + cri(3)[:40])
        assert follower.jobs()[:2] == jobs(1, 2)
        append(log, cri(3)[40:])
        assert follower.jobs() == jobs(1, 2, 3)
        append(log, cri(4))
        log.rename(log.with_name("app.log.1"))
        append(log, cri(5))
        append(log.with_name("app.log.1"), cri(6))
        assert follower.jobs() == jobs(1, 2, 3, 4, 5, 6)


def test_rotation_while_nobody_follows_is_read_by_the_next(tmp_path: Path, log: Path) -> None:
    append(log, cri(1))
    with following(tmp_path, log) as follower:
        assert follower.jobs() == jobs(1)
    append(log, cri(2))
    log.rename(log.with_name("app.log.2"))
    append(log.with_name("app.log.1"), cri(3))
    append(log, cri(4))
    with following(tmp_path, log) as follower:
        assert follower.jobs() == jobs(1, 2, 3, 4)


def test_a_strange_name_beside_it_is_known_by_inode_and_content(tmp_path: Path, log: Path) -> None:
    append(log, cri(1))
    with following(tmp_path, log) as follower:
        follower.jobs()
    append(log, cri(2))
    log.rename(log.with_name("put-aside"))
    append(log.with_name("another"), cri(99))
    with following(tmp_path, log) as follower:
        assert follower.jobs() == jobs(1, 2)
        os.truncate(log.with_name("put-aside"), 0)
        append(log.with_name("put-aside"), cri(7))
    with following(tmp_path, log) as follower:
        assert "job-99" not in follower.jobs()


def test_another_file_that_gets_the_followed_name_is_read(tmp_path: Path, log: Path) -> None:
    append(log, cri(1))
    with following(tmp_path, log) as follower:
        follower.jobs()
        another = log.rename(log.with_name("another"))
        another.write_bytes(cri(7, 8))
        assert follower.jobs() == jobs(1)
        another.rename(log)
        assert follower.jobs() == jobs(1, 7, 8)


@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_compressed_old_files_give_what_was_not_read(tmp_path: Path, log: Path, ending: str) -> None:
    pack = gzip.compress if ending == "gz" else zstandard.compress
    append(log, cri(1))
    with following(tmp_path, log) as follower:
        follower.jobs()
    append(log, cri(2, 3))
    packed = pack(log.read_bytes())
    log.unlink()
    old = log.with_name(f"app.log.1.{ending}")
    old.write_bytes(packed[:-5])  # compression is under way
    with following(tmp_path, log) as follower:
        assert follower.jobs() == jobs(1)
        assert follower.jobs(waiting_s=2) == jobs(1)
        assert "load it again when it is whole" in follower.poll().failures[0]
        old.write_bytes(packed)
        follower.jobs()
        assert follower.jobs(waiting_s=2) == jobs(1, 2, 3)
        assert follower.poll().failures == ()


def test_copytruncate_loses_only_what_no_copy_has(tmp_path: Path, log: Path) -> None:
    append(log, cri(1))
    with following(tmp_path, log) as follower:
        follower.jobs()
        append(log, cri(2))
        shutil.copy(log, log.with_name("app.log.1"))
        os.truncate(log, 0)
        append(log, cri(3))
        assert follower.jobs() == jobs(1, 2, 3)
        os.truncate(log, 0)
        follower.jobs()
        append(log, cri(4, 5, 6))
        assert follower.jobs() == jobs(1, 2, 3, 4, 5, 6)
        assert follower.poll().summary.gaps == ()
        with follower.store.cursor() as cursor:
            kinds = cursor.execute("SELECT kind, detail FROM ingest_event").fetchall()
    assert {kind for kind, _ in kinds} == {"restarted"}
    assert "only in a copy" in kinds[0][1]


def test_a_copy_that_is_being_written_waits_until_it_can_be_told(tmp_path: Path, log: Path) -> None:
    append(log, b"starting executor\n" + cri(1, 2))
    with following(tmp_path, log) as follower:
        follower.jobs()
        copy = log.with_name("app.log.1")
        for length in (5, 18, 60, 200, 2_000):
            copy.write_bytes(b"")
            append(copy, log.read_bytes()[:length])
            assert follower.jobs() == jobs(1, 2)


def test_a_copy_is_told_from_a_file_that_holds_the_beginning_of_a_line(tmp_path: Path, log: Path) -> None:
    """Half a line may be the beginning of any file, and says less than whole ones that are held."""
    append(log, cri(1, 2))
    append(log.with_name("half.log"), cri(1)[:60])
    with following(tmp_path, log.parent) as follower:
        follower.jobs()
        assert follower.jobs(waiting_s=2) == jobs(1, 2)
        copy = log.with_name("app.log.1")
        for length in (40, 80, len(cri(1)), len(cri(1, 2))):
            copy.write_bytes(b"")
            append(copy, log.read_bytes()[:length])
            assert follower.jobs() == jobs(1, 2)
        append(log.with_name("half.log"), cri(3)[60:])
        assert follower.jobs(waiting_s=2) == jobs(1, 2, 3)


def test_a_removed_file_is_read_to_its_end(tmp_path: Path, log: Path) -> None:
    with following(tmp_path, log) as follower:
        append(log, cri(1))
        follower.jobs()
        with log.open("ab") as writer:
            log.unlink()
            writer.write(cri(2))
            writer.flush()
            assert follower.jobs() == jobs(1, 2)
            append(log, cri(3))
            writer.write(cri(4))
            writer.flush()
            assert follower.jobs(waiting_s=29) == jobs(1, 2, 3, 4)
        follower.jobs(waiting_s=1)
        follower.jobs(waiting_s=31)
        assert not [one for one in open_files() if "app.log (deleted)" in one]


def test_deleted_and_made_anew_with_the_same_inode(tmp_path: Path, log: Path) -> None:
    append(log, cri(1, 2))
    with following(tmp_path, log) as follower:
        follower.jobs()
        os.truncate(log, 0)  # what a file system that gives an inode again looks like
        append(log, cri(8, 9))
        assert follower.jobs() == jobs(1, 2, 8, 9)


def two_pods(folder: Path, link: Path) -> list[Path]:
    """The logs of two pods, a line in each; the link leads to that of the first."""
    pods = [folder / "pods" / str(number) / "0.log" for number in (1, 2)]
    for number, pod in enumerate(pods):
        pod.parent.mkdir(parents=True)
        append(pod, cri(number))
    link.symlink_to(pods[0])
    return pods


def test_a_link_is_swapped_as_kubernetes_does(tmp_path: Path, log: Path) -> None:
    pods = two_pods(tmp_path, log)
    with following(tmp_path, log) as follower:
        assert follower.jobs() == jobs(0)
        append(pods[0], cri(10))
        pods[0].rename(pods[0].with_name("0.log.20261121-101500"))  # the kubelet rotates
        append(pods[0], cri(11))
        assert follower.jobs() == jobs(0, 10, 11)
    append(pods[0], cri(12))
    log.unlink()
    log.symlink_to(pods[1])
    with following(tmp_path, log) as follower:
        assert follower.jobs() == jobs(0, 1, 10, 11, 12)
        append(pods[0], cri(13))
        assert follower.jobs() == jobs(0, 1, 10, 11, 12, 13)


@pytest.mark.parametrize("name", ["0.log.20261121-101500", "kept"])
def test_a_link_is_swapped_after_a_rotation_that_nobody_followed(
    tmp_path: Path, log: Path, name: str
) -> None:
    pods = two_pods(tmp_path, log)
    with following(tmp_path, log) as follower:
        assert follower.jobs() == jobs(0)
    append(pods[0], cri(10))
    rotated = pods[0].rename(pods[0].with_name(name))
    log.unlink()
    log.symlink_to(pods[1])
    with following(tmp_path, log) as follower:
        assert follower.jobs() == jobs(0, 1, 10)
        append(rotated, cri(11))
        assert follower.jobs() == jobs(0, 1, 10, 11)


@pytest.mark.parametrize(
    ("name", "rotated"),
    [
        ("app.log.1", True),
        ("app.log.old", True),
        ("app.log-20261121", True),
        ("app.log-20261121.gz", True),
        ("app.log.2026-11-21T10:15:00Z.zst", True),
        ("app.log.20261121-101500.gz", True),
        ("app.log.gz", True),
        ("app.log.1.2", True),
        ("app.log", False),
        ("app.log.txt", False),
        ("app.log2", False),
        ("app.logs.1", False),
        ("app.log.1.bz2", False),
        ("other.log.1", False),
    ],
)
def test_names_that_rotation_gives(name: str, rotated: bool) -> None:
    assert is_rotated(name, "app.log") is rotated
