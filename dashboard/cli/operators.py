"""The people of a home and their roles.

  list             who there is
  add NAME         a new person; takes two people where rules are enforced
  roles NAME       other roles, all of them named; more takes two people, fewer one; enables again
  disable NAME     ends every power of a person, tokens and sessions included; takes one
  password NAME    sets the password of your own local account for the dashboard; asks for it twice, or
                   takes the first line of stdin. Ends the sessions that were open

A NAME without an issuer is a local account: `bob` is `local|bob`. Roles: viewer, oncall,
engineering_owner, approver, auditor, admin.

exit codes: 0 done or requested · 1 refused · 2 wrong usage · 4 home unusable · 5 conflict
"""

from argparse import ArgumentParser, ArgumentTypeError, Namespace

from dashboard.cli.audit_words import printable
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
from dashboard.documents import people as documents
from gates.changes.people import AddOperator, DisableOperator, SetRoles, Wish
from gates.controls.instant import timestamp
from gates.policy.intent import Role
from gates.store.rows import OperatorRow


def configure(parser: ArgumentParser) -> None:
    """Declare the words."""
    words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
    add_home(words.add_parser("list", help="who there is"))
    for name, summary in (
        ("add", "a new person"),
        ("roles", "other roles, all of them named"),
        ("disable", "end every power of a person"),
    ):
        word = words.add_parser(name, help=summary)
        word.add_argument("operator", type=operator_id, metavar="NAME")
        if name != "disable":
            word.add_argument(
                "--role",
                type=Role,
                choices=list(Role),
                action="append",
                default=[],
                help="repeatable; without it: no role",
            )
        add_terms(word)
        add_token(word)
        add_home(word)
    password = words.add_parser("password", help="set your own password for the dashboard")
    password.add_argument("operator", type=operator_id, metavar="NAME")
    add_token(password)
    add_home(password)


def execute(arguments: Namespace) -> int:
    """Show or change them."""
    if arguments.word == "list":
        with looked_into(arguments) as guarded, guarded.store.read() as tx:
            people = tx.operators.all()
        if arguments.json:
            put({"operators": [documents.operator(one) for one in people]})
        else:
            for one in people:
                write(_words(one))
        return 0
    with opened(arguments) as guarded:
        actor = guarded.actor(arguments)
        if arguments.word == "password":
            from dashboard.cli.password import set_password

            return set_password(guarded, actor, arguments)
        return report(guarded.service.change_people(actor, _wish(arguments), terms_of(arguments)), arguments)


def operator_id(name: str) -> str:
    """Issuer and subject. Raises `ArgumentTypeError` for what names nobody."""
    whole = documents.known_as(name)
    if whole is None:
        raise ArgumentTypeError(
            f"`{printable(name)}` names nobody; give a NAME or ISSUER|SUBJECT without blanks"
        )
    return whole


def _wish(arguments: Namespace) -> Wish:
    match arguments.word:
        case "add":
            return AddOperator(arguments.operator, frozenset(arguments.role))
        case "roles":
            return SetRoles(arguments.operator, frozenset(arguments.role))
        case _:
            return DisableOperator(arguments.operator)


def _words(one: OperatorRow) -> str:
    roles = ", ".join(sorted(one.roles)) or "no role"
    state = "" if one.disabled_at_ns is None else f"  DISABLED since {timestamp(one.disabled_at_ns)}"
    return f"{one.operator_id}  {roles}{state}"
