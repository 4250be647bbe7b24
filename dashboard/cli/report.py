"""Report the stub/openai split, errorCodes and latency, in total and per rollout step.

Counts are exact, percentiles are nearest-rank. A home that does not exist gives an empty report.
While `slotgate serve` or `demo` runs on the home, that process answers.

exit codes: 0 reported · 2 wrong usage · 4 the telemetry store cannot be used (locked, damaged)
"""

import os
import re
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path

from dashboard.cli.home import home_for
from dashboard.cli.output import say, say_json
from schemas.instant import epoch_ns
from schemas.stages import Step

_AGO = re.compile(r"([0-9]{1,6})([smhd])")
_UNIT_NS = {"s": 10**9, "m": 60 * 10**9, "h": 3_600 * 10**9, "d": 86_400 * 10**9}


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--step", choices=[step.value for step in Step], help="only records of this step")
    parser.add_argument(
        "--since",
        type=_since,
        metavar="TIME",
        help="only lines from this time on: 2026-11-21T02:22:53Z, or 90s, 30m, 2h, 7d before now",
    )
    parser.add_argument("--home", type=Path, help="the home (default: SLOTGATE_HOME, else .slotgate)")
    parser.add_argument("--json", action="store_true", help="the report as one JSON object")


def execute(arguments: Namespace) -> int:
    """Run `slotgate report`."""
    from dashboard.cli.report_words import in_words
    from dashboard.telemetry.at_home import HomeTelemetry
    from ingest.report import Selection

    home = home_for(arguments.home, os.environ, Path.cwd())
    selection = Selection(Step(arguments.step) if arguments.step else None, arguments.since)
    document = HomeTelemetry(home).report(selection)
    if arguments.json:
        say_json(document)
    else:
        say(in_words(document))
    return 0


def _since(text: str) -> int:
    ago = _AGO.fullmatch(text)
    moment = time.time_ns() - int(ago[1]) * _UNIT_NS[ago[2]] if ago else epoch_ns(text)
    if moment is None or not -(2**63) <= moment < 2**63:
        raise ArgumentTypeError(
            f"`{text}` is neither a time like 2026-11-21T02:22:53Z nor one like 30m or 7d"
        )
    return moment
