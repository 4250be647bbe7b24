"""Who is signed in to the dashboard, and the end of a session.

  list             the sessions that are good for anything, and how each was opened
  end NAME         ends the sessions of a person at once, or one by the first letters of its id

Ending takes away, so whoever may write the home may do it. An ended session does not even stop; one
that ran out still does, for seven days.

exit codes: 0 done · 1 there is no such session · 2 wrong usage · 4 home unusable
"""

import time
from argparse import ArgumentParser, Namespace
from typing import Any

from dashboard.cli.guarded import add_home, home_of, os_actor, put, say, write
from dashboard.cli.operators import operator_id
from dashboard.documents import people as documents
from gates.controls.instant import timestamp
from gates.errors import GateError, HomeError


def configure(parser: ArgumentParser) -> None:
    """Declare the words."""
    words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
    add_home(words.add_parser("list", help="who is signed in"))
    end = words.add_parser("end", help="end sessions")
    end.add_argument("who", metavar="NAME", help="a person, or the id that `list` shows")
    add_home(end)


def execute(arguments: Namespace) -> int:
    """Show or end them."""
    from dashboard.auth.chosen import good_for_something, meant
    from dashboard.auth.sessions import Sessions

    home, now_ns = home_of(arguments), time.time_ns()
    sessions = Sessions(home.root / "sessions")
    try:
        if arguments.word == "list":
            _show(good_for_something(sessions, now_ns), arguments, now_ns)
            return 0
        who = arguments.who
        wanted = meant(sessions, who, operator_id(who), now_ns)
        for one in wanted:
            sessions.revoke(one.name)
    except OSError as error:
        words = f"the sessions of `{home.root}` cannot be used: {error.strerror}; make them writable"
        raise HomeError(words) from error
    if not wanted:
        say(f"nobody of that name is signed in: `{who}`; `slotgate sessions list`")
        return 1
    _note(arguments, [one.operator_id for one in wanted])
    put({"ended": len(wanted)}) if arguments.json else write(f"sessions ended: {len(wanted)}")
    return 0


def _show(found: list[Any], arguments: Namespace, now_ns: int) -> None:
    if arguments.json:
        put({"sessions": [documents.session(one, now_ns) for one in found]})
        return
    for one in found:
        write(
            f"{one.name[: documents.SHOWN]}  {one.operator_id}  by {one.method}  {one.standing(now_ns)}, "
            f"seen {timestamp(one.seen_ns)}, expires {timestamp(one.expires_ns)}"
        )


def _note(arguments: Namespace, people: list[str]) -> None:
    from dashboard.cli.guarded import looked_into
    from gates.store.rows import AuditEntry

    try:
        with looked_into(arguments) as guarded, guarded.store.begin() as tx:
            for person in people:
                tx.audit.append(
                    AuditEntry(
                        time_ns=time.time_ns(),
                        actor=os_actor().actor_id,
                        roles=(),
                        action="end session",
                        target=person,
                        mode=tx.settings.get("mode"),
                        environment=tx.settings.get("environment"),
                    )
                )
    except GateError as error:
        say(f"not on record: {error}")
