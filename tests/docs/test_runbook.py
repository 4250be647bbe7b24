"""The runbook's commands work as written, in its order, from an empty folder."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.dashboard.cli.homes import answer
from tests.warm.commands import environment, on_path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def run(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environment(PATH=f"{on_path()}:{os.environ['PATH']}", HOME=str(folder)),
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )


@pytest.fixture
def folder() -> Iterator[Path]:
    """Memory, where there is some: forty commands in a row wait for no disk."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)


@pytest.mark.timeout(300)
def test_two_operators_go_from_init_to_canary_1_to_expand_10_and_back(folder: Path) -> None:
    done = run("\n".join(BLOCKS), folder)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr

    def ask(*words: str) -> dict[str, Any]:
        return answer(folder, *words, SLOTGATE_HOME=str(folder / "home"))

    history = ask("controls", "history")["revisions"]
    steps = [row["step"] for row in history]
    reached = [step for number, step in enumerate(steps) if number == 0 or steps[number - 1] != step]
    assert reached == ["baseline", "canary-1", "canary-5", "expand-10", "canary-1"]
    shown = ask("controls", "show")
    assert (shown["live"], shown["mode"], shown["unreviewed"], shown["owed"]) == (False, "enforce", None, [])
    assert ask("mode", "show")["shadow"]["wouldBlock"] > 0


def test_every_command_of_the_plans_is_in_it() -> None:
    words = {"init", "propose", "preview", "approve", "apply", "reject", "revert", "kill", "unkill", "doctor"}
    words |= {"unkill --break-glass", "mode promote", "mode rollback", "audit verify", "controls show"}
    words |= {"probe", "review", "review --freeze", "gate-audit", "mode auto-narrow"}
    assert not [word for word in words if f"slotgate {word}" not in TEXT]
