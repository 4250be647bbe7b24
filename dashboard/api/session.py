"""Sign in and out: `POST /api/v1/sign-in`, `POST /api/v1/sign-out`."""

from contextlib import suppress
from math import ceil

from starlette.requests import Request
from starlette.responses import Response

from dashboard.api.mutation import body_of, require_meant, text_of
from dashboard.api.problem import Refused, answer, problem
from dashboard.api.who import peer
from dashboard.auth import entering
from dashboard.auth.access import Access
from dashboard.auth.errors import SignInRefused
from dashboard.auth.sessions import KILL_GRACE_NS, LIFE_NS, SECOND, Opened
from dashboard.auth.threads import Threads
from gates.controls.instant import timestamp

_THREADS = 4


class SessionCalls:
    """The calls about sessions of one home."""

    def __init__(self, access: Access) -> None:
        self._access = access
        # A password takes 64 MiB and some tens of milliseconds: few at once.
        self._threads = Threads(_THREADS)

    async def sign_in(self, request: Request) -> Response:
        """By `name` and `password`, by `token`, or by a one-time `code`."""
        try:
            require_meant(request, self._access.door)
            body = await body_of(request)
            opened = await self._threads.run(self._opened, body, peer(request))
        except Refused as refused:
            return problem(refused)
        with suppress(OSError):
            await self._threads.run(end_session, self._access, request)
        session = opened.session
        response = answer({"operator": session.operator_id, "expires": timestamp(session.expires_ns)})
        give_cookie(response, self._access, opened)
        return response

    async def sign_out(self, request: Request) -> Response:
        """End this session for good, also for a kill."""
        try:
            require_meant(request, self._access.door)
            await self._threads.run(end_session, self._access, request)
        except Refused as refused:
            return problem(refused)
        except OSError as error:
            words = f"the session could not be ended: {error.strerror}; close the browser"
            return problem(Refused(503, "not-ended", words))
        response = answer({"signedOut": True})
        response.delete_cookie(self._access.door.cookie, path="/", secure=self._access.door.secure)
        return response

    def _opened(self, body: dict[str, object], address: str) -> Opened:
        name, password = text_of(body, "name", 200), text_of(body, "password", 1_000)
        token, code = text_of(body, "token", 300), text_of(body, "code", 100)
        try:
            if token:
                return entering.by_token(self._access, token, address)
            if code:
                return entering.by_code(self._access, code, address)
            if name and password:
                return entering.by_password(self._access, name, password, address)
        except SignInRefused as refused:
            if refused.wait_s:
                wait = {"Retry-After": str(ceil(refused.wait_s))}
                raise Refused(429, "too-many-attempts", str(refused), wait) from refused
            raise Refused(401, "sign-in-refused", str(refused)) from refused
        raise Refused(400, "wrong-field", "give `name` and `password`, or `token`, or `code`")


def end_session(access: Access, request: Request) -> None:
    """End the session of this browser, if it has one. Blocking. Raises `OSError`: it goes on then."""
    visitor = access.visitor(request.headers, request.client.host if request.client else None)
    if visitor is not None:
        entering.leave(access, visitor)


def give_cookie(response: Response, access: Access, opened: Opened) -> None:
    """Longer than the session: for seven days more it is good for a kill, and for nothing else."""
    response.set_cookie(
        access.door.cookie,
        access.cookie_for(opened),
        (LIFE_NS + KILL_GRACE_NS) // SECOND,
        path="/",
        secure=access.door.secure,
        httponly=True,
        samesite="strict",
    )
