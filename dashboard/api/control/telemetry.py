"""What is in quarantine, what a job spec would be decided, and what is wrong with the home."""

import json
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from dashboard.api.body import media_type
from dashboard.api.control.answers import house as answered
from dashboard.api.control.answers.form import Document
from dashboard.api.control.asked import Replay
from dashboard.api.control.audit import NDJSON
from dashboard.api.control.calling import Calling, Json
from dashboard.api.control.entrance import Asking, Changing, Looking
from dashboard.api.control.numbers import Limit, Offset
from dashboard.api.problem import NO_STORE, Refused, answer
from dashboard.documents import quarantine as documents
from dashboard.documents.decisions import decided, explained, job_of, no_job
from gates.changes.service import ChangeService
from gates.controls.reader import ControlFile
from gates.errors import InvalidChange, UnknownEntry
from gates.policy.intent import Actor
from ingest.contract.outcomes import Cause
from ingest.quarantine import QuarantineQuestion, RecordPlace, ReplayRequest
from schemas.errors import ContractError

looking = APIRouter(route_class=Looking, tags=["telemetry"])
asking = APIRouter(route_class=Asking, tags=["telemetry"])
changing = APIRouter(route_class=Changing, tags=["telemetry"])
Named = Annotated[str, Path(pattern="^[0-9]{1,9}:[0-9]{1,18}:[0-9]{1,9}$")]
_LONGEST_TARGET = 200
_SPECS = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "object"}},
            NDJSON: {"schema": {"type": "string"}},
        },
    }
}


@looking.get("/quarantine", responses={200: {"model": Document}})
async def quarantine(
    call: Calling, cause: Cause | None = None, limit: Limit = 20, offset: Offset = 0
) -> Response:
    """What looked like telemetry and was not valid, newest first."""
    question = QuarantineQuestion(cause=cause, limit=limit, offset=offset)
    return answer(await call.work(lambda: documents.listed(call.house.telemetry.quarantine(question))))


@looking.get("/quarantine/{record}", responses={200: {"model": Document}})
async def quarantined(call: Calling, record: Named) -> Response:
    """One record and what the parser of today says of it; what was kept of it is for roles that judge."""
    place = _place(record)
    shown = documents.whole if call.actor.roles & documents.RAW_ROLES else documents.today

    def looked() -> Json:
        found = call.house.telemetry.quarantine(QuarantineQuestion(place=place, limit=1)).records
        if not found:
            raise UnknownEntry(f"no record `{place}` is in quarantine; GET /quarantine names them")
        return shown(found[0])

    return answer(await call.work(looked))


@changing.post("/quarantine/replay", responses={200: {"model": answered.Replayed}})
async def replay(call: Calling, asked: Replay) -> Response:
    """Read records again: what today's parser finds valid is taken in, exactly once."""
    if sum((bool(asked.records), asked.cause is not None, asked.all)) != 1:
        raise InvalidChange("name `records`, or a `cause`, or `all`: exactly one of them")
    wanted = ReplayRequest(places=tuple(map(_place, asked.records)), cause=_cause(asked.cause))
    target = "every record" if asked.all else ", ".join(asked.records) or f"every record of {asked.cause}"

    def deed(service: ChangeService, actor: Actor) -> Json:
        service.ask_replay(actor, target[:_LONGEST_TARGET], asked.reason)
        return documents.replayed(call.house.telemetry.replay(wanted))

    return await call.change("replay quarantine", deed)


@looking.get("/doctor", responses={200: {"model": answered.Examined}})
async def doctor(call: Calling) -> Response:
    """What is wrong with the home, and what to do. Mends nothing."""
    return answer(await call.work(call.house.examined))


@looking.get("/doctor/invariants", responses={200: {"model": answered.Examined}})
async def invariants(call: Calling) -> Response:
    """Whether the events of tasks and the views kept of them agree, and of which tasks they do not."""
    return answer(await call.work(call.house.invariants))


@asking.post("/decide", responses={200: {"model": Document}}, openapi_extra=_SPECS)
async def decide(call: Calling, explain: bool = False) -> Response:
    """What the controls in force decide about a job spec, without running it (docs/decision.md).

    One slot-generation.v1 document as JSON gives one decision; one a line as NDJSON, one decision a line.
    """
    data = await call.request.body()
    media = media_type(call.request)
    source = ControlFile(call.house.home.control_file)
    answered_by = explained if explain else decided
    if media == "application/json":
        return answer(await call.work(lambda: answered_by(source, job_of(data))))
    if media != NDJSON:
        raise Refused(415, "wrong-media-type", f"send a job spec as application/json, or several as {NDJSON}")

    def one(line: bytes) -> Json:
        try:
            return answered_by(source, job_of(line))
        except ContractError as error:
            return no_job(str(error))

    def each() -> bytes:
        lines = data.split(b"\n")
        whole = lines[:-1] if lines and not lines[-1] else lines
        return b"".join(json.dumps(one(line)).encode() + b"\n" for line in whole)

    return Response(await call.work(each), headers=NO_STORE, media_type=NDJSON)


def _place(spelled: str) -> RecordPlace:
    found = RecordPlace.of(spelled)
    if found is None:
        raise InvalidChange("a record is named as GET /quarantine names it, like 3:1024:0")
    return found


def _cause(spelled: str | None) -> Cause | None:
    if spelled is None:
        return None
    try:
        return Cause(spelled)
    except ValueError:
        raise InvalidChange(f"`{spelled}` is no cause; GET /quarantine counts by them") from None
