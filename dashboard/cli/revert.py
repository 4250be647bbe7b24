"""Undo the last change through the same boundary: at once where that narrows, else by a change request.

exit codes: 0 done or requested · 1 refused · 2 wrong usage · 3 nothing to undo · 4 home unusable · 5 conflict
"""

from argparse import ArgumentParser, Namespace

from dashboard.cli.guarded import add_home, add_terms, add_token, opened, report, terms_of


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    add_terms(parser)
    add_token(parser)
    add_home(parser)


def execute(arguments: Namespace) -> int:
    """Undo it."""
    with opened(arguments) as guarded:
        return report(guarded.service.revert(guarded.actor(arguments), terms_of(arguments)), arguments)
