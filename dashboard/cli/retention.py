"""How long raw lines are kept: 30 days, unless an admin says otherwise. What they counted stays.

  show                            the setting, since when lines are kept, what goes next, and what keeps it
  set --days N [--archive on|off] keep another number of days (7 to 36500), by an admin, with a reason; with
                                  the archive, lines go into files of the home first, a month at a time
  run                             delete what may go now; `slotgate serve` does it by itself, once an hour

Keeping less destroys what nobody can bring back: it is in force a day after it was set. Whatever the days,
lines of the current stay, of the newest kill, of open requests, drills, a ROLL BACK that waits and reviews
that are owed stay, and the last 24 h with lines. Where the clock stands far ahead of the last pass, nothing
goes for days; `--clock-is-right` says that somebody looked at it. docs/runbook.md says more.

exit codes: 0 shown, set or done, also where there was nothing to delete · 1 refused, or the archive cannot
be written · 2 wrong usage · 3 no such setting, or no reason · 4 the home or its telemetry cannot be used, or
what must be kept cannot be told
"""

import time
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from dashboard.cli.guarded import Guarded, add_home, add_token, looked_into, opened, put, write
from gates.changes.retaining import DELAY_NS, FEWEST_DAYS, MOST_DAYS, Kept, Retention
from gates.controls.instant import timestamp

if TYPE_CHECKING:
    from ingest.retention.standing import Standing


def configure(parser: ArgumentParser) -> None:
    """Declare the words."""
    words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
    add_home(words.add_parser("show", help="the setting, and what goes next"))
    change = words.add_parser("set", help="keep another number of days")
    change.add_argument(
        "--days", type=int, metavar="N", help=f"{FEWEST_DAYS} to {MOST_DAYS}; default: as it is"
    )
    change.add_argument(
        "--archive", choices=["on", "off"], help="keep older lines in files; default: as it is"
    )
    change.add_argument("--reason", default="", help="why")
    add_token(change)
    add_home(change)
    run = words.add_parser("run", help="delete what may go now")
    run.add_argument("--clock-is-right", action="store_true", help="somebody looked at the clock")
    add_home(run)


def execute(arguments: Namespace) -> int:
    """Show, set or do it."""
    if arguments.word == "set":
        return _set(arguments)
    return _run(arguments) if arguments.word == "run" else _show(arguments)


def _set(arguments: Namespace) -> int:
    with opened(arguments) as guarded:
        archive = None if arguments.archive is None else arguments.archive == "on"
        found = guarded.service.set_retention(
            guarded.actor(arguments), arguments.reason, days=arguments.days, archive=archive
        )
    if arguments.json:
        put(_record(found))
    else:
        write(_said(found))
    return 0


def _run(arguments: Namespace) -> int:
    from dashboard.retention.gathering import retain_request
    from dashboard.telemetry.at_home import HomeTelemetry

    with looked_into(arguments) as guarded:
        request = retain_request(
            guarded.home, guarded.service, time.time_ns(), trusts_clock=arguments.clock_is_right
        )
    done = HomeTelemetry(guarded.home).retain(request)
    if arguments.json:
        deleted = done.passed.deleted
        put(
            {
                "deleted": {
                    "timed": deleted.timed,
                    "untimed": deleted.untimed,
                    "quarantined": deleted.quarantined,
                },
                "files": done.files,
                "before": None
                if done.passed.bound is None
                else timestamp(max(0, done.passed.bound.before_ns)),
                "whole": done.passed.is_whole,
                "said": done.words,
            }
        )
    else:
        write(done.words)
    return 0


def _show(arguments: Namespace) -> int:
    from dashboard.telemetry.at_home import HomeTelemetry

    with looked_into(arguments) as guarded:
        setting = guarded.service.retention()
        found = HomeTelemetry(guarded.home).retention()
        before, why = _next(guarded, found)
    if arguments.json:
        put({**_record(setting), "telemetry": found.as_record(), "next": {"before": before, "why": why}})
        return 0
    write(_said(setting))
    write(found.words)
    write(f"nothing goes: {why}" if before is None else f"next, lines before {before[:10]} go: {why}")
    if found.said is not None and found.passed_ns is not None:
        write(f"last pass, {timestamp(found.passed_ns)}: {found.said}")
    return 0


def _next(guarded: Guarded, found: "Standing") -> tuple[str | None, str]:
    """Before when lines go next, and why not later; null where none goes, and why."""
    from dashboard.retention.gathering import retain_request
    from ingest.errors import IngestError
    from ingest.retention.bound import Facts, bound

    now_ns = time.time_ns()
    try:
        request = retain_request(guarded.home, guarded.service, now_ns)
    except IngestError as error:
        return None, str(error)
    facts = Facts(
        now_ns=now_ns,
        days=request.order.days,
        needs=request.order.needs,
        newest_ns=None if found.newest_ns is None else min(found.newest_ns, now_ns),
        whole_months=request.archive,
    )
    next_ = bound(facts)
    return timestamp(max(0, next_.before_ns)), next_.why


def _record(found: Retention) -> dict[str, Any]:
    kept = found.in_force(time.time_ns())
    return {
        "version": found.version,
        "wanted": {"days": found.wanted.days, "archive": found.wanted.archive},
        "inForce": {"days": kept.days, "archive": kept.archive},
        "by": found.actor_id,
        "at": timestamp(found.at_ns) if found.version else None,
    }


def _said(found: Retention) -> str:
    kept = found.in_force(time.time_ns())
    words = f"raw lines of {_words(kept)}"
    if kept != found.wanted:
        words += f"; from {timestamp(found.at_ns + DELAY_NS)} on those of {_words(found.wanted)}"
    return f"{words}, version {found.version}" + (f", by {found.actor_id}" if found.actor_id else "")


def _words(kept: Kept) -> str:
    return f"{kept.days} days, older ones in the archive" if kept.archive else f"{kept.days} days"
