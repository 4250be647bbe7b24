"""The way in by an OpenID provider: `/sign-in/provider` there, `/sign-in/back` back again."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from contextlib import suppress
from dataclasses import astuple, dataclass
from hmac import compare_digest, digest
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from dashboard.api.problem import NO_STORE
from dashboard.api.session import end_session, give_cookie
from dashboard.api.who import peer
from dashboard.auth import entering
from dashboard.auth.access import Access
from dashboard.auth.errors import ProviderFailed, SignInRefused
from dashboard.auth.oidc import Journey, Provider
from dashboard.auth.sessions import SECOND, Opened
from dashboard.auth.threads import Threads
from dashboard.web.pages import sign_in_page

THERE, BACK = "/sign-in/provider", "/sign-in/back"
_THREADS = 8
_JOURNEY_S = 600
_ONWARD = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Signed in · slotgate</title>'
    '<meta http-equiv="refresh" content="0;url={target}">'
    '<p>Signed in. <a href="{target}">Go on</a></p></html>'
)


@dataclass(frozen=True, slots=True)
class _Luggage:
    """What a browser carries to the provider and back, signed."""

    journey: Journey
    target: str
    until_ns: int


class ProviderCalls:
    """Both halves of the way."""

    def __init__(self, access: Access, provider: Provider) -> None:
        self._access = access
        self._provider = provider
        self._threads = Threads(_THREADS)

    async def there(self, request: Request) -> Response:
        """Send the browser to the provider."""
        again = "again" in request.query_params
        try:
            url, journey = await self._threads.run(lambda: self._provider.begin(again=again))
        except ProviderFailed as failed:
            return sign_in_page(self._provider.issuer, str(failed), 401)
        target = local_target(request.query_params.get("next", "/"))
        luggage = _Luggage(journey, target, self._access.clock() + _JOURNEY_S * SECOND)
        response = RedirectResponse(url, 303, headers=dict(NO_STORE))
        # Lax: the way back begins at the provider, and Strict cookies stay at home then.
        response.set_cookie(
            self._cookie,
            self._packed(luggage),
            _JOURNEY_S,
            path="/sign-in",
            secure=self._access.door.secure,
            httponly=True,
            samesite="lax",
        )
        return response

    async def back(self, request: Request) -> Response:
        """Who it was, then on to where they wanted to go."""
        luggage = self._unpacked(request.cookies.get(self._cookie, ""))
        if luggage is None or luggage.until_ns < self._access.clock():
            said = "this sign-in was not begun in this browser, or too long ago; begin it again"
            return sign_in_page(self._provider.issuer, said, 401)
        try:
            opened = await self._threads.run(
                self._opened, dict(request.query_params), luggage.journey, peer(request)
            )
        except (SignInRefused, ProviderFailed) as failed:
            return sign_in_page(self._provider.issuer, str(failed), 401)
        with suppress(OSError):
            await self._threads.run(end_session, self._access, request)
        # A page of ours, not a redirect: only from there does the browser send a Strict cookie along.
        onward = _ONWARD.format(target=escape(luggage.target, quote=True))
        response = HTMLResponse(onward, headers=dict(NO_STORE))
        give_cookie(response, self._access, opened)
        response.delete_cookie(self._cookie, path="/sign-in", secure=self._access.door.secure)
        return response

    def _opened(self, query: dict[str, str], journey: Journey, address: str) -> Opened:
        try:
            person = self._provider.finish(query, journey)
        except SignInRefused as refused:
            self._access.notes.refusal(
                "system|sign-in", "sign in refused", "OpenID provider", f"{refused}, from {address}"
            )
            raise
        return entering.by_provider(self._access, person, address)

    @property
    def _cookie(self) -> str:
        return f"slotgate_way_{self._access.door.port}"

    def _packed(self, luggage: _Luggage) -> str:
        facts = [*astuple(luggage.journey), luggage.target, luggage.until_ns]
        body = urlsafe_b64encode(json.dumps(facts).encode()).decode()
        return f"{body}.{urlsafe_b64encode(self._mac(body)).decode()}"

    def _unpacked(self, text: str) -> _Luggage | None:
        body, _, mac = text.partition(".")
        try:
            if not compare_digest(urlsafe_b64decode(mac), self._mac(body)):
                return None
            state, nonce, verifier, again, target, until_ns = json.loads(urlsafe_b64decode(body))
        except (Error, ValueError, TypeError):
            return None
        return _Luggage(Journey(state, nonce, verifier, again), target, until_ns)

    def _mac(self, body: str) -> bytes:
        return digest(self._access.key, f"slotgate way {body}".encode("utf-8", "replace"), "sha256")


def local_target(wanted: str) -> str:
    """A path of ours, or the first page: nobody is sent elsewhere by a link."""
    plain = wanted.isprintable() and wanted.isascii() and "\\" not in wanted
    return wanted if plain and wanted.startswith("/") and not wanted.startswith("//") else "/"
