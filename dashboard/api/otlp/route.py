"""The route. It has threads of its own, and takes a bounded number of requests at once."""

from dataclasses import dataclass

import anyio
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.api.body import at_most, media_type
from dashboard.api.mutation import bearer
from dashboard.api.otlp.answers import accepted, refused
from dashboard.api.otlp.body import MOST_BYTES, TOO_LARGE, plain
from dashboard.api.otlp.export import Encoding, Undecodable, decoded
from dashboard.api.otlp.lines import Lines, digest_of, lines_of
from dashboard.api.otlp.spool import PushedSpool
from dashboard.api.problem import Refused
from dashboard.api.who import entitled
from dashboard.auth.access import Access
from dashboard.auth.sessions import Standing
from dashboard.auth.threads import Threads
from gates.policy.intent import Role
from gates.store.rows import TokenScope
from gates.store.tokens import token_id_of

PATH = "/v1/logs"
MOST_AT_ONCE = 16
LONGEST_UPLOAD_S = 30.0
_THREADS = 2
_ANSWERING = frozenset({Role.ONCALL, Role.ENGINEERING_OWNER, Role.ADMIN})
"""Who may hand in telemetry with a token that opens everything: it is evidence for a widening."""


@dataclass(slots=True)
class _Load:
    """How many requests are being read or written."""

    now: int = 0


def otlp_routes(access: Access, spool: PushedSpool) -> list[Route]:
    """`POST /v1/logs`, writing to `spool`."""
    threads, load = Threads(_THREADS), _Load()

    async def logs(request: Request) -> Response:
        encoding = _encoding_of(request)
        try:
            if load.now >= MOST_AT_ONCE:
                raise Refused(503, "busy", "too many requests at once; send this one again")
            load.now += 1
            try:
                return await _taken(request)
            finally:
                load.now -= 1
        except Refused as why:
            return refused(why, encoding or Encoding.JSON)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it

    async def _taken(request: Request) -> Response:
        token_id = await threads.run(_token_of, access, request)
        encoding = _encoding_of(request)
        if encoding is None:
            raise Refused(415, "content-type", f"send {' or '.join(f'`{one}`' for one in Encoding)}")
        try:
            with anyio.fail_after(LONGEST_UPLOAD_S):
                data = await at_most(request, MOST_BYTES)
        except TimeoutError:
            raise Refused(503, "slow", "the body did not arrive in time; send it again") from None
        if data is None:
            raise Refused(413, "too-large", TOO_LARGE)
        compressed = request.headers.get("content-encoding", "")
        return accepted(await threads.run(_written, spool, token_id, data, compressed, encoding), encoding)

    return [Route(PATH, logs, methods=["POST"])]


def _encoding_of(request: Request) -> Encoding | None:
    sent = media_type(request)
    return next((one for one in Encoding if one == sent), None)


def _token_of(access: Access, request: Request) -> str:
    """The id of the token that vouches for what is sent. Blocking. Raises `Refused`."""
    if "origin" in request.headers and not access.door.is_own_page(request.headers):
        raise Refused(403, "foreign-origin", "this is for programs with a token")
    text = bearer(request)
    if text is None and "cookie" in request.headers:
        raise Refused(403, "no-token", "a session hands in no telemetry; show a token of scope `logs`")
    if text is None:
        raise Refused(401, "no-token", "show a token of scope `logs`; `slotgate tokens create` makes one")
    visitor = entitled(access, request, TokenScope.LOGS)
    if visitor.standing is Standing.LIVE and not visitor.roles & _ANSWERING:
        raise Refused(403, "role", "use a token of scope `logs`, or one of an operator who runs the rollout")
    return str(token_id_of(text))


def _written(spool: PushedSpool, token_id: str, data: bytes, compressed: str, encoding: Encoding) -> Lines:
    """Decode and keep. Blocking. Raises `Refused`; then nothing was kept."""
    body = plain(data, compressed)
    try:
        lines = lines_of(decoded(body, encoding), digest_of(body, encoding, token_id))
    except Undecodable as error:
        raise Refused(400, "undecodable", f"{error}; send an ExportLogsServiceRequest") from error
    try:
        if lines.data:
            spool.append(token_id, lines.data)
    except OSError as error:
        said = (error.strerror or "it failed").lower()
        raise Refused(503, "spool", f"the spool cannot be written: {said}; send it again later") from error
    return lines
