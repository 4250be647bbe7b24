"""Close a change request for good. Its requester may withdraw it so as well.

exit codes: 0 closed · 1 refused · 2 wrong usage · 3 no reason · 4 home unusable · 5 closed before
"""

from argparse import ArgumentParser, Namespace

from dashboard.cli.guarded import add_home, add_token, opened, put, write


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("request", type=int, metavar="N", help="the change request")
    parser.add_argument("--reason", required=True, help="why")
    add_token(parser)
    add_home(parser)


def execute(arguments: Namespace) -> int:
    """Close it."""
    with opened(arguments) as guarded:
        guarded.service.reject(guarded.actor(arguments), arguments.request, arguments.reason)
    if arguments.json:
        put({"request": arguments.request, "state": "rejected"})
    else:
        write(f"request {arguments.request} is rejected")
    return 0
