"""Serve the dashboard of a home, and load its spool in the background.

One process owns the home's telemetry file: the Streamlit app, /stop, /healthz, /readyz and ingest.
`--follow PATH` follows log files besides, as `slotgate ingest follow` does without a server.
Ctrl-C or SIGTERM stops it; what was loaded stays. Who may sign in is in the home's store, and an
OpenID provider or a proxy in its sign-in.toml (docs/security-model.md). Beyond loopback it takes a
TLS certificate, or a proxy named there. A damaged telemetry file is set aside, and a fresh one counts the
spool again (docs/runbook.md). Where it cannot be used at all (of a newer version, no room, no file) the
sign-in and /stop are served alone until stopped, and the end is 4.

exit codes: 0 stopped; 1 the server did not start; 2 wrong usage, or an address where passwords would
pass in the clear; 3 sign-in.toml cannot be used; 4 the port is in use, or the home or its telemetry
file cannot be used (locked, unreadable, full).
"""

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.cli.output import complain
from dashboard.cli.places import place
from dashboard.errors import AddressRefused

if TYPE_CHECKING:
    from dashboard.server.address import Tls

PORT = 8501
TELEMETRY_UNUSABLE = 4


def configure(parser: ArgumentParser) -> None:
    """The options of `slotgate serve`."""
    parser.add_argument("--home", type=place, help="the home (default: SLOTGATE_HOME, else ./.slotgate)")
    parser.add_argument("--host", default="127.0.0.1", help="an IP address of this machine (%(default)s)")
    parser.add_argument("--port", type=int, default=PORT, help="0 takes a free one (default: %(default)s)")
    parser.add_argument(
        "--follow", action="append", default=[], metavar="PATH",
        help="follow a file, folder or pattern besides the spool; may be given again",
    )  # fmt: skip
    parser.add_argument("--tls-certificate", type=Path, metavar="PEM", help="with its chain")
    parser.add_argument("--tls-key", type=Path, metavar="PEM", help="the key of the certificate")


def execute(arguments: Namespace) -> int:
    """Serve until stopped."""
    from dashboard.auth.access import open_access
    from dashboard.auth.config import NAME, sign_in_config
    from dashboard.cli.store import place_of
    from dashboard.server.address import served_address
    from dashboard.server.opening import open_seat
    from dashboard.server.serve import serve
    from dashboard.server.stop_alone import serve_stop_alone
    from gates.controls.source import FileMode, locate
    from gates.home import FOLDER, Home
    from ingest.errors import StoreError, StoreInUse

    mode = locate(os.environ, Path.cwd(), home=arguments.home)
    found = mode.home if isinstance(mode, FileMode) else None
    home = found or Home(Path.cwd() / FOLDER)
    config = sign_in_config(home.root / NAME)
    address = served_address(arguments.host, arguments.port, _tls(arguments), config)
    access = open_access(home, place_of(home), address.door, config)
    if not access.people and not address.door.loopback:
        raise AddressRefused(
            f"nobody could sign in to `{home.root}`; `slotgate init` makes a home, or leave out --host"
        )
    try:
        seat = open_seat(home, follow=arguments.follow)
    except StoreError as error:
        if isinstance(error, StoreInUse) or not access.people:
            raise
        # Whoever is on call must be able to stop, whatever the telemetry is like.
        complain(str(error))
        serve_stop_alone(address, access, str(error), lambda: _announce_stop_alone(address.url, home.root))
        return TELEMETRY_UNUSABLE
    serve(address, seat, lambda: _announce(address.url, home.root), access)
    return 0


def _tls(arguments: Namespace) -> "Tls | None":
    from dashboard.server.address import Tls

    certificate, key = arguments.tls_certificate, arguments.tls_key
    if (certificate is None) != (key is None):
        raise AddressRefused("--tls-certificate and --tls-key belong together; give both")
    return None if certificate is None else Tls(certificate, key)


def _announce_stop_alone(url: str, root: Path) -> None:
    words = f"slotgate cannot use the telemetry of `{root}` and serves the stop alone\n  open {url}/stop"
    # Printed at once: whoever started it, or a program that did, waits for these lines.
    print(f"{words}\n  mend the telemetry, then start again; stop with Ctrl-C", flush=True)  # noqa: T201  as said


def _announce(url: str, root: Path) -> None:
    # A server may be started without a stdout, which `say` refuses.
    print(f"slotgate serves `{root}`\n  open {url}\n  stop with Ctrl-C", flush=True)  # noqa: T201  likewise
