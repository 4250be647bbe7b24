"""Who is told what happens here: webhooks, PagerDuty, Slack (docs/notifications.md).

  list             the receivers, and what each is told; never their secrets
  add NAME         tell somebody from now on; takes an admin, and is on record. The secret comes from a
                   file: of a webhook `whsec_…` (made, and shown once, without a file), of PagerDuty the
                   integration key, of Slack the address of the incoming webhook
  remove NAME      tell it nothing any more; takes an admin, and is on record
  test NAME        send it a test now, from here
  status           what waits for each, and what could not be delivered

The receivers are told while `slotgate serve` runs, from the audit chain. Without --event a receiver gets
the alerts: kills, releases, changes of the controls, ROLL BACK, budget warnings.

exit codes: 0 done · 1 refused, no such receiver, or the test was not taken · 2 wrong usage ·
3 notify.json cannot be used · 4 home unusable
"""

import sys
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path

from dashboard.cli.guarded import add_home, add_token, home_of, looked_into, opened, put, say, write
from gates.controls.instant import timestamp
from gates.errors import HomeError

KINDS = ("webhook", "pagerduty", "slack")
_REFUSED = 1
_LONGEST_SECRET = 4_096


def configure(parser: ArgumentParser) -> None:
    """Declare the words."""
    words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
    add_home(words.add_parser("list", help="who is told what"))
    add = words.add_parser("add", help="tell somebody from now on")
    add.add_argument("name", metavar="NAME", help="small letters, digits and hyphens")
    add.add_argument("--kind", choices=KINDS, required=True, help="how it is told")
    add.add_argument("--url", help="the address of a webhook, or of another region of PagerDuty")
    add.add_argument("--secret-file", type=Path, metavar="FILE", help="its secret; `-` is stdin")
    add.add_argument("--event", action="append", metavar="TYPE", help="what it is told; may be repeated")
    add.add_argument("--allow-private", action="store_true", help="it may be on a private or local address")
    add.add_argument("--allow-http", action="store_true", help="it may be without TLS")
    add_home(add)
    add_token(add)
    remove = words.add_parser("remove", help="tell it nothing any more")
    remove.add_argument("name", metavar="NAME", help="as `list` shows it")
    add_home(remove)
    add_token(remove)
    test = words.add_parser("test", help="send a test now")
    test.add_argument("name", metavar="NAME", help="as `list` shows it")
    add_home(test)
    add_home(words.add_parser("status", help="what waits, and what failed"))


def execute(arguments: Namespace) -> int:
    """Do it."""
    match arguments.word:
        case "list":
            return _list(arguments)
        case "add":
            return _add(arguments)
        case "remove":
            return _remove(arguments)
        case "test":
            return _test(arguments)
        case _:
            return _status(arguments)


def _list(arguments: Namespace) -> int:
    from dashboard.notify.receivers import NAME, masked, read_receivers

    found = [masked(one) for one in read_receivers(home_of(arguments).root / NAME).receivers]
    if arguments.json:
        put({"receivers": found})
        return 0
    for one in found:
        write(f"{one['name']}  {one['kind']}  {one['url']}  {', '.join(one['events'])}")
    return 0


def _add(arguments: Namespace) -> int:
    from dashboard.notify.changing import add_receiver
    from dashboard.notify.receivers import masked
    from dashboard.notify.wanted import wanted

    secret = None if arguments.secret_file is None else _secret(arguments.secret_file)
    found, shown_once = wanted(
        arguments.name,
        arguments.kind,
        url=arguments.url,
        secret=secret,
        events=arguments.event,
        allow_private=arguments.allow_private,
        allow_http=arguments.allow_http,
    )
    with opened(arguments) as guarded:
        actor = guarded.actor(arguments)
        receiver = add_receiver(guarded.home, guarded.store, actor, found, time.time_ns)
    if arguments.json:
        put({"added": masked(receiver), "secret": shown_once})
        return 0
    write(f"`{receiver.name}` is told from now on: {', '.join(one.value for one in receiver.events)}")
    if shown_once is not None:
        write(f"secret, shown this once: {shown_once}")
    write(f"`slotgate notify test {receiver.name}` sends a test")
    return 0


def _remove(arguments: Namespace) -> int:
    from dashboard.notify.changing import remove_receiver

    with opened(arguments) as guarded:
        actor = guarded.actor(arguments)
        remove_receiver(guarded.home, guarded.store, actor, arguments.name, time.time_ns)
    if arguments.json:
        put({"removed": arguments.name})
    else:
        write(f"`{arguments.name}` is told nothing any more")
    return 0


def _test(arguments: Namespace) -> int:
    from dashboard.auth.config import NAME as SIGN_IN
    from dashboard.auth.config import sign_in_config
    from dashboard.notify.errors import UnknownReceiver
    from dashboard.notify.receivers import NAME, read_receivers
    from dashboard.notify.sending import HttpSender
    from dashboard.notify.telling import Told, tell
    from dashboard.notify.trial import trial_event

    home, now_ns = home_of(arguments), time.time_ns()
    receiver = read_receivers(home.root / NAME).named(arguments.name)
    if receiver is None:
        raise UnknownReceiver(f"there is no receiver `{arguments.name}`; `slotgate notify list` shows them")
    with looked_into(arguments) as guarded, guarded.store.read() as tx:
        environment = tx.settings.get("environment") or ""
    event = trial_event(environment, timestamp(now_ns))
    result = tell(HttpSender(), receiver, event, sign_in_config(home.root / SIGN_IN).public_url, now_ns)
    told = isinstance(result, Told)
    why = None if isinstance(result, Told) else result.why
    if arguments.json:
        put({"receiver": receiver.name, "told": told, "why": why})
    elif told:
        write(f"`{receiver.name}` took the test")
    else:
        say(f"`{receiver.name}` did not take the test: {why}")
    return 0 if told else _REFUSED


def _status(arguments: Namespace) -> int:
    from dashboard.notify.standing import standing

    try:
        found = standing(home_of(arguments).root)
    except OSError as error:
        said = (error.strerror or str(error)).lower()
        raise HomeError(f"what waits for receivers cannot be read: {said}; make it readable") from error
    if arguments.json:
        put({"receivers": [one.as_record() for one in found]})
        return 0
    for one in found:
        write(one.words)
        for failed in one.failed:
            write(f"  record {failed.seq} at {timestamp(failed.at_ns)}: {failed.why}")
    return 0


def _secret(path: Path) -> str:
    """What stands in the file, or on stdin. Raises `HomeError`."""
    try:
        text = sys.stdin.read(_LONGEST_SECRET) if str(path) == "-" else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise HomeError(f"the secret `{path}` cannot be read; name a file that can") from error
    return text.strip()
