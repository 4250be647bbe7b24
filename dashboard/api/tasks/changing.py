"""Every call that changes a task, those to routes that nobody knows too: one handler, one boundary."""

from starlette.requests import Request
from starlette.responses import Response

from dashboard.api.mutation import require_meant
from dashboard.api.problem import Refused, problem
from dashboard.api.tasks.answers import failed, said
from dashboard.api.tasks.bodies import data_of
from dashboard.api.tasks.opened import OpenedTasks
from dashboard.api.who import entitled
from dashboard.auth.access import Access
from dashboard.auth.threads import Threads
from gates.errors import GateError
from gates.store.rows import TokenScope
from gates.tasks.policy.actions import Action, action_of
from gates.tasks.reading import Call
from gates.tasks.service import Done, NotDone


class TaskChanges:
    """Calls of one home."""

    def __init__(self, access: Access, opened: OpenedTasks, threads: Threads) -> None:
        self._access = access
        self._opened = opened
        self._threads = threads

    async def change(self, request: Request) -> Response:
        """Who calls is found out first; then the boundary says what becomes of it."""
        try:
            require_meant(request, self._access.door)
            visitor = await self._threads.run(entitled, self._access, request, TokenScope.TASKS)
            path = str(request.scope["path"])
            is_known = action_of(request.method, path) is not Action.UNKNOWN
            data = await data_of(request) if is_known else b""
        except Refused as refused:
            return problem(refused)
        call = Call(request.method, path, visitor.actor, data)
        try:
            return said(await self._threads.run(self._changed, call))
        except (GateError, OSError) as error:
            return failed(error)

    def _changed(self, call: Call) -> Done | NotDone:
        return self._opened.service().change(call)
