"""A live, realistic rollout with the dashboard, to look at and to play with.

Makes a home with some days of synthetic history through every stage, or continues the one that is
there, starts a stand-in for the model's server on loopback, keeps running jobs against it, and
serves the dashboard. Jobs are run by `slotgate run` and, with Node 18 or newer on PATH, by a Node
script under `slotgate exec`. No model is called and no key is used. Ctrl-C stops all of it. A home
that was left half made, or made by an earlier slotgate, is made anew.

exit codes: 0 stopped; 1 the server did not start; 2 wrong usage; 4 the port is in use, the folder is
no home of the demo, another demo has it, or it cannot be used (locked, unreadable, full).
"""

import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from dashboard.cli.output import say
from dashboard.cli.places import place
from dashboard.cli.serve import PORT


def configure(parser: ArgumentParser) -> None:
    """The options of `slotgate demo`."""
    parser.add_argument("--home", type=place, default=Path(".demo"), help="(default: %(default)s)")
    parser.add_argument("--port", type=int, default=PORT, help="0 takes a free one (default: %(default)s)")


def execute(arguments: Namespace) -> int:
    """Run the demo until stopped."""
    from dashboard.auth.access import open_access
    from dashboard.auth.config import SignIn
    from dashboard.demo.home import held, prepare
    from dashboard.demo.links import invite
    from dashboard.demo.live import live
    from dashboard.demo.node import in_words, node_in
    from dashboard.demo.notice import notice
    from dashboard.demo.openai_stub import StubServer
    from dashboard.server.address import loopback_address
    from dashboard.server.opening import open_seat
    from dashboard.server.serve import serve

    address = loopback_address("127.0.0.1", arguments.port)
    root = arguments.home.resolve()
    with held(root):
        prepared = prepare(root, _told, say)
        if prepared.jobs:
            say(f"ran {prepared.jobs:,} jobs of synthetic history into `{arguments.home}`")
        else:
            say(f"continuing the demo in `{arguments.home}`")
        node = node_in(os.environ)
        say(f"jobs are run by {in_words(node)}")
        seat = open_seat(prepared.home, notice(node))
        access = open_access(prepared.home, prepared.home.store, address.door, SignIn())
        with (
            StubServer() as server,
            live(prepared.home, seat.store, server, os.environ, node, say) as (begin, part),
        ):

            def announce() -> None:
                begin()
                say(f"open {address.url}\nstop with Ctrl-C")
                invite(access, address.url, say)
                say(f"to see what the demo's people see: slotgate review --home {arguments.home}")

            try:
                serve(address, seat, announce, access, part=part)
            finally:
                say("stopping: letting the last runs end")
    return 0


def _told(part: float) -> None:
    """A line that grows, on a terminal only."""
    if sys.stderr.isatty():
        end = "\n" if part >= 1 else ""
        print(f"\rmaking a history to look at: {part:4.0%}", end=end, file=sys.stderr, flush=True)  # noqa: T201  it grows in place
