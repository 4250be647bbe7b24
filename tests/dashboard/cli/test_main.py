"""Dispatch: help, unknown commands, and what no command can catch for itself."""

import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.cli import main
from dashboard.cli.main import COMMANDS
from tests.dashboard.cli.homes import founded

SLOTGATE = Path(sys.executable).with_name("slotgate")


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    assert all(name in said and summary in said for name, summary in COMMANDS.items())


def test_no_command_at_all_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "usage: slotgate" in capsys.readouterr().out


def test_an_unknown_command_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kil"]) == 2
    assert capsys.readouterr().err == "slotgate: no command `kil`; `slotgate --help` lists them\n"


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("slotgate ")


def test_a_reader_that_goes_away_ends_a_command_quietly(tmp_path: Path) -> None:
    home = founded(tmp_path) / ".slotgate"
    command = [str(SLOTGATE), "audit", "export", "--home", str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
        assert process.wait() in (0, 1)
    assert b"Traceback" not in said


def test_a_host_without_the_extras_is_told_what_to_install(tmp_path: Path) -> None:
    missing = "import sys; sys.modules['duckdb'] = None"
    blocked = f"{missing}; from dashboard.cli import main; sys.exit(main(sys.argv[1:]))"
    ended = subprocess.run(
        [sys.executable, "-c", blocked, "report", "--home", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "install slotgate[dashboard]" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_load_needs_no_stderr(tmp_path: Path) -> None:
    (tmp_path / "one.log").write_text("noise\n")
    words = ["sh", "-c", '"$0" ingest load one.log --home home --json 2>&-', str(SLOTGATE)]
    ended = subprocess.run(words, cwd=tmp_path, capture_output=True, check=False)
    assert (ended.returncode, b'"noise_lines": 1' in ended.stdout) == (0, True)


def test_an_output_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    for output, said in (
        (">/dev/full", "stdout cannot be written: no space left"),
        (">&-", "stdout is closed"),
    ):
        ended = subprocess.run(
            ["sh", "-c", f'"$0" report --home "$1" {output}', SLOTGATE, tmp_path],
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 4
        assert said in ended.stderr
        assert "Traceback" not in ended.stderr
