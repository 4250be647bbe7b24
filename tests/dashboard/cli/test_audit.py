"""`slotgate audit`, run as it is called."""

import csv
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from io import StringIO
from pathlib import Path

import pytest

from dashboard.cli.main import main
from gates.store.store import Store
from tests.gates.store.builders import NOW, entry
from tests.warm.commands import Forked, environment, start

REASONS = ["=1+1", "calm", "\x1b[2J", " -1", "@x", "＋1", "\tx", 'say "a, b"']


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("kept") / "home"
    with closing(Store.create(home / "gate.db")) as store, store.begin() as tx:
        tx.settings.set("environment", "production")
        for number, reason in enumerate(REASONS):
            tx.audit.append(
                entry(
                    reason=reason,
                    time_ns=NOW + number,
                    action="apply" if number % 2 else "kill",
                    outcome="WOULD_BLOCK" if number == 3 else "ALLOWED",
                    reason_codes=("E_ROLE", "E_NOT_EXPAND") if number == 3 else (),
                    late=number == 5,
                )
            )
    return home


@pytest.fixture
def home(kept: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(kept, tmp_path / "home"))


def tamper(home: Path, *statements: str) -> None:
    with closing(sqlite3.connect(home / "gate.db")) as connection, connection:
        for verb in ("update", "delete"):
            connection.execute(f"DROP TRIGGER IF EXISTS audit_record_no_{verb}")
        for statement in statements:
            connection.execute(statement)


def audit(home: Path, *words: str) -> int:
    return main(["audit", *words, "--home", str(home)])


