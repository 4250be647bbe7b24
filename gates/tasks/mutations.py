"""The mutation allowlist of a home: every enumerated route without a file, nothing where it is bad."""

from pathlib import Path

from gates.controls.checked import Unreadable, read
from gates.tasks.policy.actions import MUTATIONS
from schemas import check
from schemas.errors import ContractError

CONTRACT = "task-mutations.v1"
EVERY_ROUTE = frozenset(MUTATIONS)


def allowed_routes(path: Path) -> frozenset[str]:
    """The paths that `path` lists. What cannot be read or understood allows nothing."""
    found = problem_of(path)
    return found if isinstance(found, frozenset) else frozenset()


def problem_of(path: Path) -> frozenset[str] | str:
    """What `path` lists, or why it cannot be relied on."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return EVERY_ROUTE
    except OSError as error:
        return f"`{path}` cannot be read: {(error.strerror or 'failed').lower()}; make it readable"
    try:
        document = check.parse(CONTRACT, read(path)[1])
    except (Unreadable, ContractError) as error:
        return f"`{path}` cannot be used, so no route may change a task: {error}; mend it, or remove it"
    if status.st_mode & 0o022:
        return f"`{path}` can be written by others, so no route may change a task; make it 0600"
    return frozenset(document["allow"])
