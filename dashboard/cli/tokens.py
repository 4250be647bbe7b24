"""Personal tokens, by which commands know who asks.

  list             whose there are, and which still open something; never the tokens themselves
  create NAME      a new token for a person; takes two people where rules are enforced. It is shown
                   once, by the call that makes it: this one, or `slotgate apply` of its request
  revoke ID        ends a token at once; takes one person

A token of scope `kill` opens the kill alone, `read` what changes nothing (the API's GETs, /metrics, flags
evaluated over OFREP), `tasks` the task routes, `logs` the taking in of telemetry.

exit codes: 0 done or requested · 1 refused · 2 wrong usage · 4 home unusable · 5 conflict
"""

import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace

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
from dashboard.cli.operators import operator_id
from dashboard.documents import people as documents
from gates.changes.people import IssueToken, RevokeToken, Wish
from gates.controls.instant import timestamp
from gates.store.rows import TokenRow, TokenScope

_DEFAULT_DAYS, _MOST_DAYS = 90, 366


def configure(parser: ArgumentParser) -> None:
    """Declare the words."""
    words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
    add_home(words.add_parser("list", help="whose there are"))
    create = words.add_parser("create", help="a new token for a person")
    create.add_argument("operator", type=operator_id, metavar="NAME")
    create.add_argument(
        "--scope",
        type=TokenScope,
        choices=list(TokenScope),
        default=TokenScope.ALL,
        help="what it opens; default all",
    )
    create.add_argument(
        "--days", type=_days, default=_DEFAULT_DAYS, help=f"until it expires; default {_DEFAULT_DAYS}"
    )
    revoke = words.add_parser("revoke", help="end a token")
    revoke.add_argument("token_id", metavar="ID", help="as `slotgate tokens list` shows it")
    for word in (create, revoke):
        add_terms(word)
        add_token(word)
        add_home(word)


def execute(arguments: Namespace) -> int:
    """Show, make or end them."""
    if arguments.word == "list":
        with looked_into(arguments) as guarded, guarded.store.read() as tx:
            tokens = tx.tokens.all()
        now_ns = time.time_ns()
        if arguments.json:
            put({"tokens": [documents.token(one, now_ns) for one in tokens]})
        else:
            for one in tokens:
                write(_words(one, now_ns))
        return 0
    with opened(arguments) as guarded:
        actor = guarded.actor(arguments)
        return report(guarded.service.change_people(actor, _wish(arguments), terms_of(arguments)), arguments)


def _wish(arguments: Namespace) -> Wish:
    if arguments.word == "create":
        return IssueToken(arguments.operator, arguments.scope, arguments.days)
    return RevokeToken(arguments.token_id)


def _days(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _MOST_DAYS:
        raise ArgumentTypeError(f"`{text}` is no number of days from 1 to {_MOST_DAYS}")
    return int(text)


def _words(one: TokenRow, now_ns: int) -> str:
    used = "never used" if one.last_used_ns is None else f"last used {timestamp(one.last_used_ns)}"
    until = "" if one.expires_at_ns is None else f", expires {timestamp(one.expires_at_ns)}"
    return f"{one.token_id}  {one.operator_id}  {one.scope}  {documents.state_of(one, now_ns)}, {used}{until}"
