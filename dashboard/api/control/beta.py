"""The plans' lists as a checklist: computed, or signed (docs/beta.md)."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from dashboard.api.control.answers import rollout as answered
from dashboard.api.control.answers.form import Document
from dashboard.api.control.asked import Because, Statement
from dashboard.api.control.calling import Calling, Json
from dashboard.api.control.entrance import Changing, Looking
from dashboard.api.control.reviewing import reviewed
from dashboard.api.problem import answer
from dashboard.beta.of_home import HomeBeta
from dashboard.beta.words import as_record
from gates.beta.items import BetaList
from gates.changes.service import ChangeService
from gates.policy.intent import Actor
from schemas.instant import SECOND

looking = APIRouter(route_class=Looking, tags=["beta"])
changing = APIRouter(route_class=Changing, tags=["beta"])
Item = Annotated[str, Path(pattern="^[a-z0-9-]{1,100}$")]
Only = Annotated[BetaList | None, Query(alias="list")]
_DAY_NS = 24 * 3600 * SECOND


@looking.get("/beta", responses={200: {"model": Document}})
async def checklist(call: Calling, only: Only = None) -> Response:
    """Every item with its state and why; what requires rollback stands in `rollbackRequired`."""

    def looked() -> Json:
        with call.house.to_look() as service, call.house.store() as store:
            question, beta = service.question(), HomeBeta(call.house.home, store)
            found, kept = reviewed(call.house, question)
            if found is None:
                return as_record(beta.unseen(question, kept.bound), only)
            return as_record(beta.seen(question, found.evidence, found.verdict), only)

    return answer(await call.work(looked))


@changing.post("/beta/{item}/statements", responses={200: {"model": answered.Signed}})
async def sign(call: Calling, item: Item, asked: Statement) -> Response:
    """State that an item holds, with a link that shows it; statements run out."""
    until_ns = None if asked.days is None else call.house.now_ns() + int(asked.days * _DAY_NS)

    def deed(service: ChangeService, actor: Actor) -> Json:
        number = service.sign_statement(actor, item, asked.link, asked.text, expires_ns=until_ns)
        return {"statement": number, "item": item, "author": actor.actor_id}

    return await call.change("sign statement", deed)


@changing.post("/beta/{item}/withdrawal", responses={200: {"model": answered.StatementsWithdrawn}})
async def withdraw(call: Calling, item: Item, asked: Because) -> Response:
    """Take every standing statement about an item back."""
    return await call.change(
        "withdraw statement",
        lambda service, actor: {
            "item": item,
            "withdrawn": service.withdraw_statement(actor, item, asked.reason),
        },
    )
