"""Ask for a change of the controls. One that only narrows takes effect at once.

A narrowing from a shell with access to the home needs no token; it is recorded as the OS user.
Everything else needs your personal token, a reason and the link of the decision.

exit codes: 0 done or requested · 1 refused · 2 wrong usage · 3 invalid change · 4 home unusable · 5 conflict
"""

from argparse import ArgumentParser, Namespace

from dashboard.cli.guarded import (
    UnusableStore,
    add_home,
    add_terms,
    add_token,
    home_of,
    opened,
    os_actor,
    report,
    service_of,
    terms_of,
)
from dashboard.cli.wanted import add_change, patch_of
from gates.controls.publish import Publisher
from gates.errors import GateError, InvalidChange, ModeUnknown, RequestConflict, StoreError, UnknownEntry


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    add_change(parser)
    add_terms(parser)
    parser.add_argument("--exception", metavar="WHY", help="go on under NOT ENOUGH DATA, and why")
    parser.add_argument(
        "--broadening-not-needed", metavar="WHY", help="go to 100 without broadening, and why"
    )
    parser.add_argument(
        "--base", type=int, metavar="REVISION", help="the revision you saw; default: the newest"
    )
    parser.add_argument("--edit", type=int, metavar="N", help="replace the content of the open request N")
    add_token(parser)
    add_home(parser)


def execute(arguments: Namespace) -> int:
    """Propose, edit or narrow."""
    try:
        with opened(arguments) as guarded:
            newest = guarded.service.newest()
            patch, terms = patch_of(arguments, newest.after), terms_of(arguments)
            if not guarded.has_token(arguments) and guarded.service.only_narrows(patch):
                return report(guarded.service.propose_narrowing(os_actor(), patch, terms), arguments)
            actor = guarded.actor(arguments)
            if arguments.edit is None:
                answer = guarded.service.propose(actor, patch, terms, arguments.base)
            else:
                seen = guarded.service.request(arguments.edit).content_digest
                answer = guarded.service.edit(actor, arguments.edit, patch, terms, seen)
            return report(answer, arguments)
    except (StoreError, ModeUnknown, RequestConflict, UnknownEntry) as error:
        return _without_store(arguments, error)


def _without_store(arguments: Namespace, error: GateError) -> int:
    """Narrow all the same: down is always open. What would add is left out of it."""
    home = home_of(arguments)
    document = Publisher(home, _no_clock).in_force().document
    if document is None or arguments.edit is not None:
        raise error
    try:
        patch = patch_of(arguments, document)
        service = service_of(home, UnusableStore(StoreError(str(error))))
        answer = service.narrow(os_actor(), patch, arguments.reason)
    except InvalidChange:
        raise error from None
    if answer.revision is None and Publisher(home, _no_clock).in_force().document is not None:
        raise error  # nothing in it narrows: it needs the store
    return report(answer, arguments)


def _no_clock() -> int:
    return 0
