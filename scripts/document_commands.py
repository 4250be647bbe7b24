"""Write the part of docs/command-line.md that the commands say of themselves: `make docs`."""

from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from dashboard.cli.main import COMMANDS, module_of

PAGE = Path(__file__).parents[1] / "docs" / "command-line.md"
MARK = "<!-- Below this line: written from the commands by `make docs`. -->\n"


def reference() -> str:
    """The Markdown of every command: what it does, its exit codes, its options."""
    return "\n".join(line for name in COMMANDS for line in _command(name))


def page() -> str:
    """The whole page: what stands above the mark, and the reference."""
    above, mark, _ = PAGE.read_text(encoding="utf-8").partition(MARK)
    return above + mark + "\n" + reference() + "\n"


def _command(name: str) -> Iterator[str]:
    module = import_module(module_of(name))
    parser = ArgumentParser(prog=f"slotgate {name}")
    module.configure(parser)
    yield from (f"## slotgate {name}", "", "```text", (module.__doc__ or "").strip(), "```", "")
    yield from _options(parser, "")


def _options(parser: ArgumentParser, words: str) -> Iterator[str]:
    rows = list(_rows(parser))
    if rows and words:
        yield from (f"`{words}` takes:", "")
    if rows:
        yield from ("| option | meaning |", "| --- | --- |", *rows, "")
    for action in parser._actions:  # argparse has no public way to list what it was given
        if isinstance(action, _SubParsersAction):
            for word, sub in action.choices.items():
                yield from _options(sub, f"{words} {word}".strip())


def _rows(parser: ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if isinstance(action, _SubParsersAction) or "--help" in action.option_strings:
            continue
        metavar = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
        named = ", ".join(action.option_strings) or metavar
        value = (
            "" if action.nargs == 0 or not action.option_strings else f" {_value(action.choices, metavar)}"
        )
        meaning = (action.help or "") % {"default": action.default} if action.help else ""
        yield f"| `{named}{value}` | {meaning} |".replace("|off`", "\\|off`").replace("|env`", "\\|env`")


def _value(choices: object, metavar: str) -> str:
    listed = list(choices) if isinstance(choices, (list, tuple, dict)) else []
    return metavar if not listed or len(listed) > 4 else "{" + ",".join(map(str, listed)) + "}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
