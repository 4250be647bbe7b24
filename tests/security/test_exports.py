"""Files that pages give away: every CSV passes the one writer that no spreadsheet runs."""

import ast
import csv
import io
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

import dashboard
from dashboard.data.export import csv_of, ndjson_of

ROOM = Path(dashboard.__file__).parent
GIVES_FILES = {
    "views/table.py": "CSV and NDJSON by `data.export`",
    "views/stages/evidence.py": "JSON, byte for byte what was signed",
    "views/audit/files.py": "CSV by `data.export`, NDJSON of the chain",
    "views/controls/history.py": "JSON, the control file",
}
FORMULAS = [
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "\u200b=1+1", "\ufeff=1+1",
    "＝1+1",
    '=HYPERLINK("http://127.0.0.1:1/?"&A1,"x")', "=cmd|' /C calc'!A0", '"=1+1', "'=1+1", ";=1+1", "\0=1+1",
]  # fmt: skip


@cache
def _attributes() -> dict[str, set[str]]:
    """By the name of each attribute that is read, the files that do."""
    found: dict[str, set[str]] = {}
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                found.setdefault(node.attr, set()).add(str(path.relative_to(ROOM)))
    return found


def _calls(name: str) -> set[str]:
    return _attributes().get(name, set())


def test_only_these_give_files_away() -> None:
    assert _calls("download_button") == set(GIVES_FILES)


def test_nothing_writes_a_csv_of_its_own() -> None:
    assert _calls("to_csv") == set()
    writers = {one for one in _calls("writer") | _calls("DictWriter") if one.startswith("views/")}
    assert writers == set()


@pytest.mark.parametrize("value", FORMULAS)
def test_no_cell_begins_a_formula(value: str) -> None:
    frame = pd.DataFrame([{"jobId": value, value: "x"}])
    rows = list(csv.reader(io.StringIO(csv_of(frame).decode(), newline="")))
    for cell in (*rows[0], *rows[1]):
        seen = cell.lstrip("\ufeff\u200b\u2060\0 \t\r\n")
        assert not seen.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")), repr(cell)
    assert value in ndjson_of(frame).decode() or '"jobId": ' in ndjson_of(frame).decode()
