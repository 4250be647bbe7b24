"""What may be spent in a day, and what tokens cost (docs/budget.md)."""

import json
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from dashboard.api.control.answers import rollout as answered
from dashboard.api.control.answers.controls import Judged
from dashboard.api.control.asked import SpendingWanted
from dashboard.api.control.calling import Call, Calling, Json
from dashboard.api.control.entrance import Changing, Looking
from dashboard.api.problem import answer
from dashboard.commands.perform import Needs
from dashboard.documents import spending as documents
from gates.changes.answers import Answer
from gates.changes.service import ChangeService
from gates.changes.spending import CONTRACT, SpendingDocument
from gates.policy.intent import Actor, Role
from gates.spending.budget import standings
from ingest.usage import DAY_NS
from schemas import check

looking = APIRouter(route_class=Looking, tags=["spending"])
changing = APIRouter(route_class=Changing, tags=["spending"])
_ADMINS = frozenset({Role.ADMIN})


@looking.get("/budget", responses={200: {"model": answered.Budget}})
async def budget(call: Calling) -> Response:
    """The budget.v1 document in force, and how far each limit is used in the UTC day of now."""

    def shown() -> Json:
        with call.house.to_look() as service:
            found = documents.held(service, SpendingDocument.BUDGET)
            today = [] if found is None else _today(call, service)
        return {**documents.document(found), "today": today}

    return answer(await call.work(shown))


@looking.get("/prices", responses={200: {"model": answered.Prices}})
async def prices(call: Calling) -> Response:
    """The prices.v1 document in force."""
    return await call.look(
        lambda service: documents.document(documents.held(service, SpendingDocument.PRICES))
    )


@changing.post("/budget", responses={200: {"model": Judged}})
async def set_budget(call: Calling, asked: SpendingWanted) -> Response:
    """Put another budget in force; a limit that rises or goes takes two people where rules are enforced."""
    return await _set(call, SpendingDocument.BUDGET, asked)


@changing.post("/prices", responses={200: {"model": Judged}})
async def set_prices(call: Calling, asked: SpendingWanted) -> Response:
    """Put another price table in force; one by which less counts takes two people, as with the budget."""
    return await _set(call, SpendingDocument.PRICES, asked)


async def _set(call: Call, name: SpendingDocument, asked: SpendingWanted) -> Response:
    def deed(service: ChangeService, actor: Actor) -> Answer:
        document = check.parse(CONTRACT[name], json.dumps(asked.document))
        return service.change_spending(actor, name, document, asked.terms())

    return await call.change(f"set {name.value}", deed, roles=_ADMINS, needs=Needs.FRESH_PROOF)


def _today(call: Call, service: ChangeService) -> list[dict[str, Any]]:
    spending = service.spending()
    if spending.budget is None or not spending.budget.limits:
        return []
    usage = call.house.telemetry.day_usage(call.house.now_ns() // DAY_NS)
    return [documents.used(one) for one in standings(spending.budget, usage, spending.prices)]
