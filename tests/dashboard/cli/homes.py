"""Commands as processes, and folders with a home that they made: each once a worker, copied for a test."""

import json
import shutil
from functools import cache
from pathlib import Path
from typing import Any

from tests.gates.changes.world import allowlist
from tests.made_once import kept_folder
from tests.warm import commands
from tests.warm.commands import environment

SAID = ("--reason", "pilot", "--decision-record", "ADR-1")
ALICE = ("--token-file", "alice.token")


def run(folder: Path, *words: str, code: int = 0, **variables: str) -> tuple[str, str]:
    """What `slotgate WORDS` in `folder` says on stdout and stderr; it must end with `code`."""
    ended = commands.run(folder, *words, environ=environment(**variables))
    out, err = ended.stdout.decode(), ended.stderr.decode()
    assert ended.returncode == code, f"{words}: {ended.returncode}\n{out}{err}"
    assert "Traceback" not in err
    return out, err


def answer(folder: Path, *words: str, code: int = 0, **variables: str) -> dict[str, Any]:
    """The one JSON object that it says."""
    found: dict[str, Any] = json.loads(run(folder, *words, "--json", code=code, **variables)[0])
    return found


def founded(folder: Path) -> Path:
    """`folder` with a home in it, and alice's token in `alice.token`."""
    return Path(shutil.copytree(_founded(), folder, dirs_exist_ok=True))


def live(folder: Path) -> Path:
    """The same as far as shadow lets one person go: live at canary-1, revision 5."""
    return Path(shutil.copytree(_live(), folder, dirs_exist_ok=True))


@cache
def _founded() -> Path:
    folder = kept_folder("founded")
    made = answer(folder, "init", "--operator", "alice", "--environment", "test")
    (folder / "alice.token").write_text(made["token"])
    return folder


@cache
def _live() -> Path:
    folder = founded(kept_folder("live"))
    (folder / "allowlist.json").write_text(json.dumps(allowlist()))
    for change in (
        ("--feature", "on"),
        ("--allowlist", "allowlist.json"),
        ("--percent", "1"),
        ("--kill", "off"),
    ):
        number = str(answer(folder, "propose", *change, *SAID, *ALICE)["request"])
        assert answer(folder, "apply", number, *ALICE)["outcome"] == "WOULD_BLOCK"
    assert answer(folder, "controls", "show")["live"] is True
    return folder
