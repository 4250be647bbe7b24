"""A damaged telemetry file is set aside, whole, and nothing else ever is."""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from ingest.errors import StoreDamaged, StoreError, StoreInUse, StoreNewer
from ingest.store import TelemetryStore
from ingest.store.failures import translated
from ingest.upkeep.aside import SetAside, in_words, missing, set_aside_beside
from ingest.upkeep.renewing import open_renewed
from ingest.upkeep.soundness import check_every_row
from tests.ingest.upkeep.damaging import (
    OPENING_FAILS,
    flipped,
    make_rows_unreadable,
    make_store,
    of_another_duckdb,
)

NOW = 1_795_280_400_123_456_000
HOLD_OPEN = """
import sys
from pathlib import Path
from ingest.store import TelemetryStore
store = TelemetryStore.open(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.read()
"""
DIE_WITH_A_LOG = """
import os, sys
from pathlib import Path
from ingest.store import TelemetryStore
store = TelemetryStore.open(Path(sys.argv[1]))
with store.transaction() as cursor:
    cursor.execute("INSERT INTO noise_sample SELECT 1, i, 'a'::BLOB FROM range(50) AS numbers(i)")
os._exit(0)
"""


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "telemetry.duckdb"
    make_store(path)
    return path


@pytest.fixture
def path(tmp_path: Path, sound: Path) -> Path:
    return Path(shutil.copy(sound, tmp_path / "telemetry.duckdb"))


def renewed(path: Path) -> SetAside | None:
    found = open_renewed(path, lambda: NOW)
    with found.store as store, store.cursor() as cursor:
        assert cursor.execute("SELECT count(*) FROM source").fetchall() == [(0,)]
    assert set_aside_beside(path) == (() if found.aside is None else (found.aside,))
    return found.aside


def stays(path: Path, raised: type[StoreError]) -> None:
    before = sorted(one.name for one in path.parent.iterdir())
    with pytest.raises(raised) as refused:
        open_renewed(path, lambda: NOW)
    assert type(refused.value) is raised
    assert sorted(one.name for one in path.parent.iterdir()) == before


@pytest.mark.parametrize("damage", OPENING_FAILS)
def test_a_damaged_file_is_kept_whole_under_a_name_with_its_time(path: Path, damage: str) -> None:
    data = OPENING_FAILS[damage](path.read_bytes())
    path.write_bytes(data)
    aside = renewed(path)
    assert aside == SetAside(path.with_name("telemetry.duckdb.damaged-20261121T170000.123456Z"), NOW)
    assert aside.path.read_bytes() == data
    assert path.stat().st_mode & 0o777 == 0o600
    assert renewed_again_is_sound(path)


def renewed_again_is_sound(path: Path) -> bool:
    again = open_renewed(path, lambda: NOW)
    again.store.close()
    return again.aside is None


def test_a_sound_file_stays(path: Path) -> None:
    assert renewed(path) is None
    assert missing(path) is None


def test_a_file_that_is_not_there_or_empty_is_made(tmp_path: Path) -> None:
    path = tmp_path / "home" / "telemetry.duckdb"
    assert renewed(path) is None
    path.write_bytes(b"")
    assert renewed(path) is None


def test_rows_that_cannot_be_read_are_found_by_reading_them(path: Path) -> None:
    make_rows_unreadable(path)
    assert renewed(path) is None
    with TelemetryStore.open_for_reading(path) as store, pytest.raises(StoreDamaged, match="ingest mend"):
        check_every_row(store)
    found = open_renewed(path, lambda: NOW, check_every_row)
    found.store.close()
    assert found.aside is not None


def test_every_row_of_a_sound_file_is_read(path: Path) -> None:
    with TelemetryStore.open_for_reading(path) as store:
        assert check_every_row(store) >= 20_000


