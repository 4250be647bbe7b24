"""Serve the dashboard of a home, and load its spool in the background.

One process owns the home's telemetry file: the Streamlit app, /healthz, /readyz and ingest. It
serves loopback only. Ctrl-C or SIGTERM stops it; what was loaded stays.

exit codes: 0 stopped; 1 the server did not start; 2 wrong usage, or an address that is not loopback;
4 the port is in use, or the home or its telemetry file cannot be used (locked, unreadable, full).
"""

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path

PORT = 8501


def configure(parser: ArgumentParser) -> None:
    """The options of `slotgate serve`."""
    parser.add_argument("--home", type=Path, help="the home (default: SLOTGATE_HOME, else ./.slotgate)")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address (default: %(default)s)")
    parser.add_argument("--port", type=int, default=PORT, help="0 takes a free one (default: %(default)s)")


def execute(arguments: Namespace) -> int:
    """Serve until stopped."""
    from dashboard.server.address import loopback_address
    from dashboard.server.opening import open_seat
    from dashboard.server.serve import serve
    from gates.controls.source import FileMode, locate
    from gates.home import FOLDER, Home

    address = loopback_address(arguments.host, arguments.port)
    mode = locate(os.environ, Path.cwd(), home=arguments.home)
    found = mode.home if isinstance(mode, FileMode) else None
    home = found or Home(Path.cwd() / FOLDER)
    seat = open_seat(home)
    serve(address, seat, lambda: _announce(address.url, home.root))
    return 0


def _announce(url: str, root: Path) -> None:
    print(f"slotgate serves `{root}`\n  open {url}\n  stop with Ctrl-C", flush=True)  # noqa: T201
