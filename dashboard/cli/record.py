"""The decision record of a request, open or closed: a document that stands alone.

What changed, who asked for it, signed and applied it and when, reasons and comments, the frozen
evidence, what the rules said at each attempt, and every audit record with its leaf hash. --html prints a
page to keep or to print, --json everything whole; without either, it is told in short.

exit codes: 0 printed · 1 no such request · 2 wrong usage · 4 home unusable
"""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from typing import Any

from dashboard.cli.audit_words import printable
from dashboard.cli.guarded import add_home, looked_into, write


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("request", type=int, metavar="N", help="the change request")
    parser.add_argument("--html", action="store_true", help="one HTML page on stdout")
    add_home(parser)


def execute(arguments: Namespace) -> int:
    """Print it."""
    from dashboard.record.document import document_of
    from dashboard.record.page import page_of

    with looked_into(arguments) as guarded:
        document = document_of(guarded.service.request_file(arguments.request))
    if arguments.html:
        write(page_of(document).rstrip("\n"))
    elif arguments.json:
        write(json.dumps(document, ensure_ascii=False))
    else:
        for line in _in_short(document):
            write(printable(line))
    return 0


def _in_short(document: dict[str, Any]) -> Iterator[str]:
    asked, ended = document["asked"], document["ended"]
    yield f"request {document['request']} ({document['kind']}) is {document['state']}: {document['headline']}"
    for part in document["change"]["parts"]:
        yield f"  {part['direction'].lower()}: {part['words']}"
    yield f"asked by {asked['by']} at {asked['at']}: {asked['reason']} ({asked['decisionRecord']})"
    for one in document["signatures"]:
        counts = "" if one["ofThisContent"] else ", of an earlier content: it does not count"
        yield f"signed by {one['by']} at {one['at']}{counts}"
    if ended is not None:
        because = f": {ended['because']}" if ended["because"] else ""
        yield f"{ended['state']} by {ended['by']} at {ended['at']}{because}"
    for one in document["comments"]:
        yield f"{one['by']} at {one['at']}: {one['text']}"
    for one in document["history"]:
        yield f"record {one['record'] or '-'}  {one['at']}  {one['by']} {one['what']}"
