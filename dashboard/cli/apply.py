"""Put an approved change request in force.

exit codes: 0 in force · 1 refused · 2 wrong usage · 4 home unusable · 5 somebody else's change came first
"""

from argparse import ArgumentParser, Namespace

from dashboard.cli.guarded import add_home, add_token, opened, report


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("request", type=int, metavar="N", help="the change request")
    add_token(parser)
    add_home(parser)


def execute(arguments: Namespace) -> int:
    """Apply it."""
    with opened(arguments) as guarded:
        return report(guarded.service.apply(guarded.actor(arguments), arguments.request), arguments)
