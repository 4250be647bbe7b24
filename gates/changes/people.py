"""Operators and tokens: giving somebody more takes two people, taking away takes one.

A closed set of wishes. Each has a JSON form, which is what a request keeps and an approver signs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from gates.changes.answers import Answer
from gates.changes.content import PEOPLE, Terms, people_content
from gates.changes.desk import Desk
from gates.changes.gathering import is_last_admin_token, leaves_no_admin, newest_revision
from gates.changes.requests import opened
from gates.errors import InvalidChange, UnknownEntry
from gates.policy.intent import Actor, Moment, OperatorChange, Role
from gates.policy.outcome import Outcome
from gates.store.port import Transaction
from gates.store.rows import TokenScope
from gates.store.tokens import new_token
from schemas.instant import SECOND

_DAY_NS = 24 * 3600 * SECOND


@dataclass(frozen=True, slots=True)
class AddOperator:
    """A new person (`local|bob`) with roles."""

    operator_id: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class SetRoles:
    """Other roles for a person; one who is disabled is enabled again."""

    operator_id: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class DisableOperator:
    """A person may do nothing any more."""

    operator_id: str


@dataclass(frozen=True, slots=True)
class IssueToken:
    """A token for a person, for `days`."""

    operator_id: str
    scope: TokenScope
    days: int


@dataclass(frozen=True, slots=True)
class RevokeToken:
    """A token that opens nothing any more."""

    token_id: str


Wish = AddOperator | SetRoles | DisableOperator | IssueToken | RevokeToken


def change_people(desk: Desk, actor: Actor, wish: Wish, terms: Terms) -> Answer:
    """Carry out a wish that takes away; open a request for one that gives."""
    with desk.store.begin() as tx:
        change = _change(tx, wish, desk.clock())
        content = people_content(as_json(wish), terms)
        base = newest_revision(tx).revision
        judged = desk.judge(
            tx, actor, Moment.PROPOSE, change, row=None, base_revision=base, terms=terms, content=content
        )
        if change.grants:
            return opened(desk, tx, judged, PEOPLE, content, terms)
        desk.record(tx, judged, "operators", target=change.operator_id, after=as_json(wish))
        blocked = judged.decision.outcome is Outcome.BLOCKED
        secret = None if blocked else carry_out(tx, wish, by=actor.actor_id, at_ns=judged.now_ns)
        words = "refused; nothing was changed" if blocked else done_words(wish)
        return Answer(decision=judged.decision, mode=judged.state.mode, words=words, secret=secret)


def carry_out(tx: Transaction, wish: Wish, *, by: str | None, at_ns: int) -> str | None:
    """Do it; the text of a new token, or null. Raises `AlreadyThere` or `UnknownEntry`."""
    match wish:
        case AddOperator():
            tx.operators.add(wish.operator_id, wish.roles, by=by, at_ns=at_ns)
        case SetRoles():
            tx.operators.set_roles(wish.operator_id, wish.roles, by=by or wish.operator_id, at_ns=at_ns)
        case DisableOperator():
            tx.operators.disable(wish.operator_id, at_ns=at_ns)
        case IssueToken():
            until = at_ns + wish.days * _DAY_NS
            token = new_token(wish.operator_id, wish.scope, by=by, now_ns=at_ns, expires_at_ns=until)
            tx.tokens.add(token.row)
            return token.text
        case RevokeToken():
            tx.tokens.revoke(wish.token_id, at_ns=at_ns)
        case _:
            assert_never(wish)
    return None


def as_json(wish: Wish) -> dict[str, Any]:
    """The wish as a request keeps it."""
    match wish:
        case AddOperator() | SetRoles():
            deed = "add" if isinstance(wish, AddOperator) else "roles"
            return {"deed": deed, "operator": wish.operator_id, "roles": sorted(wish.roles)}
        case DisableOperator():
            return {"deed": "disable", "operator": wish.operator_id}
        case IssueToken():
            return {
                "deed": "token",
                "operator": wish.operator_id,
                "scope": wish.scope.value,
                "days": wish.days,
            }
        case RevokeToken():
            return {"deed": "revoke", "token": wish.token_id}
        case _:
            assert_never(wish)


def wish_of(content: Mapping[str, Any]) -> Wish:
    """The wish that a request keeps. Raises `InvalidChange`."""
    wish = content["wish"]
    match wish["deed"]:
        case "add":
            return AddOperator(wish["operator"], frozenset(map(Role, wish["roles"])))
        case "roles":
            return SetRoles(wish["operator"], frozenset(map(Role, wish["roles"])))
        case "token":
            return IssueToken(wish["operator"], TokenScope(wish["scope"]), wish["days"])
        case deed:
            raise InvalidChange(f"a request to `{deed}` is of a newer slotgate; use that one")


def _change(tx: Transaction, wish: Wish, now_ns: int) -> OperatorChange:
    match wish:
        case AddOperator():
            return OperatorChange(operator_id=wish.operator_id, roles=wish.roles, grants=True)
        case SetRoles():
            person = tx.operators.get(wish.operator_id)
            if person is None:
                raise UnknownEntry(f"there is no operator `{wish.operator_id}`; `slotgate operators list`")
            grants = person.disabled_at_ns is not None or bool(wish.roles - person.roles)
            return OperatorChange(
                operator_id=wish.operator_id,
                roles=wish.roles,
                grants=grants,
                leaves_no_admin=leaves_no_admin(tx, wish.operator_id, wish.roles, now_ns),
            )
        case DisableOperator():
            return OperatorChange(
                operator_id=wish.operator_id,
                roles=frozenset(),
                grants=False,
                leaves_no_admin=leaves_no_admin(tx, wish.operator_id, frozenset(), now_ns),
            )
        case IssueToken():
            person = tx.operators.get(wish.operator_id)
            if person is None or person.disabled_at_ns is not None:
                raise UnknownEntry(f"there is no active operator `{wish.operator_id}`; add or enable them")
            return OperatorChange(operator_id=wish.operator_id, roles=person.roles, grants=True)
        case RevokeToken():
            token = tx.tokens.get(wish.token_id)
            if token is None:
                raise UnknownEntry(f"there is no token `{wish.token_id}`; `slotgate tokens list`")
            return OperatorChange(
                operator_id=token.operator_id,
                roles=frozenset(),
                grants=False,
                leaves_no_admin=is_last_admin_token(tx, wish.token_id, now_ns),
            )
        case _:
            assert_never(wish)


def done_words(wish: Wish) -> str:
    """What was done, in words."""
    match wish:
        case AddOperator():
            return f"`{wish.operator_id}` was added"
        case SetRoles():
            return f"`{wish.operator_id}` now has the roles {', '.join(sorted(wish.roles)) or 'none'}"
        case DisableOperator():
            return f"`{wish.operator_id}` is disabled, tokens included"
        case IssueToken():
            return f"a token for `{wish.operator_id}` was made; it is shown this once"
        case RevokeToken():
            return f"token `{wish.token_id}` is revoked"
        case _:
            assert_never(wish)
