"""What the documentation must say is derived from the code: commands, options, links."""

import re
from argparse import ArgumentParser, _SubParsersAction
from importlib import import_module
from pathlib import Path

import pytest

from dashboard.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
COMMAND_LINE = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")


def options(parser: ArgumentParser) -> set[str]:
    found: set[str] = set()
    for action in parser._actions:  # argparse has no public way to list what it was given
        if isinstance(action, _SubParsersAction):
            for name, sub in action.choices.items():
                found |= {name, *options(sub)}
        found |= {
            option for option in action.option_strings if option.startswith("--") and option != "--help"
        }
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_documented(name: str) -> None:
    parser = ArgumentParser()
    import_module(f"dashboard.cli.{name}").configure(parser)
    sections = re.split(r"^## ", COMMAND_LINE, flags=re.MULTILINE)
    own = [section for section in sections if section.startswith(f"slotgate {name}\n")]
    assert own, f"docs/command-line.md has no section `slotgate {name}`"
    assert not [
        option for option in sorted(options(parser)) if f"`{option}`" not in own[0] and option not in own[0]
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_inside_the_project_lead_somewhere(page: Path) -> None:
    prose = re.sub(r"```.*?```|`[^`]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", prose)
    local = [target for target in targets if not re.match(r"[a-z]+:", target)]
    assert not [target for target in local if not (page.parent / target).exists()]
