"""What `make enforcement-smoke` expects is so; and it says when something is not."""

import json
from pathlib import Path
from typing import Any

import pytest

from gates.home import Home
from scripts.enforcement_smoke import Unexpected, smoke
from tests.dashboard.cli.homes import answer
from tests.dashboard.server.processes import serving
from tests.warm.commands import environment, run


def test_it_passes_and_can_fail(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    made = answer(tmp_path, "init", "--operator", "alice", "--environment", "smoke", "--home", str(home.root))
    alice = str(made["token"])
    said: list[str] = []

    def slotgate(words: tuple[str, ...], token: str) -> dict[str, Any]:
        environ = environment(SLOTGATE_TOKEN=token)
        found = json.loads(run(tmp_path, *words, "--home", str(home.root), "--json", environ=environ).stdout)
        return found if isinstance(found, dict) else {"found": found}

    with serving(tmp_path, home) as served:
        smoke(slotgate, home.root, served.url, alice, said.append)
        assert len(said) == 14
        with pytest.raises(Unexpected):  # bob is there already: it is no new home
            smoke(
                lambda words, token: {"token": "", "mode": "off"}, home.root, served.url, alice, said.append
            )
