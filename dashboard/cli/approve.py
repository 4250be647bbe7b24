"""Sign a change request as it stands: exactly its content, base revision and frozen evidence.

Look at it first with `slotgate controls request N` and `slotgate preview N`. With --digest only the
content of that digest is signed.

exit codes: 0 signed · 1 refused · 2 wrong usage · 4 home unusable · 5 closed, edited or void
"""

from argparse import ArgumentParser, Namespace

from dashboard.cli.guarded import add_home, add_token, opened, report


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("request", type=int, metavar="N", help="the change request")
    parser.add_argument("--digest", metavar="sha256:…", help="the content digest you looked at")
    add_token(parser)
    add_home(parser)


def execute(arguments: Namespace) -> int:
    """Sign it."""
    with opened(arguments) as guarded:
        actor = guarded.actor(arguments)
        return report(guarded.service.approve(actor, arguments.request, arguments.digest), arguments)
