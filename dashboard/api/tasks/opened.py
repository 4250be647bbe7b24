"""The task service of a served home, put together at its first call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from uuid import uuid4

from dashboard.auth.access import Access
from gates.changes.belonging import open_store
from gates.controls.reader import ControlFile
from gates.decision import CompiledControls
from gates.store.store import Store
from gates.tasks.mutations import allowed_routes
from gates.tasks.refusals import Recurring
from gates.tasks.service import TaskService


@dataclass(slots=True)
class OpenedTasks:
    """Keeps one store of its own, which waits longer for other writers than the door does.

    `environ` is that of the server.
    """

    access: Access
    environ: Mapping[str, str]
    new_id: Callable[[], str] = lambda: uuid4().hex
    _store: Store | None = None
    _recurring: Recurring | None = None
    _lock: Lock = field(default_factory=Lock)

    def service(self) -> TaskService:
        """The service. Raises a `StoreError`; the next call tries again."""
        home, clock = self.access.home, self.access.clock
        controls = ControlFile(home.control_file, clock=clock)
        with self._lock:
            if self._store is None:
                self._store = open_store(home, self.access.place)
            if self._recurring is None:
                self._recurring = Recurring(clock)
            return TaskService(
                store=self._store,
                clock=clock,
                new_id=self.new_id,
                allowed=lambda: allowed_routes(home.task_mutations),
                gate_open=lambda: could_reach(controls.current()),
                environ=self.environ,
                recurring=self._recurring,
            )

    def close(self) -> None:
        """Let go of the store."""
        with self._lock:
            if self._store is not None:
                self._store.close()
            self._store = None


def could_reach(controls: CompiledControls) -> bool | None:
    """Whether these controls let any job at all reach the model; null where they are not known."""
    if controls.unknown is not None:
        return None
    return controls.killed is None and controls.feature and controls.admits_below > 0
