"""The drill of the kill: the rollback, tested on the real thing.

  kill             propose a drill over the controls in force: a request that somebody else approves
  kill N           run the approved request N: stop everything, wait until telemetry confirms it, bring
                   exactly the same controls back. Within 15 minutes, or it stays stopped
  list             every drill, and what came of it

Whatever goes wrong leaves everything stopped: telemetry that does not confirm, an interruption, anybody
else's change. A real `slotgate kill` meanwhile wins. On a quiet system run `slotgate probe` beside it, so
that there is something to confirm it by. The controls come back as a new revision, which is judged anew.

exit codes: 0 requested, restored or listed · 1 refused, or STILL STOPPED · 2 wrong usage · 3 no drill ·
4 home unusable · 5 somebody else came first; look whether everything is stopped · 130 interrupted: STOPPED
"""

import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable

from dashboard.cli.guarded import (
    Guarded,
    add_home,
    add_terms,
    add_token,
    looked_into,
    opened,
    put,
    report,
    say,
    terms_of,
    write,
)
from dashboard.documents import drills as documents
from gates.changes.drilling import Patience, timings
from gates.controls.instant import timestamp
from gates.store.review_rows import DrillRow, DrillState
from gates.verdict.verdict import KillConfirmation

_DEFAULT_WAIT_S, _LONGEST_WAIT_S = 600, 900


def configure(parser: ArgumentParser) -> None:
    """Declare the words."""
    words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
    kill = words.add_parser("kill", help="propose a drill, or run an approved one")
    kill.add_argument("request", type=int, nargs="?", metavar="N", help="the approved request")
    kill.add_argument(
        "--wait",
        type=_seconds,
        default=_DEFAULT_WAIT_S,
        metavar="SECONDS",
        help=f"for the confirmation; default {_DEFAULT_WAIT_S}, at most {_LONGEST_WAIT_S}",
    )
    add_terms(kill)
    add_token(kill)
    add_home(kill)
    add_home(words.add_parser("list", help="every drill"))


def execute(arguments: Namespace) -> int:
    """Propose, run or list."""
    if arguments.word == "list":
        with looked_into(arguments) as guarded:
            drills, stopped = guarded.service.drills(), bool(guarded.service.newest().after["kill"])
        if arguments.json:
            put({"drills": [documents.drill(one) for one in drills]})
        for one in () if arguments.json else drills:
            write(_words(one, stopped))
        return 0
    with opened(arguments) as guarded:
        actor, service = guarded.actor(arguments), guarded.service
        if arguments.request is None:
            return report(service.propose_drill(actor, terms_of(arguments)), arguments)
        patience = Patience(sleep=time.sleep, for_s=float(arguments.wait))
        answer = service.run_drill(actor, arguments.request, _telling(guarded), patience)
        return report(answer, arguments)


def _telling(guarded: Guarded) -> Callable[[], KillConfirmation]:
    """Ask the telemetry, and say on stderr what it answers whenever that has changed."""
    from dashboard.review.kills import confirmation
    from dashboard.telemetry.at_home import HomeTelemetry

    telemetry = HomeTelemetry(guarded.home)
    said: list[str] = []

    def ask() -> KillConfirmation:
        if not said:
            say("STOPPED for a drill; waiting for telemetry to confirm it (`slotgate probe` gives it lines)")
        found = confirmation(guarded.service, telemetry, time.time_ns)
        if found.state.value not in said[-1:]:
            say(found.sentence)
        said.append(found.state.value)
        return found

    return ask


def _seconds(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _LONGEST_WAIT_S:
        raise ArgumentTypeError(f"`{text}` is no number of seconds from 1 to {_LONGEST_WAIT_S}")
    return int(text)


def _words(one: DrillRow, stopped: bool) -> str:
    came = {
        DrillState.RUNNING: "runs, or was interrupted: everything is stopped until somebody releases it"
        if stopped
        else "was interrupted; the kill was released since",
        DrillState.RESTORED: f"a tested rollback, back after {timings(one)['endedAfterSeconds']} s",
        DrillState.LEFT_KILLED: "STILL STOPPED then",
    }[one.state]
    words = f": {one.words}" if one.words else ""
    return f"drill {one.drill_id}  {timestamp(one.began_at_ns)}  by {one.actor_id}  {came}{words}"
