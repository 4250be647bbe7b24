"""Drills of the kill. One runs for minutes, so its call is answered when it has begun."""

from threading import Event

from fastapi import APIRouter
from starlette.responses import Response

from dashboard.api.control.answers import rollout as answered
from dashboard.api.control.answers.controls import Judged
from dashboard.api.control.asked import DrillWait, Said
from dashboard.api.control.calling import Calling
from dashboard.api.control.entrance import Changing, Looking
from dashboard.api.control.numbers import Numbered
from dashboard.api.problem import answer
from dashboard.commands.perform import Needs
from dashboard.documents.drills import drill
from dashboard.review.kills import confirmation
from gates.changes.answers import Answer
from gates.changes.drilling import Patience
from gates.changes.service import ChangeService
from gates.executor.daemon_threads import DaemonThreads
from gates.policy.intent import Actor
from gates.policy.rules.safety import PROPOSING_ROLES
from gates.verdict.verdict import KillConfirmation

looking = APIRouter(route_class=Looking, tags=["drills"])
changing = APIRouter(route_class=Changing, tags=["drills"])


@looking.get("/drills", responses={200: {"model": answered.Drills}})
async def drills(call: Calling) -> Response:
    """Every drill, and what came of it."""
    return await call.look(lambda service: {"drills": [drill(one) for one in service.drills()]})


@changing.post("/drills", responses={200: {"model": Judged}})
async def propose_drill(call: Calling, asked: Said) -> Response:
    """Ask for a drill over the controls in force; it is approved like a widening, then run."""
    return await call.change(
        "propose drill",
        lambda service, actor: service.propose_drill(actor, asked.terms()),
        roles=PROPOSING_ROLES,
    )


@changing.post(
    "/drills/{number}/run", responses={200: {"model": Judged}, 202: {"model": answered.DrillBegun}}
)
async def run_drill(call: Calling, number: Numbered, asked: DrillWait) -> Response:
    """Run the approved request: stop everything, wait until telemetry confirms it, bring the controls back.

    202 as soon as everything is stopped; `GET /drills` tells how it ends. Whatever goes wrong, the end of
    this server too, leaves everything stopped.
    """
    await call.require("run drill", needs=Needs.FRESH_PROOF)
    house, actor, settled = call.house, call.actor, Event()
    patience = Patience(sleep=house.sleep, for_s=float(asked.wait_seconds))

    def deed(service: ChangeService, actor: Actor) -> Answer:
        def confirmed() -> KillConfirmation:
            settled.set()
            return confirmation(service, house.telemetry, house.now_ns)

        return service.run_drill(actor, number, confirmed, patience)

    # A thread that ends with the process: the server does not wait for it, and what it left is a stop.
    running = DaemonThreads().submit(house.performer.carried_out, actor, deed)
    running.add_done_callback(lambda _ended: settled.set())
    await call.work(settled.wait)
    if running.done():
        return await call.told("run drill", running.result())
    return answer({"request": number, "state": "running"}, 202)
