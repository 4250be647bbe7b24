"""Every path of a home is taken or left out for a reason, and the page about file formats says which."""

import re
from pathlib import Path

import msgspec
import pytest

from dashboard.backup.contents import How, LeftOut, Taken, Turn, decided, place_in_turn
from dashboard.backup.manifest import NAME, VERSION, Entry, Layouts, Manifest, Omitted, decoded, encoded
from dashboard.errors import BackupDamaged
from gates.home import Home

PAGE = (Path(__file__).parents[3] / "docs" / "file-formats.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("## A backup\n")[2]
LINES, WHOLE = Taken(How.LINES, Turn.LINES), Taken(How.WHOLE, Turn.FILES)
CONTROLS = Taken(How.WHOLE, Turn.CONTROLS)
# By the names that `gates.home.Home` gives; a folder stands for what lies in it.
PARTS: dict[str, tuple[str, Taken | None]] = {
    "control_file": ("controls/control.json", CONTROLS),
    "history": ("controls/history.jsonl", Taken(How.LINES, Turn.CONTROLS)),
    "telemetry": ("telemetry.duckdb", Taken(How.TELEMETRY, Turn.TELEMETRY)),
    "store": ("gate.db", Taken(How.STORE, Turn.CONTROLS)),
    "store_owner": ("store-owner", WHOLE),
    "late": ("late/late.jsonl", Taken(How.LINES, Turn.LATE)),
    "audit_key": ("audit.key", WHOLE),
    "drilling": (".drilling", None),
    "spool": ("spool/exec-node-000.log", LINES),
    "serving": ("serving.json", None),
    "specs": ("specs/2026-11-21.jsonl", LINES),
    "exec": ("exec/reading", None),
    "runs": ("runs/2026-11-21.jsonl", LINES),
    "executor_config": ("executor.json", WHOLE),
    "task_mutations": ("mutations.json", WHOLE),
    "ci_hook_secret": ("ci-hook.secret", WHOLE),
    "archive": ("archive/2026-09.parquet", WHOLE),
    "log": ("log/executor.log", LINES),
}
OTHERS: dict[str, Taken | None] = {
    "notify.json": CONTROLS,
    "notify/channel.json": CONTROLS,
    "notify/.changing": None,
    "sign-in.toml": WHOLE,
    "sessions/0a1b": None,
    "session.key": None,
    "controls/history.jsonl.torn": Taken(How.LINES, Turn.CONTROLS),
    "controls/control.json.removed": CONTROLS,
    "controls/.control.json.0a1b.tmp": None,
    "controls/.lock": None,
    ".changing": None,
    "gate.db-wal": None,
    "gate.db-shm": None,
    "telemetry.duckdb.wal": None,
    "telemetry.duckdb.tmp/duckdb_temp_block-1.block": None,
    ".telemetry.duckdb.draft-1-1/copy.duckdb": None,
    "telemetry.duckdb.damaged-20261121T170212.482913Z": Taken(How.NAME, Turn.FILES),
    "spool/deeper/.hidden.log": LINES,
    "archive/.draft": None,
    "what somebody put there": WHOLE,
    "folder/of/somebody": WHOLE,
}


@pytest.mark.parametrize(("path", "expected"), [*PARTS.values(), *OTHERS.items()])
def test_what_becomes_of_a_path(path: str, expected: Taken | None) -> None:
    answer = decided(path)
    if expected is None:
        assert isinstance(answer, LeftOut)
        assert answer.why
    else:
        assert answer == expected


def test_no_part_of_a_home_is_missing() -> None:
    parts = {name for name, value in vars(Home).items() if isinstance(value, property)}
    assert parts == PARTS.keys(), "say in dashboard/backup/contents.py and here what a backup does with it"
    home = Home(Path())
    for name, (path, _) in PARTS.items():
        assert path.startswith(str(getattr(home, name)))


def test_what_names_something_is_copied_before_it() -> None:
    before = ["telemetry.duckdb", "spool/a.log", "notify/x.json", "gate.db", "late/late.jsonl"]
    turns = [answer.turn for answer in map(decided, before) if isinstance(answer, Taken)]
    assert turns == sorted(turns)
    listed = ["controls/control.json", "controls/history.jsonl", "gate.db", "notify.json", "notify/x.json"]
    first = ["notify.json", "notify/x.json", "controls/control.json", "gate.db", "controls/history.jsonl"]
    assert sorted(listed, key=place_in_turn) == first


def test_the_example_is_read_and_every_key_is_in_the_table() -> None:
    (text,) = re.findall(r"^```json backup-manifest\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)
    manifest = decoded(text.encode())
    assert (manifest.version, manifest.size) == (VERSION, 512)
    assert decoded(encoded(manifest)) == manifest
    for kind in (Manifest, Entry, Layouts, Omitted):
        for field in msgspec.structs.fields(kind):
            assert re.search(rf"`(layouts\.)?{field.encode_name}[`\[.]", SECTION), field.encode_name


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "cannot be read"),
        (b"[]", "cannot be read"),
        (b"\xff", "cannot be read"),
        (b"[" * 100_000, "cannot be read"),
        (b'{"version": "slotgate-backup.v2"}', r"of the form `slotgate-backup\.v2`"),
        (b'{"version": "slotgate-backup.v1"}', "cannot be read"),
    ],
)
def test_what_is_no_manifest_is_said(data: bytes, words: str) -> None:
    with pytest.raises(BackupDamaged, match=words):
        decoded(data)


def test_the_page_names_the_manifest() -> None:
    assert f"`{NAME}`" in SECTION
    for path in ("gate.db", "telemetry.duckdb", "session.key", "ci-hook.secret", "leftOut"):
        assert f"`{path}`" in SECTION
