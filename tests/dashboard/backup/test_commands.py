"""What `slotgate backup` and `slotgate restore` say, and with which code they end."""

import json
from pathlib import Path
from typing import Any

import pytest

from dashboard.cli.main import main
from gates.home import Home
from ingest.store import TelemetryStore
from tests.warm import commands


@pytest.fixture
def backup(home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    target = tmp_path / "backup"
    assert main(["backup", str(target), "--home", str(home.root), "--without-telemetry"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"made `{target}`: ")
    assert "environment production, revision 1" in said
    assert "a restored home counts what the spool has" in said
    return target


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main([*words, "--json"]) in (0, 1)
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return said


def test_a_whole_backup(backup: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backup", "verify", str(backup)]) == 0
    assert capsys.readouterr().out.startswith(f"whole: `{backup}` of 2")
    said = answer(capsys, "backup", "verify", str(backup))
    assert (said["whole"], said["wrong"], said["records"], said["store"]) == (True, [], 1, "included")
    new = tmp_path / "it's new"
    assert main(["restore", str(backup), "--home", str(new)]) == 0
    out = capsys.readouterr().out
    assert "STOPPED by revision 2; every job is STUB" in out
    assert f"next: slotgate doctor --home '{tmp_path}/it'\"'\"'s new'" in out
    assert main(["restore", str(backup), "--home", str(new)]) == 5
    assert "nothing is ever restored over" in capsys.readouterr().err


def test_a_damaged_backup(backup: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (backup / "home" / "audit.key").write_bytes(b"another")
    assert main(["backup", "verify", str(backup)]) == 1
    out = capsys.readouterr().out
    assert "WRONG  `audit.key` has 7 bytes, and had 6" in out
    assert "is NOT whole" in out
    said = answer(capsys, "backup", "verify", str(backup))
    assert (said["whole"], len(said["wrong"]), said["records"]) == (False, 1, None)
    assert main(["restore", str(backup), "--home", str(tmp_path / "new")]) == 3
    assert "is not whole" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_what_is_left_out_is_said_on_stderr(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home.spool / "latest").symlink_to("worker.log")
    said = answer(capsys, "backup", str(tmp_path / "b"), "--home", str(home.root), "--without-telemetry")
    assert said["leftOut"] == [{"path": "spool/latest", "why": "a link"}]
    assert main(["backup", str(tmp_path / "c"), "--home", str(home.root), "--without-telemetry"]) == 0
    assert "NOT in the backup: `spool/latest`, a link" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [("verify",), ("verify", "a", "b"), ("a", "b"), ("verify", "a", "--without-telemetry"), ()]
)
def test_wrong_usage(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["backup", *words])
    assert ended.value.code == 2
    assert "usage: slotgate backup" in capsys.readouterr().err


def test_a_restore_names_its_home(backup: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["restore", str(backup)])
    assert ended.value.code == 2
    assert "--home" in capsys.readouterr().err


def test_beside_a_load_it_says_how_to_do_without(home: Home, tmp_path: Path) -> None:
    words = ("backup", str(tmp_path / "b"), "--home", str(home.root))
    with TelemetryStore.open(home.telemetry):
        done = commands.run(tmp_path, *words)
        assert done.returncode == 4
        assert done.stderr.endswith(b"; or leave the telemetry out (--without-telemetry)\n")
        assert commands.run(tmp_path, *words, "--without-telemetry").returncode == 0