def test_the_newest_come_first(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert audit(home, "list", "--limit", "3", "--json") == 0
    records = json.loads(capfd.readouterr().out)["records"]
    assert [record["seq"] for record in records] == [8, 7, 6]
    assert records[2]["late"] is True
    assert audit(home, "list") == 0
    lines = capfd.readouterr().out.splitlines()
    assert len(lines) == 8
    assert "WOULD_BLOCK in enforce  E_ROLE E_NOT_EXPAND" in lines[4]
    assert "\x1b" not in "".join(lines)


def test_records_are_picked(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert audit(home, "list", "--outcome", "WOULD_BLOCK", "--mode", "enforce", "--json") == 0
    assert [one["seq"] for one in json.loads(capfd.readouterr().out)["records"]] == [4]
    assert audit(home, "list", "--actor", "local|nobody") == 0
    assert capfd.readouterr().out == ""


def test_one_is_shown_whole(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert audit(home, "show", "3", "--json") == 0
    assert json.loads(capfd.readouterr().out)["reason"] == "\x1b[2J"
    assert audit(home, "show", "3") == 0
    assert "\x1b" not in capfd.readouterr().out
    assert audit(home, "show", "99") == 1
    assert "no record 99" in capfd.readouterr().err


@pytest.mark.parametrize(
    "words", [["list", "--limit", "0"], ["show", "x"], ["show", "²"], ["export", "--format", "xls"], []]
)
def test_wrong_words_are_a_usage_error(home: Path, words: list[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        audit(home, *words)
    assert raised.value.code == 2


def test_an_intact_chain(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert audit(home, "verify") == 0
    assert "intact: 8 records" in capfd.readouterr().out
    assert audit(home, "verify", "--json") == 0
    found = json.loads(capfd.readouterr().out)
    assert (found["intact"], found["records"], found["badRecord"]) == (True, 8, None)


@pytest.mark.parametrize(
    ("statements", "seq", "fault"),
    [
        (["UPDATE audit_record SET body = replace(body, 'calm', 'mild') WHERE seq = 2"], 2, "edited"),
        (["DELETE FROM audit_record WHERE seq = 4"], 4, "deleted"),
        (["INSERT INTO audit_record SELECT 9, body, leaf FROM audit_record WHERE seq = 2"], 9, "inserted"),
    ],
)
def test_a_broken_chain(
    home: Path, capfd: pytest.CaptureFixture[str], statements: list[str], seq: int, fault: str
) -> None:
    tamper(home, *statements)
    assert audit(home, "verify", "--json") == 1
    found = json.loads(capfd.readouterr().out)
    assert (found["intact"], found["badRecord"], found["fault"]) == (False, seq, fault)
    assert audit(home, "verify") == 1
    assert f"BROKEN at record {seq}" in capfd.readouterr().out


def test_a_checkpoint_shows_a_cut_end(home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    note, elsewhere = tmp_path / "checkpoint", tmp_path / "elsewhere"
    assert audit(home, "checkpoint", "--out", str(note)) == 0
    key = capfd.readouterr().out.splitlines()[-1]
    assert stat.S_IMODE((home / "audit.key").stat().st_mode) == 0o600
    assert audit(home, "key", "--json") == 0
    assert json.loads(capfd.readouterr().out) == {"key": key}
    assert audit(home, "verify", "--checkpoint", str(note), "--key", key) == 0
    assert "agrees with 1 checkpoint;" in capfd.readouterr().out
    assert audit(home, "export", "--out", str(elsewhere)) == 0
    tamper(home, "DELETE FROM audit_record WHERE seq > 6", "DROP TABLE audit_checkpoint")
    tamper(
        home,
        "CREATE TABLE audit_checkpoint (size BIGINT, root TEXT, note TEXT, at_ns BIGINT)",
    )
    assert audit(home, "verify") == 0
    capfd.readouterr()
    assert audit(home, "verify", "--checkpoint", str(note), "--json") == 1
    found = json.loads(capfd.readouterr().out)
    assert (found["badRecord"], found["fault"]) == (7, "truncated")
    words = ["audit", "verify", "--export", str(elsewhere), "--checkpoint", str(note), "--key", key]
    assert main([*words, "--home", str(tmp_path / "none")]) == 0


@pytest.mark.parametrize("note", [b"", b"hello\n", b"\xff"])
def test_a_false_checkpoint_is_refused(
    home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], note: bytes
) -> None:
    (tmp_path / "note").write_bytes(note)
    assert audit(home, "key") == 0
    assert audit(home, "verify", "--checkpoint", str(tmp_path / "note")) == 3
    assert audit(home, "verify", "--checkpoint", str(tmp_path / "none")) == 3
    assert "slotgate: " in capfd.readouterr().err


def test_a_checkpoint_needs_a_key(home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "note").write_text("x")
    assert audit(home, "verify", "--checkpoint", str(tmp_path / "note")) == 3
    assert "--key" in capfd.readouterr().err


def test_nothing_is_signed_over_a_broken_chain(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    tamper(home, "DELETE FROM audit_record WHERE seq = 4")
    assert audit(home, "checkpoint") == 1
    assert "record 4 is missing" in capfd.readouterr().err


def test_an_export_is_verified_without_the_store(
    home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert audit(home, "export") == 0
    lines = capfd.readouterr().out.splitlines(keepends=True)
    assert [json.loads(line)["record"]["reason"] for line in lines] == REASONS
    out = tmp_path / "export.ndjson"
    for kept, seq in (
        (lines, None),
        ([*lines[:3], *lines[4:]], 4),
        ([*lines[:3], lines[4], lines[3], *lines[5:]], 4),
        ([*lines[:3], "nothing\n", *lines[4:]], 4),
        ([*lines[:2], lines[2].replace("kill", "calm"), *lines[3:]], 3),
    ):
        out.write_text("".join(kept), encoding="utf-8")
        assert audit(home, "verify", "--export", str(out), "--json") == (0 if seq is None else 1)
        assert json.loads(capfd.readouterr().out)["badRecord"] == seq
    assert audit(home, "verify", "--export", str(tmp_path / "none")) == 4


def test_no_cell_of_the_csv_is_a_formula(
    home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert audit(home, "export", "--format", "csv", "--out", str(tmp_path / "a.csv")) == 0
    assert stat.S_IMODE((tmp_path / "a.csv").stat().st_mode) == 0o600
    text = (tmp_path / "a.csv").read_bytes().decode()
    rows = list(csv.DictReader(StringIO(text, newline="")))
    assert [row["seq"] for row in rows] == [str(n) for n in range(1, 9)]
    for row, reason in zip(rows, REASONS, strict=True):
        assert row["reason"] in (reason, f"'{reason}")
        for cell in row.values():
            assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "＋"))
    assert rows[3]["reason_codes"] == "E_ROLE E_NOT_EXPAND"
    assert audit(home, "export", "--format", "csv", "--out", str(tmp_path / "a.csv")) == 4
    assert "name a new file" in capfd.readouterr().err


def test_a_home_without_a_store_is_said(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for words in (["list"], ["verify"], ["export"], ["checkpoint"], ["key"], ["show", "1"]):
        assert audit(tmp_path, *words) == 4
        assert "slotgate init" in capfd.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_leaves_is_no_error_of_ours(home: Path) -> None:
    with closing(Store.open(home / "gate.db")) as store, store.begin() as tx:
        for _ in range(600):
            tx.audit.append(entry(after={"text": "x" * 500}))
    for words in (["export"], ["export", "--format", "csv"]):
        with start(home.parent, "audit", *words, "--home", home) as process:
            process.stdout.read(10)
            process.stdout.close()
            assert process.wait() == 1
            assert process.stderr.read() == ""


WRITING = [["list"], ["verify"], ["show", "1"], ["key"], ["export"], ["export", "--format", "csv"]]


@pytest.mark.parametrize("words", WRITING, ids=" ".join)
def test_an_output_that_is_closed_is_said(home: Path, words: list[str]) -> None:
    call = "import sys; from dashboard.cli import main; sys.exit(main())"
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" >&-', "sh", sys.executable, "-c", call, "audit", *words],
        env={**os.environ, "SLOTGATE_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    _cannot_be_written(done.returncode, done.stderr)


@pytest.mark.parametrize("words", WRITING, ids=" ".join)
def test_an_output_that_is_full_is_said(home: Path, tmp_path: Path, words: list[str]) -> None:
    said = tmp_path / "said"
    with open(os.devnull) as nothing, open("/dev/full", "w") as full, said.open("w") as err:
        streams = nothing.fileno(), full.fileno(), err.fileno()
        with Forked(["audit", *words, "--home", home], tmp_path, environment(), streams) as process:
            code = process.wait()
    _cannot_be_written(code, said.read_text())


def _cannot_be_written(code: int, said: str) -> None:
    assert code == 4
    assert said.count("\n") == 1
    assert said.startswith("slotgate: stdout ")
