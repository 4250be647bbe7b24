"""`slotgate ingest archive`: what lies in the monthly archive, and whether it is whole."""

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.cli.home import home_for
from dashboard.cli.output import say, say_json
from dashboard.cli.tables import table
from dashboard.cli.words import counted

if TYPE_CHECKING:
    from ingest.archive.looking import Archive

_NOT_WHOLE = 1


def configure(parser: ArgumentParser) -> None:
    """Declare `list` and `verify`."""
    actions = parser.add_subparsers(dest="of_archive", required=True, metavar="list|verify")
    actions.add_parser("list", help="every part, and whether it is in its place")
    actions.add_parser("verify", help="the same, after every byte was read")
    for one in actions.choices.values():
        one.add_argument("--home", type=Path, help="the home (default: SLOTGATE_HOME, else .slotgate)")
        one.add_argument("--json", action="store_true", help="one JSON object")


def execute(arguments: Namespace) -> int:
    """Run `slotgate ingest archive`; 1 where rows of a part cannot be had."""
    from dashboard.telemetry.at_home import HomeTelemetry
    from ingest.archive.looking import Depth

    depth = Depth.EVERY_BYTE if arguments.of_archive == "verify" else Depth.SIZE
    found = HomeTelemetry(home_for(arguments.home, os.environ, Path.cwd())).archive(depth)
    if arguments.json:
        say_json(found.as_record())
    else:
        say("\n".join(_in_words(found)))
    return _NOT_WHOLE if found.missing else 0


def _in_words(found: "Archive") -> list[str]:
    from ingest.archive.looking import lines_of

    if not found.parts and not found.unrecorded:
        return ["nothing is archived; docs/runbook.md says how raw lines come into the archive"]
    rows = [
        (
            one.part.month or "no time",
            one.part.name,
            f"{one.part.rows:,}",
            f"{one.part.bytes:,}",
            one.wrong or "ok",
        )
        for one in found.parts
    ]
    said = table(("month", "part", "rows", "bytes", ""), rows, (2, 3)) if rows else []
    said.append(f"{counted(lines_of(found.parts), 'line')} in {counted(len(found.parts), 'part')}")
    if found.missing:
        said.append(
            f"{counted(lines_of(found.missing), 'line')} cannot be read: put "
            f"{counted(len(found.missing), 'part')} back as written, from a backup or from another disk"
        )
    if found.unrecorded:
        said.append(
            "not on record, and counted nowhere: " + ", ".join(f"`{name}`" for name in found.unrecorded)
        )
    return said
