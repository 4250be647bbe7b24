"""The audit chain: pages of it, all of it, whether it is intact, and signed checkpoints (docs/audit.md)."""

from collections.abc import AsyncIterator
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response, StreamingResponse

from dashboard.api.control.answers import house as answered
from dashboard.api.control.answers.form import Document
from dashboard.api.control.asked import Empty, Notes
from dashboard.api.control.calling import Call, Calling, Json
from dashboard.api.control.entrance import Asking, Changing, Looking
from dashboard.api.control.numbers import Limit
from dashboard.api.problem import answer
from dashboard.data.audit import AuditFilter, page
from dashboard.documents import audit as documents
from gates.errors import InvalidCheckpoint, UnknownEntry
from gates.policy.intent import Role
from gates.store.audit.checkpoint import checked_checkpoint
from gates.store.audit.export import ndjson
from gates.store.audit.keeper import known_heads, read_key, sign_checkpoint, signer_key
from gates.store.audit.note import VerifierKey
from gates.store.audit.verify import TreeHead, verify
from gates.store.port import StorePort

looking = APIRouter(route_class=Looking, tags=["audit"])
asking = APIRouter(route_class=Asking, tags=["audit"])
changing = APIRouter(route_class=Changing, tags=["audit"])
SIGNING = frozenset({Role.AUDITOR, Role.ADMIN})
NDJSON = "application/x-ndjson"
_AT_ONCE = 500
_MOST = 2**53 - 1
Number = Annotated[int, Path(ge=1, le=_MOST)]
Below = Annotated[int | None, Query(ge=1, le=_MOST, description="only records before this number")]
Word = Annotated[str, Query(max_length=200)]


@looking.get("/audit", responses={200: {"model": answered.AuditPage}})
async def audit_page(
    call: Calling,
    below: Below = None,
    limit: Limit = 50,
    actor: Word = "",
    action: Word = "",
    outcome: Word = "",
    request: Word = "",
    refusals: bool = False,
    late: bool = False,
) -> Response:
    """Records newest first; `olderBelow` of the answer is the `below` of the next page."""
    chosen = AuditFilter(
        actor=actor, action=action, outcome=outcome, request=request, refusals=refusals, late=late
    )

    def listed(store: StorePort) -> Json:
        with store.read() as tx:
            found = page(tx.audit, chosen, below, limit)
        return {
            "records": list(found.records),
            "newest": found.newest,
            "olderBelow": found.older_below,
            "looked": found.looked,
            "cutShort": found.cut_short,
        }

    return await call.read(listed)


@looking.get("/audit/export", responses={200: {"content": {NDJSON: {"schema": {"type": "string"}}}}})
async def audit_export(call: Calling) -> Response:
    """The whole chain as NDJSON, which `slotgate audit verify --export FILE` verifies anywhere."""

    def size(store: StorePort) -> int:
        with store.read() as tx:
            tail = tx.audit.tail()
        return 0 if tail is None else tail.seq

    def whole() -> int:
        with call.house.store() as store:
            return size(store)

    headers = {"Cache-Control": "no-store"}
    return StreamingResponse(_pieces(call, await call.work(whole)), media_type=NDJSON, headers=headers)


@looking.get("/audit/key", responses={200: {"model": answered.Key}})
async def audit_key(call: Calling) -> Response:
    """The public key that checks the notes of this home; there is none before the first checkpoint."""

    def shown() -> Json:
        key = read_key(call.house.home.audit_key)
        if key is None:
            raise UnknownEntry("this home has no key yet; POST /audit/checkpoints makes it")
        return {"key": str(key.verifier)}

    return answer(await call.work(shown))


@looking.get("/audit/verification", responses={200: {"model": answered.Verification}})
async def verify_chain(call: Calling) -> Response:
    """Check every record and its link, and the checkpoints that the store keeps."""
    return await call.read(lambda store: _verified(store, []))


@looking.get("/audit/{seq}", responses={200: {"model": Document}})
async def audit_record(call: Calling, seq: Number) -> Response:
    """One record, whole."""

    def shown(store: StorePort) -> Json:
        with store.read() as tx:
            record = tx.audit.get(seq)
        if record is None:
            raise UnknownEntry(f"there is no record {seq}; GET /audit shows the newest")
        return documents.record(record)

    return await call.read(shown)


@asking.post("/audit/verification", responses={200: {"model": answered.Verification}})
async def verify_against(call: Calling, asked: Notes) -> Response:
    """The same, and against signed checkpoints that were kept elsewhere. Changes nothing."""
    return await call.read(lambda store: _verified(store, _heads(call, asked)))


@changing.post("/audit/checkpoints", responses={200: {"model": answered.Checkpoint}})
async def sign(call: Calling, asked: Empty) -> Response:
    """Verify the chain, then sign its size and root; keep the note on another machine."""
    del asked
    await call.require("sign checkpoint", SIGNING)

    def signed(store: StorePort) -> Json:
        with store.read() as tx:
            environment = tx.settings.get("environment") or "unnamed"
        key = signer_key(call.house.home.audit_key, environment)
        return documents.checkpoint(sign_checkpoint(store, key, call.house.now_ns), key.verifier)

    return await call.read(signed)


def _verified(store: StorePort, heads: list[TreeHead]) -> Json:
    with store.read() as tx:
        return documents.verification(verify(tx.audit.iterate(), [*known_heads(tx), *heads]), len(heads))


def _heads(call: Call, asked: Notes) -> list[TreeHead]:
    if asked.key is not None:
        key = VerifierKey.parse(asked.key)
    else:
        own = read_key(call.house.home.audit_key)
        if own is None:
            raise InvalidCheckpoint("this home has no key; send the public key of the checkpoints in `key`")
        key = own.verifier
    return [checked_checkpoint(note, key) for note in asked.checkpoints]


async def _pieces(call: Call, size: int) -> AsyncIterator[bytes]:
    """The chain as it was at the beginning, in pieces: a snapshot is not held while a slow reader reads."""
    reached = 0

    def piece() -> tuple[int, bytes]:
        with call.house.store() as store, store.read() as tx:
            records = list(islice(tx.audit.iterate(reached + 1), min(_AT_ONCE, size - reached)))
        return (records[-1].seq if records else size), b"".join(ndjson(records))

    while reached < size:
        reached, data = await call.work(piece)
        yield data
