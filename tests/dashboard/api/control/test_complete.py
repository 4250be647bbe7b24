"""docs/api.md has a line for every command: its calls, or why there is none. And every call is in it."""

import re
from pathlib import Path

from fastapi.routing import APIRoute

from dashboard.api.control.application import CALLS
from dashboard.api.control.beside import described
from dashboard.api.control.failures import KINDS
from dashboard.cli.main import COMMANDS

PAGE = (Path(__file__).parents[4] / "docs" / "api.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", PAGE, re.MULTILINE))
ROUTES = {
    f"{method} {route.path}"
    for route in (*CALLS, *described.routes)
    if isinstance(route, APIRoute)
    for method in route.methods or ()
}


def test_every_command_has_its_calls_or_a_reason() -> None:
    assert set(ROWS) >= set(COMMANDS)
    for command in COMMANDS:
        row = ROWS[command]
        named = re.findall(r"`((?:GET|POST|PUT) /[^`]*)`", row)
        assert named or row.startswith("only the shell: "), command
        assert set(named) <= ROUTES, command


def test_every_call_belongs_to_a_command() -> None:
    named = {one for command in COMMANDS for one in re.findall(r"`((?:GET|POST|PUT) /[^`]*)`", ROWS[command])}
    assert named == ROUTES


def test_every_word_of_a_refusal_is_explained() -> None:
    room = Path(__file__).parents[4] / "dashboard" / "api"
    files = [*(room / "control").rglob("*.py"), *room.glob("*.py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    said = set(re.findall(r"Refused\(\s*\d{3},\s*\"([a-z-]+)\"", text)) | {word for _, _, word in KINDS}
    assert len(said) > 20
    assert not [word for word in said if f"`{word}`" not in PAGE]
