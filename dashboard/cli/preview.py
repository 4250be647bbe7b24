"""What a change would do to the jobs seen lately: newly admitted, expelled, newly reachable scope.

Name the change as for `propose`, or the number of a request. Counted are the distinct jobs of the 24 h
before the newest line of the home's telemetry, exactly where the telemetry shows that a job reached
its bucket; every other job is part of an upper bound. Where the telemetry cannot be read it says why.

exit codes: 0 shown · 2 wrong usage · 3 invalid change · 4 home unusable
"""

from argparse import ArgumentParser, Namespace

from dashboard.cli.guarded import add_home, opened, put, write
from dashboard.cli.wanted import add_change, patch_of
from dashboard.documents.previews import preview
from gates.controls.instant import timestamp


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
        put(preview(found))
        return 0
    for delta in found.deltas:
        write(f"{delta.direction.lower()}: {delta.words}")
    write(found.sentence)
    if found.until_ns is not None:
        write(f"jobs of the {found.hours:.1f} h up to {timestamp(found.until_ns)}")
    if found.admitted_per_hour is not None:
        write(f"newly admitted per hour: {'' if found.exact else 'at most '}{found.admitted_per_hour:.2f}")
    for words in found.scope:
        write(f"newly reachable: {words}")
    return 0
