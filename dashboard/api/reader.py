"""Who may be told what a home is doing: a program with a token of scope `read`, or a session.

For calls that change nothing. Pages of others learn nothing by them, whatever a browser sends along.
"""

from starlette.requests import Request

from dashboard.api.mutation import bearer
from dashboard.api.problem import Refused
from dashboard.api.who import entitled
from dashboard.auth.access import Access
from dashboard.auth.doorkeeper import READING
from gates.store.rows import TokenScope

_NO_OTHER_PAGE = ("none", "same-origin")


def require_reader(access: Access, request: Request) -> None:
    """Raise `Refused` unless the caller may look. Blocking.

    A home without people is looked at by whoever reaches it, which is this machine alone.
    """
    if access.people:
        entitled(access, request, TokenScope.READ)
    if _is_foreign(access, request):
        raise Refused(403, "foreign-origin", "this is for programs with a token, and pages of this server")


def _is_foreign(access: Access, request: Request) -> bool:
    """Browsers name the page in `Origin`, except for what a page only gets from its own server."""
    by_session = access.people and bearer(request) is None
    if "origin" in request.headers or (by_session and request.method not in READING):
        return not access.door.is_own_page(request.headers)
    return request.headers.get("sec-fetch-site", "none") not in _NO_OTHER_PAGE
