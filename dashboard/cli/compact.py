"""`slotgate ingest compact`: give the room that is free inside the telemetry file back to the disk."""

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path

from dashboard.cli.home import home_asked
from dashboard.cli.output import say, say_json
from dashboard.cli.places import place

_MEGABYTE = 1_000_000


def configure(parser: ArgumentParser) -> None:
    """The options of `slotgate ingest compact`."""
    parser.add_argument("--home", type=place, help="the home (default: SLOTGATE_HOME, else .slotgate)")
    parser.add_argument("--json", action="store_true", help="the bytes before and after as one JSON object")


def execute(arguments: Namespace) -> int:
    """Rewrite the file, by the server where one runs, and say what that gave."""
    from dashboard.cli.progress import shown_progress
    from dashboard.telemetry.at_home import HomeTelemetry

    home = home_asked(arguments.home, os.environ, Path.cwd())
    with shown_progress("the file is as it was") as tell:
        compacted = HomeTelemetry(home, tell=tell).compact()
    before, after = (0, 0) if compacted is None else (compacted.before, compacted.after)
    rows = 0 if compacted is None else compacted.rows
    if arguments.json:
        say_json({"bytes": {"before": before, "after": after}, "rows": rows})
    elif compacted is None:
        say("there is no telemetry file yet")
    else:
        say(f"{_megabytes(before)} are {_megabytes(after)} now; {rows:,} rows, all read again")
    return 0


def _megabytes(size: int) -> str:
    return f"{size / _MEGABYTE:,.1f} MB"
