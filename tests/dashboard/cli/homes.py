"""Commands as processes, and folders with a home that they made: each once a worker, copied for a test."""

import atexit
import json
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from tests.gates.changes.world import allowlist
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
    folder = _kept()
    made = answer(folder, "init", "--operator", "alice", "--environment", "test")
    (folder / "alice.token").write_text(made["token"])
    return folder


@cache
def _live() -> Path:
    folder = founded(_kept())
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


def _kept() -> Path:
    """A folder until the worker ends."""
    folder = Path(mkdtemp(prefix="homes."))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
