"""The routes of the tasks. Those that change something are enumerated by the policy, not here."""

from starlette.routing import Route

from dashboard.api.tasks.changing import TaskChanges
from dashboard.api.tasks.looking import TaskLooks
from dashboard.api.tasks.opened import OpenedTasks
from dashboard.auth.threads import Threads
from gates.tasks.policy.actions import MUTATIONS

_THREADS = 4
_WRITING = ["POST", "PUT", "PATCH", "DELETE"]
ROOTS = ("/api/tasks", "/api/tasks-mutations", "/api/artifacts")


def task_routes(opened: OpenedTasks) -> list[Route]:
    """`opened` gives the service. Whatever else comes below the three roots meets the boundary, too."""
    threads = Threads(_THREADS)
    changes = TaskChanges(opened.access, opened, threads)
    looks = TaskLooks(opened.access, opened, threads)
    return [
        *(Route(path, changes.change, methods=["POST"]) for path in MUTATIONS),
        Route("/api/tasks", looks.tasks, methods=["GET"]),
        Route("/api/tasks/{task_id}", looks.task, methods=["GET"]),
        Route("/api/artifacts/{task_id}/{run:int}", looks.artifact, methods=["GET"]),
        *(Route(root, changes.change, methods=_WRITING) for root in ROOTS),
        *(Route(f"{root}/{{path:path}}", changes.change, methods=_WRITING) for root in ROOTS),
        *(Route(f"{root}/{{path:path}}", looks.nothing, methods=["GET"]) for root in ROOTS),
    ]
