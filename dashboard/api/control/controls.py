"""The controls: as they stand, as they came to be, and what moves them at once or asks for it."""

from fastapi import APIRouter
from starlette.responses import Response

from dashboard.api.control.answers import controls as answered
from dashboard.api.control.asked import Because, Narrowing, Previewed, Said, Undone
from dashboard.api.control.calling import Calling, Json
from dashboard.api.control.entrance import Asking, Changing, Looking, TakingAway
from dashboard.api.control.numbers import Numbered, Revision
from dashboard.commands.perform import Needs
from dashboard.documents import controls as documents
from dashboard.documents.previews import preview
from gates.changes.answers import Answer
from gates.changes.content import Terms
from gates.changes.service import ChangeService
from gates.controls.publish import Publisher
from gates.errors import InvalidChange, RequestConflict
from gates.policy.intent import Actor
from gates.policy.rules.safety import BREAK_GLASS_ROLES, NARROWING_ROLES, PROPOSING_ROLES

looking = APIRouter(route_class=Looking, tags=["controls"])
asking = APIRouter(route_class=Asking, tags=["controls"])
taking_away = APIRouter(route_class=TakingAway, tags=["controls"])
changing = APIRouter(route_class=Changing, tags=["controls"])


@looking.get("/controls", responses={200: {"model": answered.Standing}})
async def controls_now(call: Calling) -> Response:
    """What is in force, what waits for somebody, what is owed."""
    home = call.house.home
    return await call.look(lambda service: documents.standing(documents.standing_of(service, home)))


@looking.get("/controls/history", responses={200: {"model": answered.History}})
async def controls_history(call: Calling) -> Response:
    """Every revision, oldest first."""
    return await call.look(
        lambda service: {"revisions": [documents.revision(row) for row in service.revisions()]}
    )


@looking.get("/controls/diff", responses={200: {"model": answered.Difference}})
async def controls_diff(call: Calling, before: Revision, after: Revision) -> Response:
    """What one revision changed against another."""
    return await call.look(lambda service: {"deltas": documents.difference(service, before, after)})


@looking.get("/owed", responses={200: {"model": answered.Owed}})
async def owed(call: Calling) -> Response:
    """Reasons and reviews that are owed."""
    return await call.look(lambda service: {"owed": [documents.debt(row) for row in service.owed()]})


@asking.post("/controls/preview", responses={200: {"model": answered.Preview}})
async def preview_change(call: Calling, asked: Previewed) -> Response:
    """Which of the jobs seen lately a change would admit or expel. Changes nothing."""
    return await call.look(
        lambda service: preview(service.preview(asked.change.patch(service.newest().after)))
    )


@taking_away.post("/controls/narrowing", responses={200: {"model": answered.Judged}})
async def narrow(call: Calling, asked: Narrowing) -> Response:
    """Take away, at once, by one person; also while the store cannot be used. What it would add is left out.

    It may be sent again and again, so an Idempotency-Key is not looked at: none keeps it from being done.
    """

    def deed(service: ChangeService, actor: Actor) -> Answer:
        patch = asked.change.patch(service.newest().after)
        return service.propose_narrowing(actor, patch, Terms(reason=asked.reason))

    def blind(service: ChangeService, actor: Actor) -> Answer:
        document = Publisher(call.house.home, call.house.now_ns).in_force().document
        if document is None:
            raise InvalidChange("no controls can be read, so everything gets a stub; restore the store")
        return service.narrow(actor, asked.change.patch(document), asked.reason)

    return await call.take_away("narrow", deed, blind, NARROWING_ROLES)


@changing.post("/controls/revert", responses={200: {"model": answered.Judged}})
async def revert(call: Calling, asked: Undone) -> Response:
    """Undo the last change: at once where that narrows, else by a change request."""

    def deed(service: ChangeService, actor: Actor) -> Answer:
        newest = service.newest().revision
        if asked.base_revision not in (None, newest):
            raise RequestConflict(
                f"the controls moved on since revision {asked.base_revision}, which you saw; look at "
                f"revision {newest}, then undo"
            )
        return service.revert(actor, asked.terms())

    def released() -> bool:
        with call.house.to_look() as service:
            return service.way_back().patch.get("kill") is False

    needs = Needs.FRESH_PROOF if await call.work(released) else Needs.SESSION
    return await call.change("revert", deed, roles=NARROWING_ROLES, needs=needs)


@changing.post("/controls/unkill", responses={200: {"model": answered.Judged}})
async def unkill(call: Calling, asked: Said) -> Response:
    """Ask for the release of the kill: two people, fresh review."""
    return await call.change(
        "unkill",
        lambda service, actor: service.unkill(actor, asked.terms()),
        roles=PROPOSING_ROLES,
        needs=Needs.FRESH_PROOF,
    )


@changing.post("/controls/break-glass", responses={200: {"model": answered.Judged}})
async def break_glass(call: Calling, asked: Said) -> Response:
    """Release the kill alone, for 60 minutes; then executors kill again by themselves. A review is owed."""
    return await call.change(
        "break glass",
        lambda service, actor: service.break_glass(actor, asked.terms()),
        roles=BREAK_GLASS_ROLES,
        needs=Needs.FRESH_PROOF,
    )


@changing.post("/owed/{number}", responses={200: {"model": answered.Given}})
async def give(call: Calling, number: Numbered, asked: Because) -> Response:
    """Give what is owed: a reason, or the review of a release by somebody else."""

    def deed(service: ChangeService, actor: Actor) -> Json:
        service.give(actor, number, asked.reason)
        return {"given": number}

    return await call.change("give owed", deed, roles=None)
