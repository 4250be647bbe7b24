"""Make a home: everything closed, mode shadow, one operator.

The kill switch is on, the feature off, percent 0, the allowlist off. The first operator's token is
printed once: keep it in a file that only you can read, and name that file with --token-file.

exit codes: 0 made · 2 wrong usage · 4 the home cannot be made · 5 there is one already
"""

import os
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path
from uuid import uuid4

from dashboard.cli.guarded import add_home, os_actor, put, write
from dashboard.cli.store import place_of
from gates.changes.founding import Foundation, found
from gates.controls.source import HOME_VARIABLE
from gates.home import FOLDER, Home

DEFAULT_P50_MS, DEFAULT_P95_MS = 5_000, 20_000


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    add_home(parser)
    parser.add_argument("--environment", default="local", metavar="NAME", help="default: local")
    parser.add_argument("--operator", metavar="NAME", help="the first operator; default: you")
    parser.add_argument("--latency-p50-ms", type=int, default=DEFAULT_P50_MS, metavar="MS")
    parser.add_argument("--latency-p95-ms", type=int, default=DEFAULT_P95_MS, metavar="MS")


def execute(arguments: Namespace) -> int:
    """Make it."""
    named = os.environ.get(HOME_VARIABLE)
    home = Home(arguments.home or (Path(named) if named else Path.cwd() / FOLDER))
    operator_id = f"local|{arguments.operator or os_actor().actor_id.partition('|')[2]}"
    foundation = Foundation(
        environment=arguments.environment,
        operator_id=operator_id,
        p50_ms=arguments.latency_p50_ms,
        p95_ms=arguments.latency_p95_ms,
    )
    token = found(home, foundation, time.time_ns, uuid4().hex, place_of(home))
    if arguments.json:
        put(
            {"home": str(home.root), "operator": operator_id, "token": token, "mode": "shadow", "revision": 1}
        )
        return 0
    write(f"made {home.root}: kill on, feature off, percent 0, allowlist off")
    write("the mode is shadow: what enforce would block is recorded, and happens; shadow does not protect")
    write(f"operator {operator_id}; token, shown this once: {token}")
    return 0
