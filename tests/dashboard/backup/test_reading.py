"""Backups that somebody or something changed: nothing outside is written, and each change is named."""

import io
import os
import tarfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from dashboard.backup.bytes_of import unheard
from dashboard.backup.checking import check_backup, problems
from dashboard.backup.manifest import HOME, NAME, VERSION, Entry, Layouts, Manifest, StoreIs, encoded
from dashboard.backup.packing import SUFFIX, pack
from dashboard.backup.reading import read_through
from dashboard.backup.restoring import restore
from dashboard.errors import BackupDamaged, BackupError
from ingest.progress import Work, silent
from tests.dashboard.backup.homes import means

FILES = {"spool/worker.log": b"a line\n" * 1000, "audit.key": b"key\n", "empty": b""}


def manifest_of(files: dict[str, bytes], **layouts: int) -> Manifest:
    return Manifest(
        version=VERSION,
        slotgate="0.1.0",
        made_at="2026-11-21T02:25:21Z",
        home="/srv/slotgate",
        environment=None,
        revision=None,
        store=StoreIs.NOWHERE,
        layouts=Layouts(store=layouts.get("store"), telemetry=layouts.get("telemetry")),
        files=tuple(
            Entry(path=path, size=len(data), sha256=sha256(data).hexdigest(), mtime_ns=1, device=1, inode=1)
            for path, data in files.items()
        ),
        left_out=(),
    )


def folder_of(folder: Path, files: dict[str, bytes], manifest: Manifest | None = None) -> Path:
    for path, data in files.items():
        (folder / HOME / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / HOME / path).write_bytes(data)
    (folder / NAME).write_bytes(encoded(manifest or manifest_of(files)))
    return folder


def wrong(backup: Path) -> tuple[str, ...]:
    return check_backup(backup, silent).wrong


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return folder_of(tmp_path / "backup", FILES)


def lost(backup: Path) -> None:
    (backup / HOME / "audit.key").unlink()


def added(backup: Path) -> None:
    (backup / HOME / "more").write_bytes(b"")


def cut(backup: Path) -> None:
    (backup / HOME / "audit.key").write_bytes(b"ke")


def flipped(backup: Path) -> None:
    (backup / HOME / "audit.key").write_bytes(b"kex\n")


def named_twice(backup: Path) -> None:
    manifest = manifest_of(FILES)
    twice = (*manifest.files, Entry(path="audit.key", size=9, sha256="", mtime_ns=1, device=1, inode=1))
    (backup / NAME).write_bytes(encoded(structs.replace(manifest, files=twice)))


def newer(backup: Path) -> None:
    (backup / NAME).write_bytes(encoded(manifest_of(FILES, store=999)))


def with_a_log_of_the_database(backup: Path) -> None:
    files = {**FILES, "gate.db-wal": b"what was never in it"}
    folder_of(backup, files)


def without_telemetry(backup: Path) -> None:
    (backup / NAME).write_bytes(encoded(manifest_of(FILES, telemetry=1)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lost, "`audit.key` is missing"),
        (added, "`more` is not named"),
        (cut, "`audit.key` has 2 bytes, and had 4"),
        (flipped, "`audit.key` holds other bytes"),
        (named_twice, "names `audit.key` twice"),
        (newer, "the store has layout 999 and this slotgate knows up to"),
        (with_a_log_of_the_database, "`gate.db-wal` is never in a backup"),
        (without_telemetry, "`telemetry.duckdb` is missing"),
    ],
)
def test_each_change_is_named_and_nothing_is_restored(
    change: Callable[[Path], None], words: str, backup: Path, tmp_path: Path
) -> None:
    assert wrong(backup) == ()
    change(backup)
    assert any(words in said for said in wrong(backup))
    with pytest.raises(BackupDamaged, match="is not whole"):
        restore(backup, tmp_path / "homes" / "new", means())
    assert list((tmp_path / "homes").iterdir()) == []


