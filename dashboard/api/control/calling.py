"""One call: who makes it, and what is done for them. Endpoints get it as their first argument."""

import json
from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from dashboard.api.control.house import House
from dashboard.api.problem import Refused, answer, problem
from dashboard.auth.visitor import Visitor
from dashboard.commands.outcome import Cure
from dashboard.commands.perform import CHANGING, Needs
from gates.changes.answers import CONFLICT, Answer
from gates.changes.service import ChangeService
from gates.policy.intent import Actor, Role
from gates.policy.outcome import Outcome
from gates.store.port import StorePort

CALLER = "slotgate.caller"
"""Where the entrance puts who calls into the scope of a request."""
Found = TypeVar("Found")
Json = Mapping[str, Any]

_CURED = {Cure.SIGN_IN: (401, "not-signed-in"), Cure.STEP_UP: (403, "step-up")}


class Call:
    """A request of somebody who was let in."""

    def __init__(self, house: House, visitor: Visitor, request: Request) -> None:
        self.house = house
        self.visitor = visitor
        self.request = request

    @property
    def actor(self) -> Actor:
        """Who calls, as the change service knows them."""
        return self.visitor.actor

    async def look(self, question: Callable[[ChangeService], Json]) -> Response:
        """Answer what the change service says."""

        def looked() -> Json:
            with self.house.to_look() as service:
                return question(service)

        return answer(await self.work(looked))

    async def read(self, question: Callable[[StorePort], Json]) -> Response:
        """Answer what stands in the store."""

        def looked() -> Json:
            with self.house.store() as store:
                return question(store)

        return answer(await self.work(looked))

    async def work(self, function: Callable[[], Found]) -> Found:
        """The result of a function that may block. Raises what it raises."""
        return await self.house.pools.work.run(function)

    async def require(
        self, name: str, roles: frozenset[Role] | None = CHANGING, needs: Needs = Needs.SESSION
    ) -> None:
        """Raise `Refused` unless who calls may try: it takes one of `roles` in every enforcement mode."""
        await self.house.pools.door.run(self._admit, name, roles, needs)

    async def change(
        self,
        name: str,
        deed: Callable[[ChangeService, Actor], Answer | Json],
        *,
        roles: frozenset[Role] | None = CHANGING,
        needs: Needs = Needs.SESSION,
    ) -> Response:
        """Do `deed`, which the record calls `name`, and answer what came of it."""
        await self.require(name, roles, needs)
        performer, actor = self.house.performer, self.actor
        found = await self.house.pools.work.run(performer.carried_out, actor, deed)
        return await self.told(name, found)

    async def take_away(
        self,
        name: str,
        deed: Callable[[ChangeService, Actor], Answer],
        without_store: Callable[[ChangeService, Actor], Answer],
        roles: frozenset[Role],
    ) -> Response:
        """As `change`, in threads of its own, and also where the store cannot be used."""
        narrowing, performer = self.house.pools.narrowing, self.house.performer
        await narrowing.run(self._admit, name, roles, Needs.SESSION)
        return await self.told(
            name, await narrowing.run(performer.carried_out, self.actor, deed, without_store)
        )

    def _admit(self, name: str, roles: frozenset[Role] | None, needs: Needs) -> None:
        refused = self.house.performer.admission(self.visitor, name, needs, roles)
        if refused is not None:
            status, kind = (403, "role-missing") if refused.cure is None else _CURED[refused.cure]
            raise Refused(status, kind, refused.words)

    async def told(self, name: str, found: Answer | Json) -> Response:
        """What came of a deed. A BLOCKED one is a problem that repeats what was asked."""
        if not isinstance(found, Answer):
            return answer(found)
        record = found.as_record()
        if found.decision.outcome is not Outcome.BLOCKED:
            return answer(record)
        status = 409 if found.exit_code == CONFLICT else 403
        words = "; ".join(finding.words for finding in found.decision.findings)
        intent = {"deed": name, "actor": self.actor.actor_id, "asked": await self.asked()}
        return problem(Refused(status, "blocked", f"{found.words}: {words}"), {**record, "intent": intent})

    async def asked(self) -> Any:
        """The JSON that was sent, null where there was none."""
        body = await self.request.body()
        return json.loads(body) if body else None


def house_of(request: Request) -> House:
    """The home that this application is about."""
    house = request.app.state.house
    assert isinstance(house, House)
    return house


async def _call(request: Request) -> Call:
    visitor = request.scope[CALLER]
    assert isinstance(visitor, Visitor)
    return Call(house_of(request), visitor, request)


Calling = Annotated[Call, Depends(_call)]
