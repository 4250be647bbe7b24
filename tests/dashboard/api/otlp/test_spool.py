"""What is on disk when writing is interrupted, at any moment."""

import os
import resource
import signal
from pathlib import Path

import pytest

from dashboard.api.otlp.spool import PushedSpool

FILE = "otlp-ab-000.log"


def test_what_was_not_acknowledged_is_taken_back(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"whole\ntor")
    (tmp_path / "otlp-cd-000.log").write_bytes(b"x" * 200_000)
    (tmp_path / "exec-ab-000.log").write_bytes(b"tor")
    PushedSpool(tmp_path).mend()
    assert (tmp_path / FILE).read_bytes() == b"whole\n"
    assert (tmp_path / "otlp-cd-000.log").read_bytes() == b""
    assert (tmp_path / "exec-ab-000.log").read_bytes() == b"tor"


def test_the_next_writer_takes_it_back_too(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"whole\ntor")
    spool = PushedSpool(tmp_path)
    spool.append("ab", b"next\n")
    spool.close()
    assert (tmp_path / FILE).read_bytes() == b"whole\nnext\n"


@pytest.mark.parametrize("how", ["deleted", "renamed", "replaced"])
def test_a_file_that_somebody_took_away(tmp_path: Path, how: str) -> None:
    """What is acknowledged then stands in the spool all the same."""
    spool, file = PushedSpool(tmp_path), tmp_path / FILE
    spool.append("ab", b"first\n")
    if how == "deleted":
        file.unlink()
    else:
        file.rename(tmp_path / "otlp-ab.1.log")
    if how == "replaced":
        file.write_bytes(b"other\n")
    spool.append("ab", b"second\n")
    spool.close()
    assert file.read_bytes().endswith(b"second\n")


def test_two_processes_do_not_share_a_file(tmp_path: Path) -> None:
    one, other = PushedSpool(tmp_path), PushedSpool(tmp_path)
    one.append("ab", b"one\n")
    other.append("ab", b"other\n")
    one.append("ab", b"one\n")
    one.close()
    other.close()
    assert sorted(path.read_bytes() for path in tmp_path.iterdir()) == [b"one\none\n", b"other\n"]


def test_a_disk_that_fills_up_leaves_no_half_lines(tmp_path: Path) -> None:
    """The limit on the size of a file stands for a disk: a part of the lines fits."""
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.getsignal(signal.SIGXFSZ)
    spool = PushedSpool(tmp_path)
    spool.append("ab", b"first\n")
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, before[1]))
    try:
        with pytest.raises(OSError, match="large"):
            spool.append("ab", b"second\n" * 200)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert (tmp_path / FILE).read_bytes() == b"first\n"
    spool.append("ab", b"third\n")
    spool.close()
    assert (tmp_path / FILE).read_bytes() == b"first\nthird\n"
    assert os.listdir(tmp_path) == [FILE]
