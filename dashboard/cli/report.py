"""Report the stub/openai split, errorCodes, latency and tokens, in total and per rollout step.

Counts are exact, percentiles are nearest-rank, costs are estimates by the price table of the home. Where
no home is named and none is here, the report is empty.
Lines in the archive (`slotgate ingest archive`) count like those in the telemetry file. Where a part of it is
gone or damaged, the report says which, and counts the rest.
While `slotgate serve` or `demo` runs on the home, that process answers.

exit codes: 0 reported · 1 reported, but archived lines are missing · 2 wrong usage · 4 there is no such home,
or its telemetry store or archive cannot be used (locked, damaged, not to be listed)
"""

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path

from dashboard.cli.home import home_asked
from dashboard.cli.output import complain, say, say_json
from dashboard.cli.places import place
from dashboard.cli.since import since
from schemas.stages import Step

_LINES_MISSING = 1


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--step", choices=[step.value for step in Step], help="only records of this step")
    parser.add_argument(
        "--since",
        type=since,
        metavar="TIME",
        help="only lines from this time on: 2026-11-21T02:22:53Z, or 90s, 30m, 2h, 7d before now",
    )
    parser.add_argument("--home", type=place, help="the home (default: SLOTGATE_HOME, else .slotgate)")
    parser.add_argument("--json", action="store_true", help="the report as one JSON object")


def execute(arguments: Namespace) -> int:
    """Run `slotgate report`."""
    from dashboard.cli.price_table import price_table_of
    from dashboard.cli.report_words import in_words
    from dashboard.data.costs import with_costs
    from dashboard.telemetry.at_home import HomeTelemetry
    from ingest.report.report import Selection

    home = home_asked(arguments.home, os.environ, Path.cwd())
    selection = Selection(Step(arguments.step) if arguments.step else None, arguments.since)
    table, why = price_table_of(home)
    if why is not None:
        complain(f"costs are left out: {why}")
    document = with_costs(HomeTelemetry(home).report(selection), table)
    if arguments.json:
        say_json(document)
    else:
        say(in_words(document))
    return _LINES_MISSING if document["archive"]["missing"] else 0
