"""What `slotgate budget` and `slotgate prices` have in common: one document each, shown or set."""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dashboard.cli.guarded import (
    Guarded,
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
from dashboard.documents import spending as documents
from gates.changes.spending import CONTRACT, SpendingDocument
from gates.controls.instant import timestamp
from gates.errors import InvalidChange
from schemas import check

Today = Callable[[Guarded], tuple[list[dict[str, Any]], list[str]]]
"""What is known of today, as JSON has it and in words."""


def configure_words(parser: ArgumentParser, document: str) -> None:
    """Declare `show` and `set FILE`."""
    words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
    add_home(words.add_parser("show", help="the document in force"))
    change = words.add_parser("set", help="put another document in force")
    change.add_argument("file", type=Path, metavar="FILE", help=document)
    add_terms(change)
    add_token(change)
    add_home(change)


def show_or_set(arguments: Namespace, name: SpendingDocument, today: Today | None = None) -> int:
    """Run the word that was given; the exit code."""
    if arguments.word == "set":
        document = _read(arguments.file, name)
        with opened(arguments) as guarded:
            actor, terms = guarded.actor(arguments), terms_of(arguments)
            return report(guarded.service.change_spending(actor, name, document, terms), arguments)
    with looked_into(arguments) as guarded:
        found = documents.held(guarded.service, name)
        known, said = ([], []) if today is None or found is None else today(guarded)
    if arguments.json:
        put({**documents.document(found), **({} if today is None else {"today": known})})
        return 0
    if found is None:
        write(f"no {name.value} is set; `slotgate {name.value} set FILE` sets one")
        return 0
    write(json.dumps(dict(found.document), indent=2))
    write(f"version {found.version}, {timestamp(found.at_ns)} by {found.actor_id}")
    for words in said:
        write(words)
    return 0


def _read(path: Path, name: SpendingDocument) -> Any:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidChange(f"`{path}` cannot be read: {(error.strerror or 'failed').lower()}") from error
    return check.parse(CONTRACT[name], data)
