"""`slotgate ingest quarantine`: list, show, and read again what looked like telemetry and was not valid."""

import json
import os
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dashboard.cli.guarded import add_token, opened
from dashboard.cli.home import home_asked
from dashboard.cli.output import say, say_json
from dashboard.cli.places import place
from dashboard.cli.words import counted

if TYPE_CHECKING:
    from ingest.quarantine import Held, Quarantine, RecordPlace

NOT_ALL = 1
_SHOWN = 20
_LONGEST_TARGET = 200


def configure(parser: ArgumentParser) -> None:
    """Declare `list`, `show` and `replay`."""
    from ingest.contract.outcomes import Cause

    actions = parser.add_subparsers(dest="of_quarantine", required=True, metavar="list|show|replay")
    listing = actions.add_parser("list", help="what is in quarantine, newest first")
    listing.add_argument("--cause", choices=[one.value for one in Cause], help="only this cause")
    listing.add_argument("--limit", type=int, default=_SHOWN, help=f"how many records (default: {_SHOWN})")
    listing.add_argument("--offset", type=int, default=0, help="leave out so many of the newest")
    show = actions.add_parser("show", help="one record with what was kept of it")
    show.add_argument("record", type=_place, metavar="RECORD", help="as `list` names it: 3:1024:0")
    again = actions.add_parser("replay", help="read records again, take in what is valid now")
    again.add_argument("records", nargs="*", type=_place, metavar="RECORD", help="as `list` names them")
    again.add_argument("--cause", choices=[one.value for one in Cause], help="every record of this cause")
    again.add_argument("--all", action="store_true", help="every record")
    again.add_argument("--reason", required=True, help="why; it is on record")
    add_token(again)
    for one in (listing, show, again):
        one.add_argument("--home", type=place, help="the home (default: SLOTGATE_HOME, else .slotgate)")
        one.add_argument("--json", action="store_true", help="one JSON object")


def execute(arguments: Namespace) -> int:
    """Run `slotgate ingest quarantine`."""
    match arguments.of_quarantine:
        case "list":
            return _list(arguments)
        case "show":
            return _show(arguments)
        case _:
            return _replay(arguments)


def _list(arguments: Namespace) -> int:
    from dashboard.documents import quarantine as documents
    from ingest.contract.outcomes import Cause
    from ingest.quarantine import QuarantineQuestion

    cause = Cause(arguments.cause) if arguments.cause else None
    found = _asked(arguments, QuarantineQuestion(cause=cause, limit=arguments.limit, offset=arguments.offset))
    if arguments.json:
        say_json(documents.listed(found))
        return 0
    said = [f"{counted(found.count, 'record')} in quarantine"]
    said += [
        f"  {one.cause:<19}  {counted(one.records, 'record')}, {one.claims_openai:,} say path openai"
        for one in found.causes
    ]
    for one in found.records:
        said += ["", *_words(one)]
    if found.records:
        said += ["", "`slotgate ingest quarantine show RECORD` shows what was kept of one"]
    say("\n".join(said))
    return 0


def _show(arguments: Namespace) -> int:
    from dashboard.documents import quarantine as documents
    from gates.errors import UnknownEntry
    from ingest.quarantine import QuarantineQuestion

    found = _asked(arguments, QuarantineQuestion(place=arguments.record, limit=1)).records
    if not found:
        raise UnknownEntry(
            f"no record `{arguments.record}` is in quarantine; `slotgate ingest quarantine list` names them"
        )
    held = found[0]
    record = documents.whole(held)
    if arguments.json:
        say_json(record)
        return 0
    verdict = "valid: `replay` takes it in" if record["valid_now"] else f"not valid: {record['today']}"
    kept = record["raw"]
    say("\n".join((*_words(held), f"  for today's parser: {verdict}", f"  kept, {held.size:,} bytes:", kept)))
    return 0


def _replay(arguments: Namespace) -> int:
    from dashboard.documents import quarantine as documents
    from dashboard.telemetry.at_home import HomeTelemetry
    from gates.errors import InvalidChange
    from ingest.contract.outcomes import Cause
    from ingest.quarantine import Became, ReplayRequest

    named: list[RecordPlace] = arguments.records
    if sum((bool(named), arguments.cause is not None, arguments.all)) != 1:
        raise InvalidChange("name records, or a --cause, or --all: exactly one of them")
    cause = Cause(arguments.cause) if arguments.cause else None
    target = ", ".join(map(str, named)) or f"every record of {cause}" if not arguments.all else "every record"
    with opened(arguments) as guarded:
        guarded.service.ask_replay(guarded.actor(arguments), target[:_LONGEST_TARGET], arguments.reason)
    home = home_asked(arguments.home, os.environ, Path.cwd())
    answers = HomeTelemetry(home).replay(ReplayRequest(places=tuple(named), cause=cause))
    if arguments.json:
        say_json(documents.replayed(answers))
    else:
        by = [(became, sum(one.became is became for one in answers)) for became in Became]
        totals = ", ".join(f"{count:,} {became}" for became, count in by if count)
        said = [f"  {one.place}  {one.became}: {one.why}" for one in answers]
        say("\n".join((*said, f"{counted(len(answers), 'record')} read again: {totals or 'nothing to do'}")))
    settled = (Became.ACCEPTED, Became.DUPLICATE, Became.ALREADY_IN)
    return 0 if all(one.became in settled for one in answers) else NOT_ALL


def _asked(arguments: Namespace, question: Any) -> "Quarantine":
    from dashboard.telemetry.at_home import HomeTelemetry

    return HomeTelemetry(home_asked(arguments.home, os.environ, Path.cwd())).quarantine(question)


def _words(held: "Held") -> list[str]:
    from ingest.instants import rfc3339

    where = f"{json.dumps(held.source, ensure_ascii=False)} offset {held.place.line_offset}"
    claims = ", says path openai" if held.claims_openai else ""
    still = ", its line is still open" if held.is_open else ""
    return [
        f"{held.place}  {held.cause}{claims}{still}",
        f"  {held.detail}",
        f"  {where} ({held.trust}), {rfc3339(held.line_time_ns) or 'no time'}",
    ]


def _place(spelled: str) -> "RecordPlace":
    from ingest.quarantine import RecordPlace

    found = RecordPlace.of(spelled)
    if found is None:
        raise ArgumentTypeError(f"`{spelled}` names no record; it looks like 3:1024:0")
    return found
