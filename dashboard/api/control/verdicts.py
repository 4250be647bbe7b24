"""The verdict on the rollout, what it looks at, and what people say of it."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from dashboard.api.control.answers import rollout as answered
from dashboard.api.control.answers.controls import Judged
from dashboard.api.control.answers.form import Document
from dashboard.api.control.answers.house import Probed
from dashboard.api.control.asked import BadOutput, Because, Empty, Probes
from dashboard.api.control.calling import Calling, Json
from dashboard.api.control.entrance import Changing, Looking
from dashboard.api.control.house import House
from dashboard.api.control.numbers import Limit, Offset, Revision
from dashboard.api.control.reviewing import reviewed
from dashboard.api.problem import Refused, answer
from dashboard.documents.gate_audit import found_lines
from dashboard.documents.moments import moment_of
from dashboard.documents.probes import probed, said_of
from dashboard.documents.verdicts import review, unseen
from dashboard.review.meant import revision_meant
from dashboard.review.missed import missed
from dashboard.review.probing import run_probes
from dashboard.telemetry.port import LinesQuestion
from gates.changes.service import ChangeService
from gates.policy.intent import Actor
from gates.policy.rules.safety import NARROWING_ROLES
from gates.verdict.gate_audit import GateCode
from ingest.gate_audit import Filter
from ingest.report.report import Selection
from schemas.stages import Step

looking = APIRouter(route_class=Looking, tags=["verdict"])
changing = APIRouter(route_class=Changing, tags=["verdict"])
Digest = Annotated[str, Path(pattern="^sha256:[0-9a-f]{64}$")]
Since = Annotated[str | None, Query(max_length=64, description="2026-11-21T02:22:53Z, or 30m, 2h, 7d ago")]
History = Annotated[str | None, Query(max_length=200)]


@looking.get("/review", responses={200: {"model": Document}})
async def show_review(call: Calling, step: Step | None = None, revision: Revision | None = None) -> Response:
    """The verdict and every check behind it: of the step in force, of the newest stay on a step, or of a
    revision (docs/verdict.md).
    """

    def shown() -> Json:
        with call.house.to_look() as service:
            question = service.question(revision_meant(service, step, revision))
            found, kept = reviewed(call.house, question)
            unread = None if found is None else missed(call.house.telemetry, found.evidence.from_ns)
            return review(question, found, kept, service.reviews(step=question.step.value), None, unread)

    return answer(await call.work(shown))


@changing.post("/review/frozen", responses={200: {"model": answered.Frozen}})
async def freeze_review(call: Calling, asked: Empty) -> Response:
    """Keep a copy of the review of the step in force; its digest, under which it is shown again."""
    del asked

    def deed(service: ChangeService, actor: Actor) -> Json:
        _, kept = reviewed(call.house, service.question())
        return {"frozen": service.freeze_review(actor, kept), "verdict": kept.verdict.value}

    return await call.change("freeze review", deed)


@looking.get("/review/frozen/{digest}", responses={200: {"model": Document}})
async def frozen_review(call: Calling, digest: Digest) -> Response:
    """A copy that was kept, byte for byte: its SHA-256 is the digest."""

    def shown() -> bytes:
        with call.house.to_look() as service:
            return service.frozen_review(digest)

    data = await call.work(shown)
    return Response(data, media_type="application/json", headers={"Cache-Control": "no-store"})


@changing.post("/ack", responses={200: {"model": Judged}})
async def acknowledge(call: Calling, asked: Because) -> Response:
    """Acknowledge a ROLL BACK that stands: its cause is known. Nothing is released by it."""
    return await call.change(
        "acknowledge",
        lambda service, actor: service.acknowledge(actor, asked.reason),
        roles=NARROWING_ROLES,
    )


@looking.get("/report", responses={200: {"model": Document}})
async def report(call: Calling, step: Step | None = None, since: Since = None) -> Response:
    """Stub/openai split, errorCodes and latency, in total and per rollout step."""
    selection = Selection(step, _moment(call.house, since))
    return answer(await call.work(lambda: call.house.telemetry.report(selection)))


@looking.get("/gate-audit", responses={200: {"model": Document}})
async def gate_audit(
    call: Calling,
    revision: Revision | None = None,
    step: Step | None = None,
    since: Since = None,
    code: GateCode | None = None,
    history: History = None,
    lines: bool = False,
    limit: Limit = 20,
    offset: Offset = 0,
    excused: bool = False,
) -> Response:
    """Lines that the controls of their time do not explain (docs/gate-audit.md); `lines` lists them."""
    moment = _moment(call.house, since)
    chosen = Filter(revision=revision, step=step, since_ns=moment, code=code, history=history)
    question = LinesQuestion(chosen=chosen, limit=limit, offset=offset, with_excused=excused)

    def found() -> Json:
        telemetry = call.house.telemetry
        findings = telemetry.gate_findings(chosen)
        return found_lines(chosen, findings, telemetry.gate_lines(question) if lines else None)

    return answer(await call.work(found))


@changing.post("/bad-outputs", responses={200: {"model": answered.BadReported}})
async def report_bad(call: Calling, asked: BadOutput) -> Response:
    """Report an output that you looked at and found bad: the rollout holds."""
    return await call.change(
        "report bad output",
        lambda service, actor: {
            "job": asked.job,
            "report": service.report_bad(actor, asked.job, asked.reason),
        },
    )


@changing.post("/bad-outputs/withdrawal", responses={200: {"model": answered.BadWithdrawn}})
async def withdraw_bad(call: Calling, asked: BadOutput) -> Response:
    """Take every standing report of a job back."""
    return await call.change(
        "withdraw bad output",
        lambda service, actor: {
            "job": asked.job,
            "withdrawn": service.withdraw_bad(actor, asked.job, asked.reason),
        },
    )


@changing.post("/probes", responses={200: {"model": Probed}})
async def run_harmless(call: Calling, asked: Probes) -> Response:
    """Run harmless jobs, to verify the controls on a quiet system or confirm a kill."""

    def deed(service: ChangeService, _actor: Actor) -> Json:
        count = asked.count or service.thresholds().verification_lines
        probes = run_probes(call.house.home, count, call.house.now_ns)
        found, kept = reviewed(call.house, service.question())
        return probed(probes, kept, [unseen(kept)] if found is None else said_of(found.verdict))

    return await call.change("probe", deed)


def _moment(house: House, since: str | None) -> int | None:
    if since is None:
        return None
    moment = moment_of(since, house.now_ns())
    if moment is None:
        words = "`since` is a time like 2026-11-21T02:22:53Z, or how long ago, like 30m or 7d"
        raise Refused(422, "invalid-request", words)
    return moment
