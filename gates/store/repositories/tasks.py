"""Tasks: their events, the view kept beside them in the same transaction, and the results of their runs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, or_, select, update

from gates.errors import AlreadyThere, StoreCorrupt, UnknownEntry
from gates.store.repositories.columns import decoded, encoded, word
from gates.store.repositories.numbering import next_number
from gates.store.repositories.task_invariants import violations
from gates.store.task_rows import ArtifactRow, Violation
from gates.store.task_tables import run_view, task_artifact, task_event
from gates.tasks.events import EventKind, NewEvent, TaskEvent
from gates.tasks.results import digest_of
from gates.tasks.view import RunView, TaskState, begun, moved

_FETCHED = 500


class SqlTasks:
    """See `gates.store.task_port.Tasks`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, event: NewEvent) -> RunView:
        """Event and view, or neither."""
        before = self.view(event.task_id)
        added = _numbered(event, next_number(self._connection, task_event.c.seq))
        if event.kind is EventKind.CREATED:
            if before is not None:
                raise AlreadyThere(f"there is a task `{event.task_id}` already; look at it, or name another")
            after = begun(added)
            self._connection.execute(insert(run_view).values(**_columns(after)))
        else:
            if before is None:
                raise UnknownEntry(f"there is no task `{event.task_id}`; list the tasks to find it")
            after = moved(before, added)
            changed = update(run_view).where(run_view.c.task_id == event.task_id).values(**_columns(after))
            self._connection.execute(changed)
        self._connection.execute(
            insert(task_event).values(
                seq=added.seq,
                task_id=added.task_id,
                run=added.run,
                kind=added.kind.value,
                actor_id=added.actor_id,
                at_ns=added.at_ns,
                lease_ns=added.lease_ns,
                artifact_digest=added.artifact_digest,
                outcome=added.outcome,
                reason_codes=" ".join(added.reason_codes),
                detail_json=encoded(added.detail),
            )
        )
        return after

    def view(self, task_id: str) -> RunView | None:
        """As kept."""
        found = self._connection.execute(select(run_view).where(run_view.c.task_id == task_id)).first()
        return None if found is None else _view(found)

    def views(self, *, after: int = 0, most: int, state: TaskState | None = None) -> tuple[RunView, ...]:
        """A page."""
        query = select(run_view).where(run_view.c.created_seq > after)
        if state is not None:
            query = query.where(run_view.c.state == state.value)
        found = self._connection.execute(query.order_by(run_view.c.created_seq).limit(most))
        return tuple(map(_view, found))

    def events(self, task_id: str) -> tuple[TaskEvent, ...]:
        """Oldest first."""
        query = select(task_event).where(task_event.c.task_id == task_id).order_by(task_event.c.seq)
        return tuple(map(_event, self._connection.execute(query)))

    def all_events(self) -> Iterator[TaskEvent]:
        """A few hundred at a time."""
        after = 0
        while True:
            query = select(task_event).where(task_event.c.seq > after).order_by(task_event.c.seq)
            rows = self._connection.execute(query.limit(_FETCHED)).all()
            if not rows:
                return
            yield from map(_event, rows)
            after = rows[-1].seq

    def created(self, task_id: str) -> TaskEvent | None:
        """The first one."""
        query = select(task_event).where(
            task_event.c.task_id == task_id, task_event.c.kind == EventKind.CREATED.value
        )
        found = self._connection.execute(query.order_by(task_event.c.seq).limit(1)).first()
        return None if found is None else _event(found)

    def due(self, now_ns: int, *, most: int) -> tuple[RunView, ...]:
        """Oldest first. Two queries, because each has an index and both together have none."""
        over = or_(run_view.c.lease_until_ns <= now_ns, run_view.c.renewed_at_ns > now_ns)
        queued = run_view.c.state == TaskState.QUEUED.value
        left = and_(run_view.c.state == TaskState.LEASED.value, over)
        found = [row for is_due in (queued, left) for row in self._oldest(is_due, most)]
        return tuple(map(_view, sorted(found, key=lambda row: int(row.created_seq))[:most]))

    def add_artifact(self, row: ArtifactRow) -> None:
        """Once a run."""
        if self._artifact(row.task_id, row.run) is not None:
            raise AlreadyThere(f"run {row.run} of task `{row.task_id}` has a result; one run gives one")
        self._connection.execute(
            insert(task_artifact).values(
                task_id=row.task_id,
                run=row.run,
                digest=row.digest,
                data=row.data,
                actor_id=row.actor_id,
                at_ns=row.at_ns,
            )
        )

    def artifact(self, task_id: str, run: int) -> ArtifactRow | None:
        """Only as it was handed in."""
        found = self._artifact(task_id, run)
        if found is None:
            return None
        data = bytes(found.data)
        if found.digest != digest_of(data):
            raise StoreCorrupt(f"the result of run {run} of task `{task_id}` was changed; restore a backup")
        return ArtifactRow(
            task_id=found.task_id,
            run=found.run,
            digest=found.digest,
            data=data,
            actor_id=found.actor_id,
            at_ns=found.at_ns,
        )

    def rebuild(self) -> int:
        """From nothing, event by event."""
        views: dict[str, RunView] = {}
        for event in self.all_events():
            before = views.get(event.task_id)
            try:
                views[event.task_id] = begun(event) if before is None else moved(before, event)
            except (ValueError, KeyError) as error:
                raise StoreCorrupt(f"the events of tasks are damaged: {error}; restore a backup") from error
        self._connection.execute(delete(run_view))
        if views:
            self._connection.execute(insert(run_view), [_columns(view) for view in views.values()])
        return len(views)

    def violations(self) -> tuple[Violation, ...]:
        """One query an invariant."""
        return violations(self._connection)

    def _oldest(self, which: ColumnElement[bool], most: int) -> Sequence[Row[Any]]:
        query = select(run_view).where(which).order_by(run_view.c.created_seq).limit(most)
        return self._connection.execute(query).all()

    def _artifact(self, task_id: str, run: int) -> Row[Any] | None:
        query = select(task_artifact).where(task_artifact.c.task_id == task_id, task_artifact.c.run == run)
        return self._connection.execute(query).first()


