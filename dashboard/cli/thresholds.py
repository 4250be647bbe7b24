"""What verdicts are judged by, and how it is changed.

  show             the thresholds.v1 document in force; edit a copy of it to propose others
  history          every version, who put it in force, and by which request
  propose FILE     ask for a document. One that is only stricter is in force at once, by one person; one
                   that asks less anywhere takes two, like a widening: approve it, then apply it

The `number` in a document is the version it was made over; in force it gets the next one.

exit codes: 0 shown, done or requested · 1 refused · 2 wrong usage · 3 no such document · 4 home unusable ·
5 the thresholds moved on
"""

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from dashboard.cli.guarded import (
    add_home,
    add_terms,
    add_token,
    looked_into,
    opened,
    put,
    report,
    terms_of,
    write,
)
from dashboard.documents import thresholds as documents
from gates.controls.instant import timestamp
from gates.errors import InvalidChange
from gates.store.review_rows import ThresholdsRow
from gates.verdict.document import document_of
from schemas import check


def configure(parser: ArgumentParser) -> None:
    """Declare the words."""
    words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
    add_home(words.add_parser("show", help="the document in force"))
    add_home(words.add_parser("history", help="every version"))
    propose = words.add_parser("propose", help="ask for another document")
    propose.add_argument("file", type=Path, metavar="FILE", help="a thresholds.v1 document")
    add_terms(propose)
    add_token(propose)
    add_home(propose)


def execute(arguments: Namespace) -> int:
    """Show or change them."""
    if arguments.word == "propose":
        document = _read(arguments.file)
        with opened(arguments) as guarded:
            actor, terms = guarded.actor(arguments), terms_of(arguments)
            return report(guarded.service.propose_thresholds(actor, document, terms), arguments)
    with looked_into(arguments) as guarded:
        current, versions = guarded.service.thresholds(), guarded.service.thresholds_history()
    if arguments.word == "history":
        if arguments.json:
            put({"versions": [documents.version(one) for one in versions]})
        else:
            write("version 0: the defaults")
            for one in versions:
                write(_words(one))
    elif arguments.json:
        put(document_of(current))
    else:
        write(json.dumps(document_of(current), indent=2))
    return 0


def _read(path: Path) -> Any:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidChange(f"`{path}` cannot be read: {(error.strerror or 'failed').lower()}") from error
    return check.parse("thresholds.v1", data)


def _words(one: ThresholdsRow) -> str:
    how = "stricter, alone" if one.request_number is None else f"request {one.request_number}"
    return f"version {one.version_number}: {timestamp(one.at_ns)} by {one.actor_id}, {how}"
