"""The commands of the beta page work as written, in a new home."""

import re
from pathlib import Path

from tests.docs.test_runbook import ROOT, run

TEXT = (ROOT / "docs" / "beta.md").read_text(encoding="utf-8")
MAKE = """
export SLOTGATE_HOME="$PWD/home"
slotgate init --operator alice --json | sed -n 's/.*"token": "\\([^"]*\\)".*/\\1/p' > alice.token
"""


def test_the_commands_work_as_written(tmp_path: Path) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    done = run("\n".join([MAKE, *blocks, "slotgate audit list"]), tmp_path)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    assert "local|alice signed `ready-fallback`" in done.stdout
    assert "withdraw statement" in done.stdout
