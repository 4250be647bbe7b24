"""The tables of the tasks. Times are epoch nanoseconds; JSON is canonical text."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from gates.store.metadata import METADATA

task_event = Table(
    "task_event",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("task_id", String(64), nullable=False),
    Column("run", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("lease_ns", BigInteger),
    Column("artifact_digest", String(128)),
    Column("outcome", String(16), nullable=False),
    Column("reason_codes", Text, nullable=False),  # separated by blanks
    Column("detail_json", Text, nullable=False),
)
Index("task_event_by_task", task_event.c.task_id, task_event.c.seq)

run_view = Table(
    "run_view",
    METADATA,
    Column("task_id", String(64), primary_key=True),
    Column("created_seq", BigInteger, nullable=False),
    Column("job_id", Text, nullable=False),
    Column("most_runs", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("run", Integer, nullable=False),
    Column("actor_id", Text),
    Column("renewed_at_ns", BigInteger),
    Column("lease_until_ns", BigInteger),
    Column("artifact_digest", String(128)),
    Column("last_seq", BigInteger, nullable=False),
    Column("last_kind", String(16), nullable=False),
    Column("last_at_ns", BigInteger, nullable=False),
    Column("terminal_seq", BigInteger),
    Column("terminal_kind", String(16)),
)
Index("run_view_by_state", run_view.c.state, run_view.c.created_seq)
Index("run_view_by_age", run_view.c.created_seq, unique=True)

task_artifact = Table(
    "task_artifact",
    METADATA,
    Column("task_id", String(64), primary_key=True),
    Column("run", Integer, primary_key=True, autoincrement=False),
    Column("digest", String(128), nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("at_ns", BigInteger, nullable=False),
)
