"""The runbook's commands work as written, in its order, from an empty folder."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SLOTGATE", "SLOTGEN"))}
    kept.pop("ENFORCEMENT_MODE", None)
    return {**kept, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(folder)}


def run(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
        timeout=560,  # more than sixty commands, of one to two seconds each
    )


@pytest.fixture
def folder() -> Iterator[Path]:
    """Memory, where there is some: forty commands in a row wait for no disk."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)


@pytest.mark.timeout(600)
def test_two_operators_go_from_init_to_canary_1_to_expand_10_and_back(folder: Path) -> None:
    done = run("\n".join(BLOCKS), folder)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    home = {"SLOTGATE_HOME": str(folder / "home")}

    def ask(*words: str) -> dict[str, object]:
        asked = subprocess.run(
            ["slotgate", *words, "--json"],
            env=environment(folder) | home,
            capture_output=True,
            text=True,
            check=True,
            cwd=folder,
        )
        answer: dict[str, object] = json.loads(asked.stdout)
        return answer

    history = ask("controls", "history")["revisions"]
    assert isinstance(history, list)
    steps = [row["step"] for row in history]
    reached = [step for number, step in enumerate(steps) if number == 0 or steps[number - 1] != step]
    assert reached == ["baseline", "canary-1", "canary-5", "expand-10", "canary-1"]
    shown = ask("controls", "show")
    assert (shown["live"], shown["mode"], shown["unreviewed"], shown["owed"]) == (False, "enforce", None, [])
    said = ask("mode", "show")
    assert isinstance(said["shadow"], dict)
    assert said["shadow"]["wouldBlock"] > 0


def test_every_command_of_the_plans_is_in_it() -> None:
    words = {"init", "propose", "preview", "approve", "apply", "reject", "revert", "kill", "unkill", "doctor"}
    words |= {"unkill --break-glass", "mode promote", "mode rollback", "audit verify", "controls show"}
    words |= {"probe", "review", "review --freeze", "gate-audit", "mode auto-narrow"}
    assert not [word for word in words if f"slotgate {word}" not in TEXT]
