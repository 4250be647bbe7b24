"""Every command as a person starts it, by an interpreter of its own: it does what the forked one does.

What it imports it finds for itself, and nothing is left to say when the interpreter ends.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.cli.main import COMMANDS
from tests.dashboard.cli.homes import ALICE, SAID, answer
from tests.gates.executor.builders import spec_bytes
from tests.ingest.stored import cri
from tests.warm import commands

SLOTGATE = Path(sys.executable).with_name("slotgate")
ELSEWHERE = {
    "serve": "dashboard/server/test_serve.py",
    "demo": "dashboard/demo/test_demo_process.py",
    "worker": "dashboard/worker/test_served.py",
}
CASES = [
    ("init", "--home", "new"),
    ("kill", "--reason", "a trial"),
    ("unkill", *SAID, *ALICE),
    ("controls", "show"),
    ("propose", "--percent", "1", *SAID, *ALICE),
    ("preview", "--percent", "5"),
    ("approve", "1", *ALICE),
    ("reject", "1", "--reason", "no", *ALICE),
    ("apply", "1", *ALICE),
    ("record", "1"),
    ("revert", *SAID, *ALICE),
    ("ack", "--reason", "known", *ALICE),
    ("report-bad", "job-1", "--reason", "rude", *ALICE),
    ("thresholds", "show"),
    ("budget", "show"),
    ("prices", "show", "--json"),
    ("drill", "list", "--json"),
    ("retention", "show"),
    ("mode", "show"),
    ("run",),
    ("exec", "--", "echo", "hello"),
    ("decide",),
    ("ingest", "load", "executor.log"),
    ("report",),
    ("review",),
    ("probe", "--count", "1"),
    ("gate-audit",),
    ("beta", "list"),
    ("audit", "verify"),
    ("operators", "list"),
    ("tokens", "list"),
    ("sessions", "list", "--json"),
    ("notify", "status", "--json"),
    ("doctor",),
    ("backup", "kept.tar.zst"),
    ("restore", "kept", "--home", "restored"),
]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a home, alice's token, an open request, telemetry, and a backup of it."""
    folder = tmp_path_factory.mktemp("template") / "folder"
    folder.mkdir()
    token = answer(folder, "init", "--operator", "alice", "--environment", "test")["token"]
    (folder / "alice.token").write_text(token)
    (folder / "executor.log").write_bytes(cri(1, 2, 3))
    answer(folder, "propose", "--feature", "on", *SAID, *ALICE)
    answer(folder, "ingest", "load", "executor.log")
    answer(folder, "backup", "kept")
    return folder


def plain(said: bytes, folder: Path) -> str:
    """Without what differs from one moment to the next."""
    text = said.decode().replace(str(folder), "FOLDER")
    text = re.sub(r"slotgate_\w+|\b[0-9a-f-]{16,}\b|\d[\d.:]*", "N", text)
    return re.sub(r"\bN (s|ms)\b", "N s", text)


def test_no_command_is_missing() -> None:
    assert sorted([words[0] for words in CASES] + [*ELSEWHERE]) == sorted(COMMANDS)
    assert all((Path(__file__).parents[2] / place).exists() for place in ELSEWHERE.values())


@pytest.mark.parametrize("words", CASES, ids=lambda words: words[0])
def test_a_command(template: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    given = spec_bytes() + b"\n"
    forked = commands.run(shutil.copytree(template, tmp_path / "forked"), *words, stdin=given)
    afresh = subprocess.run(
        [SLOTGATE, *words],
        cwd=shutil.copytree(template, tmp_path / "afresh"),
        input=given,
        env=commands.environment(),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert afresh.returncode == forked.returncode, afresh.stderr
    assert plain(afresh.stdout, tmp_path / "afresh") == plain(forked.stdout, tmp_path / "forked")
    assert plain(afresh.stderr, tmp_path / "afresh") == plain(forked.stderr, tmp_path / "forked")
    assert afresh.stdout or afresh.stderr
    assert b"Traceback" not in afresh.stderr
