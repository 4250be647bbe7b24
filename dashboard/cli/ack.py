"""Acknowledge a ROLL BACK: its cause is known, and the rollout may be judged anew.

A ROLL BACK stands, whatever later lines say, until somebody on duty acknowledges it. That is refused
while the verdict of the revision in force still says ROLL BACK: narrow or kill first. Nothing is
released by it: what was narrowed stays narrow.

exit codes: 0 acknowledged · 1 refused · 2 wrong usage · 4 home unusable
"""

from argparse import ArgumentParser, Namespace

from dashboard.cli.guarded import add_home, add_token, opened, report


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--reason", required=True, help="what the cause was")
    add_token(parser)
    add_home(parser)


def execute(arguments: Namespace) -> int:
    """Acknowledge it."""
    with opened(arguments) as guarded:
        actor = guarded.actor(arguments)
        return report(guarded.service.acknowledge(actor, arguments.reason), arguments)
