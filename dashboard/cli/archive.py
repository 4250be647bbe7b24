"""`slotgate ingest archive`: what lies in the monthly archive, is it whole, and a month into it by hand."""

import os
import re
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.cli.guarded import add_home, looked_into
from dashboard.cli.home import home_asked
from dashboard.cli.output import say, say_json
from dashboard.cli.tables import table
from dashboard.cli.words import counted

if TYPE_CHECKING:
    from ingest.archive.looking import Archive

_NOT_WHOLE = 1
_STAYS = 1
_NOT_ALL = 1


def configure(parser: ArgumentParser) -> None:
    """Declare `list`, `verify`, `write` and `adopt`."""
    actions = parser.add_subparsers(dest="of_archive", required=True, metavar="list|verify|write|adopt")
    add_home(actions.add_parser("list", help="every part, and whether it is in its place"))
    add_home(actions.add_parser("verify", help="the same, after every byte was read"))
    writing = actions.add_parser("write", help="move the lines of a month that retention no longer keeps")
    writing.add_argument("--month", type=_month, required=True, metavar="YYYY-MM", help="of line times, UTC")
    writing.add_argument("--clock-is-right", action="store_true", help="somebody looked at the clock")
    add_home(writing)
    add_home(
        actions.add_parser("adopt", help="put files on record that a fresh telemetry file does not know")
    )


def execute(arguments: Namespace) -> int:
    """Run `slotgate ingest archive`; 1 where not all is as it was asked for or should be."""
    match arguments.of_archive:
        case "write":
            return _write(arguments)
        case "adopt":
            return _adopt(arguments)
        case _:
            return _look(arguments)


def _adopt(arguments: Namespace) -> int:
    from dashboard.telemetry.at_home import HomeTelemetry

    home = home_asked(arguments.home, os.environ, Path.cwd())
    found = HomeTelemetry(home).adopt_archive() if home.archive.exists() else ()
    if arguments.json:
        say_json({"files": [one.as_record() for one in found]})
    else:
        words = [f"`{one.name}`: {one.why_not or f'{one.rows:,} rows on record'}" for one in found]
        say("\n".join(words or ["every file of the archive is on record"]))
    return _NOT_ALL if any(one.why_not is not None for one in found) else 0


def _write(arguments: Namespace) -> int:
    from dashboard.cli.progress import shown_progress
    from dashboard.retention.gathering import retain_request
    from dashboard.telemetry.at_home import HomeTelemetry
    from ingest.retention.bound import month_of

    with looked_into(arguments) as guarded:
        request = retain_request(
            guarded.home, guarded.service, time.time_ns(), trusts_clock=arguments.clock_is_right
        )
    of_month = replace(request, order=replace(request.order, month=arguments.month), archive=True)
    with shown_progress("parts that were written stand; write the same month again, and it goes on") as tell:
        done = HomeTelemetry(guarded.home, tell=tell).retain(of_month).passed
    may_go = done.bound is not None and arguments.month < month_of(max(0, done.bound.before_ns))
    rows = done.deleted.rows
    if rows:
        words = f"{counted(rows, 'row')} of {arguments.month} went into the archive"
    elif may_go:
        words = f"nothing of {arguments.month} is left to archive"
    else:
        words = f"{arguments.month} stays: {done.said if done.bound is None else done.bound.why}"
    if arguments.json:
        say_json({"month": arguments.month, "rows": rows, "whole": may_go and done.is_whole, "said": words})
    else:
        say(words)
    return 0 if may_go and done.is_whole else _STAYS


def _month(text: str) -> str:
    if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text, re.ASCII) is None:
        raise ArgumentTypeError(f"`{text}` is no month; write one as 2026-09")
    return text


def _look(arguments: Namespace) -> int:
    from dashboard.telemetry.at_home import HomeTelemetry
    from ingest.archive.looking import Depth

    depth = Depth.EVERY_BYTE if arguments.of_archive == "verify" else Depth.SIZE
    found = HomeTelemetry(home_asked(arguments.home, os.environ, Path.cwd())).archive(depth)
    if arguments.json:
        say_json(found.as_record())
    else:
        say("\n".join(_in_words(found)))
    return _NOT_WHOLE if found.missing else 0


def _in_words(found: "Archive") -> list[str]:
    from ingest.archive.looking import lines_of

    if not found.parts and not found.unrecorded:
        return ["nothing is archived; with `slotgate retention set --archive on` older lines go there"]
    rows = [
        (
            one.part.month or "no time",
            one.part.name,
            f"{one.part.rows:,}",
            f"{one.part.bytes:,}",
            one.wrong or "ok",
        )
        for one in found.parts
    ]
    said = table(("month", "part", "rows", "bytes", ""), rows, (2, 3)) if rows else []
    said.append(f"{counted(lines_of(found.parts), 'line')} in {counted(len(found.parts), 'part')}")
    if found.missing:
        said.append(
            f"{counted(lines_of(found.missing), 'line')} cannot be read: put "
            f"{counted(len(found.missing), 'part')} back as written, from a backup or from another disk"
        )
    if found.unrecorded:
        said.append(
            "not on record, and counted nowhere: " + ", ".join(f"`{name}`" for name in found.unrecorded)
        )
        said.append("`slotgate ingest archive adopt` counts those whose rows stand nowhere else")
    return said
