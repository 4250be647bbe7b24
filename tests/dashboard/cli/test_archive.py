"""`slotgate ingest archive`, and what `slotgate report` says of parts that are gone."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.history.controls import read_history
from ingest.loading.load import load
from ingest.store import TelemetryStore
from tests.dashboard.cli.test_ingest import CAPTURE, HISTORY, slotgate
from tests.ingest.archive.worlds import moved
from tests.ingest.stored import record

PART = "telemetry-2026-11-1.parquet"


@pytest.fixture(scope="module")
def archived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a home all of whose lines are in the archive."""
    folder = tmp_path_factory.mktemp("archived")
    home = folder / ".slotgate"
    with TelemetryStore.open(home / "telemetry.duckdb") as store:
        load(store, [CAPTURE], read_history(HISTORY))
        moved(store, home / "archive", "true", "2026-11")
    return folder


def answer(*words: str, cwd: Path, code: int = 0) -> Any:
    done = slotgate(*words, "--json", cwd=cwd)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def test_nothing_is_archived_in_a_home_that_is_not_there(tmp_path: Path) -> None:
    done = slotgate("ingest", "archive", "list", cwd=tmp_path)
    assert (done.returncode, done.stdout[:20]) == (0, b"nothing is archived;")
    assert list(tmp_path.iterdir()) == []


def test_parts_that_are_whole_are_listed_and_reported(archived: Path) -> None:
    found = answer("ingest", "archive", "list", cwd=archived)
    first = found["parts"][0]
    assert (first["name"], first["rows"], first["wrong"]) == (PART, 266, None)
    assert answer("ingest", "archive", "verify", cwd=archived) == found
    said = answer("report", cwd=archived)
    assert (said["totals"]["lines"], said["archive"]["lines"]) == (266, 266)
    assert b"266 lines in 2 parts" in slotgate("ingest", "archive", "list", cwd=archived).stdout
    assert b"archive: 266 lines in 2 parts of it, read" in slotgate("report", cwd=archived).stdout
    folder = archived / ".slotgate" / "archive"
    modes = [path.stat().st_mode & 0o777 for path in (folder, *folder.iterdir())]
    assert modes == [0o700, 0o600, 0o600]


def test_a_part_that_is_gone_or_damaged_is_said_everywhere(archived: Path) -> None:
    part = archived / ".slotgate" / "archive" / PART
    whole = part.read_bytes()
    stray = part.with_name("telemetry-2026-12-7.parquet")
    try:
        part.write_bytes(whole[:-1])
        wrong = f"it has {len(whole) - 1:,} bytes instead of {len(whole):,}"
        assert answer("ingest", "archive", "list", cwd=archived, code=1)["parts"][0]["wrong"] == wrong
        part.unlink()
        stray.write_bytes(b"")
        said = answer("report", cwd=archived, code=1)
        assert said["totals"]["lines"] == 0
        assert said["archive"]["missing_lines"] == 266
        assert said["archive"]["unrecorded"] == [stray.name]
        words = slotgate("report", cwd=archived)
        assert words.returncode == 1
        assert b"MISSING: 266 archived lines" in words.stdout
        assert b"it is not in its place" in words.stdout
        listed = slotgate("ingest", "archive", "verify", cwd=archived)
        assert (listed.returncode, b"266 lines cannot be read" in listed.stdout) == (1, True)
        assert stray.name.encode() in listed.stdout
        checked = slotgate("doctor", cwd=archived)
        assert b"archive" in checked.stdout
        assert b"`telemetry-2026-11-1.parquet`" in checked.stdout
    finally:
        part.write_bytes(whole)
        stray.unlink(missing_ok=True)


def test_lines_before_the_time_asked_for_need_no_archive(archived: Path) -> None:
    assert answer("report", "--since", "2026-12-01T00:00:00Z", cwd=archived)["archive"]["parts"] == 0


def test_a_month_by_hand_goes_only_where_retention_keeps_it_no_longer(tmp_path: Path) -> None:
    made = slotgate("init", "--operator", "alice", "--environment", "test", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    now = datetime.now(UTC)
    old = now - timedelta(days=70)
    log = tmp_path / "a.log"
    log.write_text(
        "".join(
            f"{at:%Y-%m-%dT%H:%M:%SZ} stderr F {record(number)}\n" for number, at in enumerate([old, now])
        )
    )
    with TelemetryStore.open(tmp_path / ".slotgate" / "telemetry.duckdb") as store:
        load(store, [log], None)
    writing = ("ingest", "archive", "write", "--month")
    waits = slotgate(*writing, f"{old:%Y-%m}", cwd=tmp_path)
    assert (waits.returncode, b"the first pass in this home" in waits.stdout) == (1, True)
    done = answer(*writing, f"{old:%Y-%m}", "--clock-is-right", cwd=tmp_path)
    assert (done["rows"], done["whole"]) == (1, True)
    again = answer(*writing, f"{old:%Y-%m}", cwd=tmp_path)
    assert again["said"] == f"nothing of {old:%Y-%m} is left to archive"
    stays = answer(*writing, f"{now:%Y-%m}", cwd=tmp_path, code=1)
    assert (stays["rows"], " stays: " in stays["said"]) == (0, True)
    said = answer("report", cwd=tmp_path)
    assert (said["totals"]["lines"], said["archive"]["lines"]) == (2, 1)
    assert slotgate(*writing, "2026-13", cwd=tmp_path).returncode == 2


def test_files_that_a_fresh_telemetry_file_does_not_know_are_adopted(archived: Path, tmp_path: Path) -> None:
    shutil.copytree(archived / ".slotgate", tmp_path / ".slotgate")
    (tmp_path / ".slotgate" / "telemetry.duckdb").unlink()
    assert answer("report", cwd=tmp_path)["archive"]["unrecorded"] != []
    named = slotgate("ingest", "archive", "list", cwd=tmp_path)
    assert (named.returncode, b"archive adopt`" in named.stdout) == (0, True)
    files = answer("ingest", "archive", "adopt", cwd=tmp_path)["files"]
    assert (files[-1], len(files)) == ({"name": PART, "rows": 266, "why_not": None}, 2)
    assert answer("report", cwd=tmp_path)["totals"]["lines"] == 266
    said = slotgate("ingest", "archive", "adopt", cwd=tmp_path)
    assert (said.returncode, said.stdout) == (0, b"every file of the archive is on record\n")
