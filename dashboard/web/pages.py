"""Serve our own pages and their parts: a closed list of files, read once, under a strict policy."""

from functools import cache
from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

FOLDER = Path(__file__).parent
CONTENT_SECURITY_POLICY = "; ".join((
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
))  # fmt: skip
HEADERS = {"Content-Security-Policy": CONTENT_SECURITY_POLICY, "Cache-Control": "no-cache"}
ASSETS = {
    "page.css": "text/css",
    "stop-panel.css": "text/css",
    "stop-panel.js": "text/javascript",
    "stop-page.js": "text/javascript",
    "sign-in.js": "text/javascript",
}
PARTS = {"stop-panel.js": ("stop-words.js", "stop-panel.js")}
"""What is served as one file: in Streamlit a script can load no other."""
ICON = FOLDER.parent / "views" / "icon.png"


@cache
def source(name: str) -> str:
    """One of our files, as text."""
    return "\n".join((FOLDER / part).read_text(encoding="utf-8") for part in PARTS.get(name, (name,)))


def sign_in_page(issuer: str | None, said: str = "", status: int = 200) -> Response:
    """The sign-in, with a button for the provider where there is one."""
    provider = ""
    if issuer is not None:
        host = escape(issuer.partition("//")[2])
        provider = f'<a class="button" id="provider" href="/sign-in/provider">Sign in with {host}</a>'
    page = source("sign-in.html").replace("{provider}", provider).replace("{said}", escape(said))
    return _page(page, status)


def page_routes(issuer: str | None) -> list[Route]:
    """`/sign-in`, `/stop`, and what they load."""

    async def sign_in(_request: Request) -> Response:
        return sign_in_page(issuer)

    async def stop(_request: Request) -> Response:
        return _page(source("stop.html"))

    return [Route("/sign-in", sign_in), Route("/stop", stop), *map(_asset, ASSETS), _icon()]


def _asset(name: str) -> Route:
    async def asset(_request: Request) -> Response:
        return Response(source(name), headers=HEADERS, media_type=ASSETS[name])

    return Route(f"/our/{name}", asset)


def _icon() -> Route:
    data = ICON.read_bytes()

    async def icon(_request: Request) -> Response:
        return Response(data, headers=HEADERS, media_type="image/png")

    return Route("/our/icon.png", icon)


def _page(markup: str, status: int = 200) -> Response:
    return Response(markup, status, HEADERS, "text/html")
