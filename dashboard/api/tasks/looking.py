"""Calls that only look: tasks by page, one task with its events, the result of a run."""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from dashboard.api.problem import NO_STORE, Refused, answer, problem
from dashboard.api.tasks.answers import failed
from dashboard.api.tasks.opened import OpenedTasks
from dashboard.api.who import entitled
from dashboard.auth.access import Access
from dashboard.auth.threads import Threads
from gates.errors import GateError
from gates.store.rows import TokenScope
from gates.tasks.describing import event_body, task_body
from gates.tasks.view import TaskState

PAGE = 100
EVENTS = 500
_LARGEST = 2**31 - 1


class TaskLooks:
    """Calls of one home. Whoever may see the pages may look, and whoever has a token of scope `tasks`."""

    def __init__(self, access: Access, opened: OpenedTasks, threads: Threads) -> None:
        self._access = access
        self._opened = opened
        self._threads = threads

    async def tasks(self, request: Request) -> Response:
        """A page of tasks, in the order they were created: `after`, `most` and `state` in the query."""
        return await self._threads.run(self._answered, request, self._tasks)

    async def task(self, request: Request) -> Response:
        """One task: where it stands, its job spec and its newest events, oldest first."""
        return await self._threads.run(self._answered, request, self._task)

    async def artifact(self, request: Request) -> Response:
        """The result of a run, as it was handed in."""
        return await self._threads.run(self._answered, request, self._artifact)

    async def nothing(self, request: Request) -> Response:
        """What is not there."""
        return await self._threads.run(self._answered, request, _nothing)

    def _answered(self, request: Request, look: Callable[[Request], Response]) -> Response:
        try:
            entitled(self._access, request, TokenScope.TASKS)
            return look(request)
        except Refused as refused:
            return problem(refused)
        except (GateError, OSError) as error:
            return failed(error)

    def _tasks(self, request: Request) -> Response:
        after, most = _number(request, "after", 0, 2**62), _number(request, "most", PAGE, PAGE)
        state = _state(request)
        with self._opened.service().store.read() as tx:
            views = tx.tasks.views(after=after, most=most, state=state)
        following = views[-1].created_seq if len(views) == most and views else None
        return answer({"tasks": [task_body(view) for view in views], "next": following})

    def _task(self, request: Request) -> Response:
        with self._opened.service().store.read() as tx:
            view = tx.tasks.view(task_id := _task_id(request))
            if view is None:
                return _nothing(request)
            events = tx.tasks.events(task_id)
        body: dict[str, Any] = {
            "task": task_body(view),
            "job_spec": events[0].detail.get("spec"),
            "events": [event_body(event) for event in events[-EVENTS:]],
            "events_in_all": len(events),
        }
        return answer(body)

    def _artifact(self, request: Request) -> Response:
        run = int(request.path_params["run"])
        with self._opened.service().store.read() as tx:
            row = tx.tasks.artifact(_task_id(request), run) if run <= _LARGEST else None
        if row is None:
            return _nothing(request)
        return Response(row.data, 200, {**NO_STORE, "Digest-SHA256": row.digest}, "application/json")


def _nothing(_request: Request) -> Response:
    raise Refused(404, "not-found", "there is no such task, result or route; list the tasks at `/api/tasks`")


def _task_id(request: Request) -> str:
    """Ids are short; what is not cannot be there, and a database may not even take it."""
    task_id = str(request.path_params["task_id"])
    return task_id if len(task_id) <= 64 and task_id.isascii() and task_id.isprintable() else ""


def _number(request: Request, name: str, default: int, most: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit()) or len(text) > 19 or int(text) > most:
        raise Refused(400, "wrong-query", f"`{name}` is a number from 0 to {most}")
    return int(text)


def _state(request: Request) -> TaskState | None:
    text = request.query_params.get("state")
    if text is None:
        return None
    try:
        return TaskState(text)
    except ValueError:
        known = ", ".join(TaskState)
        raise Refused(400, "wrong-query", f"`state` is one of {known}") from None
