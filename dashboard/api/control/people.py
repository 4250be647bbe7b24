"""Operators, their tokens and their sessions."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from dashboard.api.control.answers import house as answered
from dashboard.api.control.answers.controls import Judged
from dashboard.api.control.asked import Person, PersonWithRoles, Said, SessionsMeant, TokenWanted
from dashboard.api.control.calling import Call, Calling, Json
from dashboard.api.control.entrance import Changing, Looking
from dashboard.api.problem import answer
from dashboard.auth.chosen import good_for_something, meant
from dashboard.auth.sessions import Session
from dashboard.commands.perform import Needs
from dashboard.documents import people as documents
from gates.changes.people import AddOperator, DisableOperator, IssueToken, RevokeToken, SetRoles, Wish
from gates.errors import HomeError, InvalidChange, UnknownEntry
from gates.policy.intent import Role
from gates.store.port import StorePort
from gates.store.rows import TokenScope

looking = APIRouter(route_class=Looking, tags=["people"])
changing = APIRouter(route_class=Changing, tags=["people"])
_ADMINS = frozenset({Role.ADMIN})
TokenId = Annotated[str, Path(pattern="^[0-9a-z]{1,64}$")]


@looking.get("/operators", responses={200: {"model": answered.Operators}})
async def operators(call: Calling) -> Response:
    """The people of the home and their roles."""

    def listed(store: StorePort) -> Json:
        with store.read() as tx:
            return {"operators": [documents.operator(one) for one in tx.operators.all()]}

    return await call.read(listed)


@changing.post("/operators", responses={200: {"model": Judged}})
async def add_operator(call: Calling, asked: PersonWithRoles) -> Response:
    """Add a person; takes two people where rules are enforced."""
    roles = frozenset(map(Role, asked.roles))
    return await _wished(call, "add operator", asked, lambda name: AddOperator(name, roles))


@changing.post("/operators/roles", responses={200: {"model": Judged}})
async def set_roles(call: Calling, asked: PersonWithRoles) -> Response:
    """Other roles for a person, all of them named; more takes two people, fewer one. Enables again."""
    roles = frozenset(map(Role, asked.roles))
    return await _wished(call, "set roles", asked, lambda name: SetRoles(name, roles))


@changing.post("/operators/disabling", responses={200: {"model": Judged}})
async def disable_operator(call: Calling, asked: Person) -> Response:
    """End every power of a person, tokens and sessions included; takes one."""
    return await _wished(call, "disable operator", asked, DisableOperator, needs=Needs.SESSION)


@looking.get("/tokens", responses={200: {"model": answered.Tokens}})
async def tokens(call: Calling) -> Response:
    """Whose tokens there are, and which still open something; never the tokens themselves."""
    now_ns = call.house.now_ns()

    def listed(store: StorePort) -> Json:
        with store.read() as tx:
            return {"tokens": [documents.token(one, now_ns) for one in tx.tokens.all()]}

    return await call.read(listed)


@changing.post("/tokens", responses={200: {"model": Judged}})
async def create_token(call: Calling, asked: TokenWanted) -> Response:
    """A new token; takes two people where rules are enforced. It is shown once, by the call that makes it:
    this one, or the application of its request. An answer that is given again leaves it out.
    """
    scope = TokenScope(asked.scope)
    return await _wished(call, "create token", asked, lambda name: IssueToken(name, scope, asked.days))


@changing.post("/tokens/{token}/revocation", responses={200: {"model": Judged}})
async def revoke_token(call: Calling, token: TokenId, asked: Said) -> Response:
    """End a token at once; takes one person."""
    return await call.change(
        "revoke token",
        lambda service, actor: service.change_people(actor, RevokeToken(token), asked.terms()),
        roles=_ADMINS,
    )


@looking.get("/sessions", responses={200: {"model": answered.Sessions}})
async def sessions(call: Calling) -> Response:
    """The sessions that are good for anything, and how each was opened."""
    access, now_ns = call.house.access, call.house.now_ns()

    def listed() -> Json:
        with _usable():
            found = good_for_something(access.sessions, now_ns)
        return {"sessions": [documents.session(one, now_ns) for one in found]}

    return answer(await call.work(listed))


@changing.post("/sessions/end", responses={200: {"model": answered.Ended}})
async def end_sessions(call: Calling, asked: SessionsMeant) -> Response:
    """End the sessions of a person, or one by the first letters of its name. Others' take an admin."""
    access, now_ns = call.house.access, call.house.now_ns()
    person = documents.known_as(asked.who) or ""

    def looked() -> list[Session]:
        with _usable():
            return meant(access.sessions, asked.who, person, now_ns)

    wanted = await call.work(looked)
    if not wanted:
        raise UnknownEntry("nobody of that name is signed in; GET /sessions lists who is")
    if any(one.operator_id != call.actor.actor_id for one in wanted):
        await call.require("end session", _ADMINS)

    def ended() -> Json:
        for one in wanted:
            with _usable():
                access.sessions.revoke(one.name)
            access.notes.put(call.actor.actor_id, "end session", one.operator_id)
        return {"ended": len(wanted)}

    return answer(await call.work(ended))


async def _wished(
    call: Call,
    name: str,
    asked: Person,
    wish: Callable[[str], Wish],
    needs: Needs = Needs.FRESH_PROOF,
) -> Response:
    """What gives somebody more is proven afresh: a token outlives the session that asked for it."""
    person = documents.known_as(asked.operator)
    if person is None:
        raise InvalidChange("`operator` names nobody; give a NAME or ISSUER|SUBJECT without blanks")
    return await call.change(
        name,
        lambda service, actor: service.change_people(actor, wish(person), asked.terms()),
        roles=_ADMINS,
        needs=needs,
    )


@contextmanager
def _usable() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        words = f"the sessions of this home cannot be used: {error.strerror}; make them writable"
        raise HomeError(words) from error
