"""The commands of docs/integrations.md work as written, and what it links to is there."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "integrations.md"
TEXT = PAGE.read_text(encoding="utf-8")
LINKS = [link for link in re.findall(r"\]\(([^)#]+)", TEXT) if "://" not in link]


def section(title: str) -> str:
    """The commands of a section, in order."""
    [found] = [part for part in TEXT.split("\n## ") if part.startswith(f"{title}\n")]
    return "\n".join(re.findall(r"^```sh\n(.*?)^```$", found, re.MULTILINE | re.DOTALL))


def test_an_executor_in_any_language(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SLOTGATE", "SLOTGEN"))}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", section("An executor in any language")],
        cwd=tmp_path,
        env={**kept, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert json.loads((tmp_path / "result.json").read_text())["jobId"] == "job-1"
    assert json.loads((tmp_path / "executor.log").read_text())["errorCode"] == "KILL_SWITCH"
    [run] = (tmp_path / "home" / "runs").iterdir()
    assert json.loads(run.read_text())["result"]["state"] == "valid"
    assert "KILL_SWITCH" in done.stdout
    assert "SILENT_PATH" not in done.stdout


@pytest.mark.parametrize("link", LINKS)
def test_every_link_leads_somewhere(link: str) -> None:
    assert (PAGE.parent / link).exists()
