"""Look at the controls: as they stand, as they came to be, what waits for somebody and what is owed.

  show            the newest revision, what is in force, open requests, what is owed
  history         every revision, oldest first
  diff A B        what revision B changed against A
  request N       one change request, with the digest that an approver signs
  owed            reasons and reviews that are owed
  give ID         give one, with --reason

exit codes: 0 shown · 1 no such entry · 2 wrong usage · 4 home unusable, or control file not the newest
"""

import json
from argparse import ArgumentParser, Namespace
from typing import Any

from dashboard.cli.guarded import (
    Guarded,
    add_home,
    add_token,
    home_of,
    looked_into,
    opened,
    put,
    say,
    write,
)
from dashboard.documents import controls as documents
from gates.controls.instant import timestamp
from gates.controls.reader import ControlFile
from gates.errors import StoreError
from gates.home import Home
from gates.policy.intent import Mode
from gates.store.rows import OwedRow, RequestRow, RevisionRow
from gates.verdict.wording import count

NOT_THE_NEWEST = 4


def configure(parser: ArgumentParser) -> None:
    """Declare the words."""
    words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
    for name in ("show", "history", "owed"):
        add_home(words.add_parser(name))
    pair = words.add_parser("diff")
    pair.add_argument("before", type=int, metavar="A")
    pair.add_argument("after", type=int, metavar="B")
    add_home(pair)
    request = words.add_parser("request")
    request.add_argument("number", type=int, metavar="N")
    add_home(request)
    give = words.add_parser("give")
    give.add_argument("owed", type=int, metavar="ID")
    give.add_argument("--reason", required=True)
    add_token(give)
    add_home(give)


def execute(arguments: Namespace) -> int:
    """Look, or give."""
    if arguments.word == "give":
        with opened(arguments) as guarded:
            guarded.service.give(guarded.actor(arguments), arguments.owed, arguments.reason)
        write(json.dumps({"given": arguments.owed}) if arguments.json else "given; thank you")
        return 0
    if arguments.word == "show":
        return _show_even_without_store(arguments)
    with looked_into(arguments) as guarded:
        match arguments.word:
            case "history":
                rows = guarded.service.revisions()
                _print(
                    arguments,
                    {"revisions": [documents.revision(row) for row in rows]},
                    map(_revision_line, rows),
                )
            case "owed":
                owed = guarded.service.owed()
                _print(arguments, {"owed": [documents.debt(row) for row in owed]}, map(_debt_line, owed))
            case "diff":
                deltas = documents.difference(guarded.service, arguments.before, arguments.after)
                _print(arguments, {"deltas": deltas}, (f"{d['direction']}: {d['words']}" for d in deltas))
            case _:
                row = guarded.service.request(arguments.number)
                record = documents.request(row)
                _print(arguments, record, [json.dumps(record, ensure_ascii=False, indent=2)])
    return 0


def _show_even_without_store(arguments: Namespace) -> int:
    """Where the store cannot be used, what executors obey is said all the same; then that error."""
    try:
        with looked_into(arguments) as guarded:
            return _show(guarded, arguments)
    except StoreError:
        say(f"by the control file: {_obeyed(home_of(arguments))}")
        raise


def _obeyed(home: Home) -> str:
    controls = ControlFile(home.control_file).current()
    stopped = controls.unknown or controls.killed
    if stopped is not None:
        return f"whoever reads it as this user is stopped: {stopped}"
    return f"LIVE, revision {controls.revision}, feature {_on(controls.feature)}, percent {controls.percent}"


def _show(guarded: Guarded, arguments: Namespace) -> int:
    found = documents.standing_of(guarded.service, guarded.home)
    newest, doc, mode = found.newest, found.newest.after, found.mode
    _print(
        arguments,
        documents.standing(found),
        [
            f"{'LIVE' if found.why is None else f'STOPPED: {found.why}'}",
            f"environment {doc['environment']}, revision {newest.revision} by {newest.actor_id}",
            f"stage {newest.stage}, step {newest.step}",
            f"kill {_on(doc['kill'])}, feature {_on(doc['feature'])}, percent {doc['percent']}",
            f"allowlist {_on(doc['allowlist']['enabled'])}, {count(len(doc['allowlist']['rules']), 'rule')}",
            f"mode {mode}" + ("" if mode is Mode.ENFORCE else ": it does not protect"),
            *(_request_line(row) for row in found.requests),
            *(_debt_line(row) for row in found.owed),
        ],
    )
    if found.unreviewed is None:
        return 0
    say(found.unreviewed)
    return NOT_THE_NEWEST


def _print(arguments: Namespace, record: Any, lines: Any) -> None:
    if arguments.json:
        put(record)
        return
    for line in lines:
        write(line)


def _revision_line(row: RevisionRow) -> str:
    request = "" if row.request_number is None else f", request {row.request_number}"
    at = timestamp(row.effective_at_ns)
    return f"{row.revision:>5}  {at}  {row.kind:<9} {row.step:<16} by {row.actor_id}{request}"


def _request_line(row: RequestRow) -> str:
    return f"request {row.number} ({row.kind}) by {row.requester} is {row.state.value}: {row.reason}"


def _debt_line(row: OwedRow) -> str:
    what = "the reason for a kill" if row.kind == "reason" else "the review of a break-glass release"
    whose = f"revision {row.revision}, by {row.operator_id}"
    return f"owed {row.owed_id}: {what}, {whose}, due {timestamp(row.due_ns)}"


def _on(value: bool) -> str:
    return "on" if value else "off"
