"""Ask for the release of the kill switch: a change request for two people.

With --break-glass one person releases it alone, at once and for 60 minutes; then every executor
kills again by itself, whatever runs or does not, and a review by somebody is owed.

exit codes: 0 requested or released · 1 refused · 2 wrong usage · 4 home unusable · 5 conflict
"""

from argparse import ArgumentParser, Namespace

from dashboard.cli.guarded import add_home, add_terms, add_token, opened, report, terms_of


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--break-glass", action="store_true", help="alone, at once, for 60 minutes")
    add_terms(parser)
    add_token(parser)
    add_home(parser)


def execute(arguments: Namespace) -> int:
    """Release it, or ask for it."""
    with opened(arguments) as guarded:
        actor, terms = guarded.actor(arguments), terms_of(arguments)
        release = guarded.service.break_glass if arguments.break_glass else guarded.service.unkill
        return report(release(actor, terms), arguments)
