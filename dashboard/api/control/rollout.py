"""What a rollout is judged by, and how far the rules are enforced: thresholds, drills, the mode."""

import json

from fastapi import APIRouter
from starlette.responses import Response

from dashboard.api.control.answers import rollout as answered
from dashboard.api.control.answers.controls import Judged
from dashboard.api.control.answers.form import Document
from dashboard.api.control.asked import AutoNarrowWanted, ModeWanted, Said, ThresholdsWanted
from dashboard.api.control.calling import Calling, Json
from dashboard.api.control.entrance import Changing, Looking
from dashboard.commands.perform import Needs
from dashboard.documents import modes
from dashboard.documents.thresholds import version
from gates.changes.answers import Answer
from gates.changes.automatic import AutoNarrow
from gates.changes.service import ChangeService
from gates.policy.intent import Actor, Mode, Role
from gates.policy.rules.safety import PROPOSING_ROLES
from gates.verdict.document import document_of
from schemas import check

looking = APIRouter(route_class=Looking)
changing = APIRouter(route_class=Changing)
_ADMINS = frozenset({Role.ADMIN})


@looking.get("/thresholds", responses={200: {"model": Document}}, tags=["thresholds"])
async def thresholds(call: Calling) -> Response:
    """The thresholds.v1 document that verdicts are judged by."""
    return await call.look(lambda service: document_of(service.thresholds()))


@looking.get("/thresholds/history", responses={200: {"model": answered.Versions}}, tags=["thresholds"])
async def thresholds_history(call: Calling) -> Response:
    """Every version, who put it in force, and by which request."""
    return await call.look(
        lambda service: {"versions": [version(one) for one in service.thresholds_history()]}
    )


@changing.post("/thresholds", responses={200: {"model": Judged}}, tags=["thresholds"])
async def propose_thresholds(call: Calling, asked: ThresholdsWanted) -> Response:
    """Ask for other thresholds. Stricter ones are in force at once; laxer ones take two people."""

    def deed(service: ChangeService, actor: Actor) -> Answer:
        document = check.parse("thresholds.v1", json.dumps(asked.document))
        return service.propose_thresholds(actor, document, asked.terms())

    return await call.change("propose thresholds", deed, roles=PROPOSING_ROLES)


@looking.get("/mode", responses={200: {"model": answered.ModeStanding}}, tags=["mode"])
async def mode(call: Calling) -> Response:
    """The mode, what shadow would have blocked and enforce blocked, and the checks of a promotion."""
    return await call.look(
        lambda service: modes.mode(service.mode(), service.divergence(), service.acceptance())
    )


@changing.post("/mode", responses={200: {"model": Judged}}, tags=["mode"])
async def set_mode(call: Calling, asked: ModeWanted) -> Response:
    """Set the mode. Less enforcement takes two people where it is enforced: the call opens a request."""
    return await call.change(
        "set mode",
        lambda service, actor: service.change_mode(actor, Mode(asked.mode), asked.terms()),
        roles=_ADMINS,
        needs=Needs.FRESH_PROOF,
    )


@changing.post("/mode/promotion", responses={200: {"model": Judged}}, tags=["mode"])
async def promote_mode(call: Calling, asked: Said) -> Response:
    """To the next stricter mode; to `enforce` only when every acceptance check passes."""

    def deed(service: ChangeService, actor: Actor) -> Answer:
        return service.change_mode(actor, modes.stricter(service.mode()), asked.terms())

    return await call.change("promote mode", deed, roles=_ADMINS, needs=Needs.FRESH_PROOF)


@changing.post("/mode/rollback", responses={200: {"model": Judged}}, tags=["mode"])
async def roll_back_mode(call: Calling, asked: Said) -> Response:
    """Back to the mode before: opens a request, or carries out the approved one."""
    return await call.change(
        "roll back mode",
        lambda service, actor: service.rollback_mode(actor, asked.terms()),
        roles=_ADMINS,
        needs=Needs.FRESH_PROOF,
    )


@looking.get("/mode/auto-narrow", responses={200: {"model": answered.AutoNarrow}}, tags=["mode"])
async def auto_narrow(call: Calling) -> Response:
    """What a ROLL BACK does by itself."""

    def shown(service: ChangeService) -> Json:
        setting = service.auto_narrow().value
        return {"autoNarrow": setting, "before": setting}

    return await call.look(shown)


@changing.post("/mode/auto-narrow", responses={200: {"model": answered.AutoNarrow}}, tags=["mode"])
async def set_auto_narrow(call: Calling, asked: AutoNarrowWanted) -> Response:
    """Set what a ROLL BACK does by itself; it only ever narrows."""

    def deed(service: ChangeService, actor: Actor) -> Json:
        before = service.set_auto_narrow(actor, AutoNarrow(asked.auto_narrow), asked.reason)
        return {"autoNarrow": asked.auto_narrow, "before": before.value}

    return await call.change("auto-narrow", deed, roles=_ADMINS, needs=Needs.FRESH_PROOF)
