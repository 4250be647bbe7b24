"""The commands of the README's first five minutes work as written, and what it links to is there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.views.pages import PAGES

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line.partition(" #")[0].strip()
    for block in re.findall(r"^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
    if line.startswith("slotgate ")
]
LINKS = [link for link in re.findall(r"\]\(([^)#]+)", TEXT) if "://" not in link]


def test_every_command_but_those_that_serve_works_in_order(tmp_path: Path) -> None:
    once = [command for command in COMMANDS if not re.match(r"slotgate (serve|demo)\b", command)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SLOTGATE", "SLOTGEN"))}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(once).replace("/tmp/", f"{tmp_path}/")],
        cwd=ROOT,
        env={
            **kept,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "SLOTGATE_HOME": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert '"status": "STUB"' in done.stdout
    assert "266 telemetry lines" in done.stdout


@pytest.mark.parametrize("link", LINKS)
def test_every_link_leads_somewhere(link: str) -> None:
    assert (ROOT / link).exists()


def test_every_page_of_the_dashboard_has_its_section_and_its_picture_in_both_themes() -> None:
    text = (ROOT / "docs" / "dashboard.md").read_text(encoding="utf-8")
    for entry in PAGES:
        assert f"\n## {entry.title}\n" in text
    for name, theme in re.findall(r"images/([\w-]+)-(light|dark)\.png", text + TEXT):
        other = "dark" if theme == "light" else "light"
        assert (ROOT / "docs" / "images" / f"{name}-{theme}.png").exists()
        assert (ROOT / "docs" / "images" / f"{name}-{other}.png").exists()