def packed(folder: Path, members: list[tuple[tarfile.TarInfo, bytes]], manifest: Manifest) -> Path:
    """An archive of these members, then the manifest."""
    info = tarfile.TarInfo(NAME)
    data = encoded(manifest)
    info.size = len(data)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for member, content in [*members, (info, data)]:
            archive.addfile(member, io.BytesIO(content))
    path = folder / f"backup{SUFFIX}"
    path.write_bytes(zstandard.compress(out.getvalue()))
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info, b""


@pytest.mark.parametrize(
    "found",
    [
        member("home/../../evil"),
        member("/etc/evil"),
        member("evil"),
        member("home/"),
        member("home//evil"),
        member("home/./evil"),
        member("home/spool/.."),
        member("home/" + "long/" * 2000 + "evil"),
        member("home/link", tarfile.SYMTYPE, "/etc/passwd"),
        member("home/link", tarfile.LNKTYPE, "home/other"),
        member("home/device", tarfile.CHRTYPE),
        member("home/pipe", tarfile.FIFOTYPE),
        member("home/folder", tarfile.DIRTYPE),
        member("home/sparse", tarfile.GNUTYPE_SPARSE),
    ],
    ids=lambda found: f"{found[0].type!r} {found[0].name[:20]}",
)
def test_what_could_lead_out_of_the_home_refuses_the_backup(
    found: tuple[tarfile.TarInfo, bytes], tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    archive = packed(tmp_path / "in", [found], manifest_of({}))
    with pytest.raises(BackupDamaged, match=r"do not use it|cannot be unpacked"):
        check_backup(archive, silent)
    with pytest.raises(BackupDamaged):
        restore(archive, tmp_path / "in" / "new", means())
    assert sorted(path.name for path in tmp_path.rglob("*")) == [archive.name, "in"]


def test_a_file_twice_in_an_archive_is_refused(tmp_path: Path) -> None:
    archive = packed(tmp_path, [member("home/one"), member("home/one")], manifest_of({"one": b""}))
    with pytest.raises(BackupDamaged, match="holds `one` twice"):
        check_backup(archive, silent)


def test_a_link_in_a_folder_is_refused(backup: Path) -> None:
    (backup / HOME / "link").symlink_to("/etc/passwd")
    with pytest.raises(BackupDamaged, match="no plain file"):
        check_backup(backup, silent)


def test_a_folder_without_a_manifest_was_never_finished(backup: Path) -> None:
    (backup / NAME).unlink()
    with pytest.raises(BackupDamaged, match="never finished"):
        check_backup(backup, silent)


def test_a_backup_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match=r"there is no backup `.*nowhere`; name a folder"):
        check_backup(tmp_path / "nowhere", silent)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("archive")
    pack(folder_of(folder / "backup", FILES), folder / "packed", unheard)
    return (folder / "packed").read_bytes()


def test_packed_and_read_again_it_is_the_same(archive: bytes, tmp_path: Path) -> None:
    (tmp_path / "packed").write_bytes(archive)
    read = read_through(
        tmp_path / "packed", lambda path: tmp_path / path.replace("/", "-"), silent, Work.BACKUP
    )
    assert tuple(problems(read)) == ()
    assert {path: (tmp_path / path.replace("/", "-")).read_bytes() for path in FILES} == FILES


@settings(max_examples=40)
@given(data=st.data())
def test_no_changed_or_cut_archive_passes(
    archive: bytes, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.getbasetemp() / f"changed-{os.getpid()}"
    at = data.draw(st.integers(0, len(archive) - 1))
    changed = (
        archive[:at]
        if data.draw(st.booleans())
        else archive[:at] + bytes([archive[at] ^ data.draw(st.integers(1, 255))]) + archive[at + 1 :]
    )
    path.write_bytes(changed)
    try:
        found = check_backup(path, silent)
    except BackupError:
        return
    # What a checksum or padding alone holds may differ: every byte of every file is there.
    assert found.wrong or found.manifest == manifest_of(FILES)