def test_one_that_another_process_owns_stays(path: Path) -> None:
    with subprocess.Popen(
        (sys.executable, "-c", HOLD_OPEN, str(path)), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"open\n"
        stays(path, StoreInUse)
        # Damaged under its owner: it is still the owner's.
        with path.open("r+b") as file:
            file.write(b"nothing like a database" * 400)
        stays(path, StoreInUse)
        owner.communicate()


def test_one_that_is_locked_after_it_was_found_damaged_stays(path: Path) -> None:
    """Between the look and the move another process may have it: here one that holds DuckDB's own lock."""
    path.write_bytes(b"nothing like a database" * 400)
    script = (
        "import fcntl,os,sys; d=os.open(sys.argv[1],os.O_RDWR); fcntl.lockf(d,fcntl.LOCK_EX); "
        "print('open',flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        (sys.executable, "-c", script, str(path)), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as owner:
        assert owner.stdout is not None
        owner.stdout.readline()
        stays(path, StoreInUse)
        owner.communicate()
    assert renewed(path) is not None


def test_one_of_a_newer_slotgate_stays(path: Path) -> None:
    with duckdb.connect(path) as connection:
        connection.execute("INSERT INTO migration VALUES (999, 'later', now())")
    stays(path, StoreNewer)


@pytest.mark.parametrize("number", [1, 500])
def test_one_of_another_duckdb_stays(path: Path, number: int) -> None:
    path.write_bytes(of_another_duckdb(path.read_bytes(), number))
    stays(path, StoreNewer)


def test_a_folder_and_a_link_stay(path: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.duckdb"
    path.rename(elsewhere)
    elsewhere.write_bytes(b"nothing like a database" * 400)
    path.symlink_to(elsewhere)
    stays(path, StoreDamaged)
    path.unlink()
    path.mkdir()
    stays(path, StoreDamaged)


def test_where_a_fresh_file_cannot_be_made_the_damaged_one_stays(tmp_path: Path, path: Path) -> None:
    """A limit on the size of files is what a full disk is to the one who writes."""
    path.write_bytes(b"nothing like a database" * 400)
    script = (
        "import resource,signal,sys; from pathlib import Path; from ingest.errors import *;"
        "from ingest.upkeep.renewing import open_renewed; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))\n"
        "try: open_renewed(Path(sys.argv[1]), lambda: 0)\n"
        "except StoreError as error: print(type(error).__name__, error)"
    )
    done = subprocess.run((sys.executable, "-c", script, str(path)), capture_output=True, check=True)
    assert b"is full; free some space" in done.stdout, done
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_a_log_goes_with_its_file(path: Path) -> None:
    subprocess.run((sys.executable, "-c", DIE_WITH_A_LOG, str(path)), check=True)
    log = path.with_name(path.name + ".wal")
    damaged = flipped(log.read_bytes(), log.stat().st_size // 2)
    log.write_bytes(damaged)
    aside = renewed(path)
    assert aside is not None
    assert aside.path.with_name(aside.path.name + ".wal").read_bytes() == damaged


def test_killed_between_file_and_log_the_next_start_heals(path: Path) -> None:
    subprocess.run((sys.executable, "-c", DIE_WITH_A_LOG, str(path)), check=True)
    path.rename(path.with_name("moved"))
    assert renewed(path) is not None
    assert renewed_again_is_sound(path)


def test_whenever_it_is_killed_the_damaged_file_is_kept_and_the_next_start_is_sound(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "tests.ingest.upkeep.killing", str(tmp_path))
    done = subprocess.run(command, cwd=Path(__file__).parents[3], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_a_name_that_is_taken_is_not_taken_again(path: Path) -> None:
    for count in (1, 2, 3):
        path.write_bytes(b"nothing like a database" * count * 100)
        open_renewed(path, lambda: NOW).store.close()
        assert len(set_aside_beside(path)) == count
    sizes = {one.path.stat().st_size for one in set_aside_beside(path)}
    assert len(sizes) == 3


def test_of_many_that_find_it_at_once_one_sets_it_aside(path: Path) -> None:
    path.write_bytes(b"nothing like a database" * 400)
    script = (
        "import sys,time; from pathlib import Path; from ingest.errors import StoreInUse;"
        "from ingest.upkeep.renewing import open_renewed\n"
        "while True:\n"
        "    try: open_renewed(Path(sys.argv[1]), time.time_ns).store.close(); break\n"
        "    except StoreInUse: pass\n"
    )

    def one(_number: int) -> int:
        return subprocess.run((sys.executable, "-c", script, str(path)), check=True).returncode

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(one, range(3))) == 0
    assert len(set_aside_beside(path)) == 1
    assert renewed_again_is_sound(path)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ('IO Error: Could not read from file "t": Input/output error', StoreDamaged),
        ('IO Error: Could not write file "t": Input/output error', StoreError),
        ('IO Error: Could not read from file "t": Permission denied', StoreError),
        ('IO Error: Could not write file "t": No space left on device', StoreError),
        ('IO Error: Could not set lock on file "t": Conflicting lock is held (PID 7)', StoreInUse),
    ],
)
def test_what_a_disk_says_is_told_apart(words: str, kind: type[StoreError]) -> None:
    assert type(translated(Path("t"), duckdb.IOException(words))) is kind


def test_what_is_said_of_it(tmp_path: Path) -> None:
    path = tmp_path / "telemetry.duckdb"
    for name in ("telemetry.duckdb.damaged-20261121T170000.123456Z", "x.damaged-20261121T170000.123456Z"):
        (tmp_path / name).touch()
    for name in ("telemetry.duckdb.damaged-20261399T170000.123456Z", "telemetry.duckdb.damaged-1.wal"):
        (tmp_path / name).touch()
    [aside] = set_aside_beside(path)
    assert aside.at_ns == NOW
    assert "set aside at 2026-11-21 17:00:00 UTC" in in_words(aside)
    assert aside.path.name in str(missing(path, NOW))
    assert missing(path, NOW + 1) is None
    assert set_aside_beside(tmp_path / "nowhere" / "telemetry.duckdb") == ()
