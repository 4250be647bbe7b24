"""Change requests: ask, look, edit, comment, sign, close, put in force."""

from typing import Literal

from fastapi import APIRouter
from starlette.responses import Response

from dashboard.api.control.answers import controls as answered
from dashboard.api.control.answers.form import Document
from dashboard.api.control.asked import Because, Comment, Edit, Proposal, Seen
from dashboard.api.control.calling import Call, Calling, Json
from dashboard.api.control.entrance import Changing, Looking
from dashboard.api.control.numbers import Numbered
from dashboard.commands.perform import Needs
from dashboard.documents import controls as documents
from dashboard.documents.previews import preview
from dashboard.record.asked import asked as asked_in
from dashboard.record.document import document_of
from gates.changes.answers import Answer
from gates.changes.service import ChangeService
from gates.controls.instant import timestamp
from gates.policy.intent import Actor, Role
from gates.policy.rules.safety import PROPOSING_ROLES

looking = APIRouter(route_class=Looking, tags=["requests"])
changing = APIRouter(route_class=Changing, tags=["requests"])
_APPROVERS = frozenset({Role.APPROVER})


@looking.get("/requests", responses={200: {"model": answered.Requests}})
async def list_requests(call: Calling, state: Literal["open", "all"] = "open") -> Response:
    """Change requests, oldest first."""

    def listed(service: ChangeService) -> Json:
        rows = service.open_requests() if state == "open" else service.requests()
        return {"requests": [documents.request(row) for row in rows]}

    return await call.look(listed)


@looking.get("/requests/{number}", responses={200: {"model": answered.Request}})
async def show_request(call: Calling, number: Numbered) -> Response:
    """One change request, with the digest that an approver signs."""
    return await call.look(lambda service: documents.request(service.request(number)))


@looking.get("/requests/{number}/record", responses={200: {"model": Document}})
async def decision_record(call: Calling, number: Numbered) -> Response:
    """The decision record: what changed, who asked, signed and applied, on which evidence, provably."""
    return await call.look(lambda service: document_of(service.request_file(number)))


@looking.get("/requests/{number}/preview", responses={200: {"model": answered.Preview}})
async def preview_request(call: Calling, number: Numbered) -> Response:
    """Which of the jobs seen lately a request would admit or expel."""
    return await call.look(lambda service: preview(service.preview_request(number)))


@changing.post("/requests", responses={200: {"model": answered.Judged}})
async def propose(call: Calling, asked: Proposal) -> Response:
    """Ask for a change of the controls. One that only narrows takes effect at once."""

    def deed(service: ChangeService, actor: Actor) -> Answer:
        patch = asked.change.patch(service.newest().after)
        return service.propose(actor, patch, asked.terms(), asked.base_revision)

    needs = Needs.FRESH_PROOF if asked.change.kill is False else Needs.SESSION
    return await call.change("propose", deed, roles=PROPOSING_ROLES, needs=needs)


@changing.put("/requests/{number}", responses={200: {"model": answered.Judged}})
async def edit(call: Calling, number: Numbered, asked: Edit) -> Response:
    """Replace the content of an open request; what was signed before no longer binds."""

    def deed(service: ChangeService, actor: Actor) -> Answer:
        patch = asked.change.patch(service.newest().after)
        return service.edit(actor, number, patch, asked.terms(), asked.seen_digest)

    needs = Needs.FRESH_PROOF if asked.change.kill is False else Needs.SESSION
    return await call.change("edit", deed, roles=PROPOSING_ROLES, needs=needs)


@changing.post("/requests/{number}/comments", responses={200: {"model": answered.Commented}})
async def comment(call: Calling, number: Numbered, asked: Comment) -> Response:
    """Say something about a request, open or closed. It moves nothing."""

    def deed(service: ChangeService, actor: Actor) -> Json:
        kept = service.comment(actor, number, asked.text)
        return {"request": number, "author": kept.author, "at": timestamp(kept.at_ns), "text": kept.text}

    return await call.change("comment", deed, roles=None)


@changing.post("/requests/{number}/approval", responses={200: {"model": answered.Judged}})
async def approve(call: Calling, number: Numbered, asked: Seen) -> Response:
    """Sign exactly the content, base revision and frozen evidence of a request."""
    return await call.change(
        "approve",
        lambda service, actor: service.approve(actor, number, asked.seen_digest),
        roles=_APPROVERS,
        needs=await _needs(call, number),
    )


@changing.post("/requests/{number}/rejection", responses={200: {"model": answered.Rejected}})
async def reject(call: Calling, number: Numbered, asked: Because) -> Response:
    """Close a request for good. Its requester may withdraw it so as well."""

    def deed(service: ChangeService, actor: Actor) -> Json:
        service.reject(actor, number, asked.reason)
        return {"request": number, "state": "rejected"}

    return await call.change("reject", deed, roles=None)


@changing.post("/requests/{number}/application", responses={200: {"model": answered.Judged}})
async def apply(call: Calling, number: Numbered, asked: Seen) -> Response:
    """Put an approved request in force. One for a token answers with it, this once."""
    return await call.change(
        "apply",
        lambda service, actor: service.apply(actor, number, asked.seen_digest),
        needs=await _needs(call, number),
    )


async def _needs(call: Call, number: int) -> Needs:
    """As on the page: what releases the kill or enforces less takes a fresh proof."""

    def releases() -> bool:
        with call.house.to_look() as service:
            return asked_in(service.request_file(number)).releases

    return Needs.FRESH_PROOF if await call.work(releases) else Needs.SESSION
