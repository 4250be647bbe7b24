"""What a change would do to the jobs seen lately: newly admitted, expelled, newly reachable scope.

Name the change as for `propose`, or the number of a request.

exit codes: 0 shown · 2 wrong usage · 3 invalid change · 4 home unusable
"""

from argparse import ArgumentParser, Namespace

from dashboard.cli.guarded import add_home, opened, put, write
from dashboard.cli.wanted import add_change, patch_of


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("request", type=int, nargs="?", metavar="N", help="a change request")
    add_change(parser)
    add_home(parser)


def execute(arguments: Namespace) -> int:
    """Show it."""
    with opened(arguments) as guarded:
        service = guarded.service
        if arguments.request is not None:
            found = service.preview_request(arguments.request)
        else:
            found = service.preview(patch_of(arguments, service.newest().after))
    if arguments.json:
        put(
            {
                "sentence": found.sentence,
                "exact": found.exact,
                "seen": found.seen,
                "hours": found.hours,
                "admitted": list(found.admitted),
                "expelled": list(found.expelled),
                "perhapsAdmitted": found.perhaps_admitted,
                "admittedPerHour": found.admitted_per_hour,
                "scope": list(found.scope),
                "deltas": [delta.words for delta in found.deltas],
            }
        )
        return 0
    for delta in found.deltas:
        write(f"{delta.direction.lower()}: {delta.words}")
    write(found.sentence)
    for words in found.scope:
        write(f"newly reachable: {words}")
    return 0
