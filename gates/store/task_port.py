"""The port of the tasks. See `gates.store.port` for what every method raises."""

from collections.abc import Iterator
from typing import Protocol

from gates.store.task_rows import ArtifactRow, Violation
from gates.tasks.events import NewEvent, TaskEvent
from gates.tasks.view import RunView, TaskState


class Tasks(Protocol):
    """Events of tasks, append-only, with the view of each task kept beside them and their results."""

    def append(self, event: NewEvent) -> RunView:
        """Add an event and bring the view of its task along; the view is given back.

        Raises `AlreadyThere` when a task of that id was created before, and `UnknownEntry` for any other
        kind of event where there is none.
        """

    def view(self, task_id: str) -> RunView | None:
        """Where the task stands, or None when there is none."""

    def views(self, *, after: int = 0, most: int, state: TaskState | None = None) -> tuple[RunView, ...]:
        """At most `most` tasks, in the order they were created, from after `created_seq` `after` on."""

    def events(self, task_id: str) -> tuple[TaskEvent, ...]:
        """Every event of the task, oldest first; none where there is no such task."""

    def all_events(self) -> Iterator[TaskEvent]:
        """Every event, oldest first, streaming."""

    def created(self, task_id: str) -> TaskEvent | None:
        """The event that created the task, with its job spec, or None."""

    def due(self, now_ns: int, *, most: int) -> tuple[RunView, ...]:
        """At most `most` tasks that a claim has to look at, in the order they were created.

        Those are queued ones, those whose lease is over at `now_ns`, and those whose lease was renewed
        after `now_ns`, because the clock was set back.
        """

    def add_artifact(self, row: ArtifactRow) -> None:
        """Keep the result of a run. Raises `AlreadyThere` when the run has one."""

    def artifact(self, task_id: str, run: int) -> ArtifactRow | None:
        """The result of a run, or None. Raises `StoreCorrupt` when it is not what was handed in."""

    def rebuild(self) -> int:
        """Make every view anew from the events alone; how many there are. Raises `StoreCorrupt`."""

    def violations(self) -> tuple[Violation, ...]:
        """Where the events and the views break an invariant; empty when all is well."""
