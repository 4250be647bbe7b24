"""`slotgate ingest mend`: read the whole telemetry file, and begin a fresh one where it is damaged."""

import os
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.cli.home import home_asked
from dashboard.cli.output import say, say_json
from dashboard.cli.places import place
from dashboard.cli.words import counted

if TYPE_CHECKING:
    from dashboard.telemetry.mending import Mended

_BY_HAND = 1


def configure(parser: ArgumentParser) -> None:
    """The options of `slotgate ingest mend`."""
    parser.add_argument("--home", type=place, help="the home (default: SLOTGATE_HOME, else .slotgate)")
    parser.add_argument("--json", action="store_true", help="what was found as one JSON object")


def execute(arguments: Namespace) -> int:
    """Mend, and tell; 1 where files have to be loaded by hand."""
    from dashboard.telemetry.mending import Mended, mend

    home = home_asked(arguments.home, os.environ, Path.cwd())
    is_there = home.telemetry.exists()
    mended = mend(home, time.time_ns) if is_there else Mended(0, None)
    if arguments.json:
        say_json(_as_record(mended))
    elif not is_there:
        say("there is no telemetry file yet")
    else:
        say("\n".join(_in_words(mended)))
    return _BY_HAND if mended.by_hand else 0


def _as_record(mended: "Mended") -> dict[str, object]:
    return {
        "rows": mended.rows,
        "setAside": None if mended.aside is None else str(mended.aside.path),
        "readAgain": [str(path) for path in mended.again],
        "loadByHand": [str(path) for path in mended.by_hand],
    }


def _in_words(mended: "Mended") -> list[str]:
    from ingest.upkeep.aside import in_words

    if mended.aside is None:
        return [f"the telemetry file is sound: {counted(mended.rows, 'row')} read"]
    return [
        in_words(mended.aside),
        f"{counted(mended.rows, 'row')} stand in the fresh file",
        *(f"read again `{path}`" for path in mended.again),
        *(f"LOAD AGAIN `{path}`, with --controls where it was loaded with one" for path in mended.by_hand),
    ]