def _numbered(event: NewEvent, seq: int) -> TaskEvent:
    return TaskEvent(
        seq=seq,
        task_id=event.task_id,
        kind=event.kind,
        actor_id=event.actor_id,
        at_ns=event.at_ns,
        run=event.run,
        lease_ns=event.lease_ns,
        artifact_digest=event.artifact_digest,
        outcome=event.outcome,
        reason_codes=event.reason_codes,
        detail=event.detail,
    )


def _event(row: Row[Any]) -> TaskEvent:
    return TaskEvent(
        seq=row.seq,
        task_id=row.task_id,
        kind=word(EventKind, row.kind),
        actor_id=row.actor_id,
        at_ns=row.at_ns,
        run=row.run,
        lease_ns=row.lease_ns,
        artifact_digest=row.artifact_digest,
        outcome=row.outcome,
        reason_codes=tuple(row.reason_codes.split()),
        detail=decoded(row.detail_json),
    )


def _columns(view: RunView) -> Mapping[str, object]:
    return {
        "task_id": view.task_id,
        "created_seq": view.created_seq,
        "job_id": view.job_id,
        "most_runs": view.most_runs,
        "state": view.state.value,
        "run": view.run,
        "actor_id": view.actor_id,
        "renewed_at_ns": view.renewed_at_ns,
        "lease_until_ns": view.lease_until_ns,
        "artifact_digest": view.artifact_digest,
        "last_seq": view.last_seq,
        "last_kind": view.last_kind.value,
        "last_at_ns": view.last_at_ns,
        "terminal_seq": view.terminal_seq,
        "terminal_kind": None if view.terminal_kind is None else view.terminal_kind.value,
    }


def _view(row: Row[Any]) -> RunView:
    return RunView(
        task_id=row.task_id,
        created_seq=row.created_seq,
        job_id=row.job_id,
        most_runs=row.most_runs,
        state=word(TaskState, row.state),
        run=row.run,
        actor_id=row.actor_id,
        renewed_at_ns=row.renewed_at_ns,
        lease_until_ns=row.lease_until_ns,
        artifact_digest=row.artifact_digest,
        last_seq=row.last_seq,
        last_kind=word(EventKind, row.last_kind),
        last_at_ns=row.last_at_ns,
        terminal_seq=row.terminal_seq,
        terminal_kind=None if row.terminal_kind is None else word(EventKind, row.terminal_kind),
    )
