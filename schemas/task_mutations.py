"""`task-mutations.v1`: which routes may change tasks in a home."""

from typing import Literal

from schemas.base import Document, NonEmpty


class TaskMutations(Document):
    """The mutation allowlist: paths such as `/api/tasks/create`. What it does not list is not allowed."""

    version: Literal["task-mutations.v1"]
    allow: tuple[NonEmpty, ...]
