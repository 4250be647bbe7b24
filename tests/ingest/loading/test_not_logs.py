"""What `ingest load` may be given and is no log: it says so, soon, and loads the others."""

import bz2
import gzip
import io
import lzma
import os
import sqlite3
import subprocess
import tarfile
import zipfile
from contextlib import closing
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.loading.load import Surroundings, load
from ingest.loading.summary import LoadSummary
from ingest.progress import HowFar
from ingest.store import TelemetryStore
from tests.ingest.stored import cri, stored_jobs


def loaded(store: TelemetryStore, *paths: Path, stdin: bytes = b"", spool: Path | None = None) -> LoadSummary:
    return load(store, paths, None, surroundings=Surroundings(io.BytesIO(stdin), lambda: 1, spool))


def a_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.log", cri(1))
    return buffer.getvalue()


def a_tar() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo("a.log")
        member.size = len(cri(1))
        archive.addfile(member, io.BytesIO(cri(1)))
    return buffer.getvalue()


def a_parquet() -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"line": [cri(1).decode()]}), buffer)
    return buffer.getvalue()


def a_database(folder: Path) -> bytes:
    with closing(sqlite3.connect(folder / "db")) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.commit()
    return (folder / "db").read_bytes()


def another_database(folder: Path) -> bytes:
    duckdb.connect(folder / "db.duckdb").close()
    return (folder / "db.duckdb").read_bytes()


def foreign(folder: Path) -> list[tuple[bytes, str]]:
    """Files of other formats, and what is said of them."""
    return [
        (lzma.compress(cri(1)), "compressed with xz, not a log; decompress it first"),
        (bz2.compress(cri(1)), "compressed with bzip2"),
        (b"\x04\x22\x4d\x18@p", "compressed with lz4"),
        (a_zip(), "a zip archive, not a log; unpack it first"),
        (a_tar(), "a tar archive"),
        (a_parquet(), "a Parquet file, not a log; leave it out"),
        (a_database(folder), "an SQLite database"),
        (another_database(folder), "a DuckDB database"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "a PNG image"),
        (b"LPKSHHRH\x00", "hand in what `journalctl -o json` prints"),
        (Path("/proc/self/exe").read_bytes()[:10_000], "a program"),
    ]


def test_other_formats_are_named_and_the_others_loaded(store: TelemetryStore, tmp_path: Path) -> None:
    files = foreign(tmp_path)
    logs = tmp_path / "logs"
    logs.mkdir()
    for number, (data, _) in enumerate(files):
        (logs / f"{number:02}").write_bytes(data)
    (logs / "99").write_bytes(cri(1))
    *failed, log = loaded(store, logs).sources
    for one, (_, said) in zip(failed, files, strict=True):
        assert said in (one.error or "")
    assert log.state == "new"
    assert stored_jobs(store) == ["job-1"]


def test_they_are_named_behind_gzip_and_through_a_pipe_too(store: TelemetryStore, tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(a_tar()))
    summary = loaded(store, tmp_path / "a.gz", Path("-"), stdin=a_parquet())
    assert [(one.error or "").partition(",")[0].partition(" is ")[2] for one in summary.sources] == [
        "a tar archive",
        "a Parquet file",
    ]


def test_text_that_only_begins_alike_is_a_log(store: TelemetryStore, tmp_path: Path) -> None:
    alike = [b"PAR1 begins", b"BZh91 is a word", b"GIF89a", b"PK one", b"ELFE", b""]
    for number, text in enumerate(alike):
        (tmp_path / f"{number}.log").write_bytes(text + b"\n" + cri(number))
    assert loaded(store, *sorted(tmp_path.glob("*.log"))).accepted == len(alike)


def test_what_a_job_wrote_into_the_spool_is_read_whatever_it_is(
    store: TelemetryStore, tmp_path: Path
) -> None:
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool" / "a").write_bytes(a_parquet() + b"\n" + cri(1, 2))
    loaded(store, tmp_path / "spool", spool=tmp_path / "spool")
    assert stored_jobs(store)[-1] == "job-2"


def test_devices_are_not_read(store: TelemetryStore, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(cri(1))
    (tmp_path / "link").symlink_to("/dev/zero")
    paths = [Path("/dev/urandom"), Path("/dev/null"), tmp_path / "link"]
    *failed, log = loaded(store, *paths, tmp_path / "a.log").sources
    for path, one in zip(paths, failed, strict=True):
        assert f"`{path}` is a device" in (one.error or "")
    assert log.state == "new"


def test_links_between_folders_are_not_followed(store: TelemetryStore, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    (logs / "in").mkdir(parents=True)
    (logs / "in" / "a.log").write_bytes(cri(1))
    (logs / "in" / "again").symlink_to(logs)
    (logs / "self").symlink_to(logs / "self")
    assert [one.name for one in loaded(store, logs).sources] == [str(logs / "in" / "a.log")]


def test_folders_may_lie_deep(store: TelemetryStore, tmp_path: Path) -> None:
    top = deep = tmp_path / "d"
    deep.mkdir()
    for _ in range(1_500):
        deep /= "d"
        deep.mkdir()
    (deep / "a.log").write_bytes(cri(1))
    try:
        assert loaded(store, top).accepted == 1
    finally:  # deeper than pytest could remove it
        subprocess.run(["rm", "-r", top], check=True)


def test_a_hole_at_the_start_is_read_over(store: TelemetryStore, tmp_path: Path) -> None:
    """As a file that was emptied under a writer who does not append begins: zeros, then a record."""
    with (tmp_path / "a.log").open("wb") as file:
        file.seek(8 << 20)
        file.write(b"\n" + cri(1))
    summary = loaded(store, tmp_path / "a.log")
    assert (summary.counts.lines, summary.accepted) == (2, 1)


def test_a_file_that_grows_faster_than_it_is_read_ends(store: TelemetryStore, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(cri(1, 2))
    heard: list[int] = []

    def grows(_: HowFar) -> None:
        heard.append(os.stat(path).st_size)
        assert len(heard) < 100, "it does not end"
        with path.open("ab") as file:
            file.write(b"x" * (5 << 20) + b"\n")

    assert load(store, [path], None, grows).accepted == 2
    assert len(heard) < 10
    assert load(store, [path], None).counts.lines == 2 + len(heard)
