"""The tables of the newest layout, in portable SQL. Times are epoch nanoseconds; JSON is canonical text.

`migrations.py` builds them. A table that changes gets a migration, which then keeps the old form.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from gates.store.metadata import METADATA, Body, Words
from gates.store.task_tables import task_artifact, task_event

revision = Table(
    "revision",
    METADATA,
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    Column("intent_id", String(64), nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("before_json", Text),
    Column("after_json", Text, nullable=False),
    Column("effective_at_ns", BigInteger, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("request_number", Integer),
    Column("stage", Integer, nullable=False),
    Column("step", String(32), nullable=False),
)

request = Table(
    "request",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("state", String(16), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("content_json", Text, nullable=False),
    Column("content_digest", String(128), nullable=False),
    Column("base_revision", BigInteger, nullable=False),
    Column("requester", Text, nullable=False),
    Column("last_editor", Text, nullable=False),
    Column("reason", Words, nullable=False),
    Column("decision_record", Words, nullable=False),
    Column("exception", Words),
    Column("evidence_digest", String(128), nullable=False),
    Column("evidence_frozen_at_ns", BigInteger, nullable=False),
    Column("created_at_ns", BigInteger, nullable=False),
    Column("edited_at_ns", BigInteger, nullable=False),
    Column("closed_at_ns", BigInteger),
    Column("closed_by", Text),
    Column("closed_because", Words),
)
Index("request_by_state", request.c.state)

request_editor = Table(
    "request_editor",
    METADATA,
    Column("request_number", ForeignKey("request.number"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("operator_id", Text, nullable=False),
)

approval = Table(
    "approval",
    METADATA,
    Column("request_number", ForeignKey("request.number"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("approver_id", Text, nullable=False),
    Column("content_digest", String(128), nullable=False),
    Column("base_revision", BigInteger, nullable=False),
    Column("evidence_digest", String(128), nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    UniqueConstraint("request_number", "approver_id", "content_digest", "base_revision", "evidence_digest"),
)

evidence = Table(
    "evidence",
    METADATA,
    Column("digest", String(128), primary_key=True),
    Column("data", LargeBinary, nullable=False),
    Column("sha256", String(64), nullable=False),  # of `data`: the digest is a name that others give
)

operator = Table(
    "operator",
    METADATA,
    Column("operator_id", Text, primary_key=True),
    Column("added_by", Text),
    Column("added_at_ns", BigInteger, nullable=False),
    Column("granted_by", Text),
    Column("granted_at_ns", BigInteger, nullable=False),
    Column("disabled_at_ns", BigInteger),
)

operator_role = Table(
    "operator_role",
    METADATA,
    Column("operator_id", ForeignKey("operator.operator_id"), primary_key=True),
    Column("role", String(32), primary_key=True),
)

token = Table(
    "token",
    METADATA,
    Column("token_id", String(32), primary_key=True),
    Column("secret_digest", String(64), nullable=False, unique=True),
    Column("operator_id", ForeignKey("operator.operator_id"), nullable=False),
    Column("scope", String(16), nullable=False),
    Column("created_by", Text),
    Column("created_at_ns", BigInteger, nullable=False),
    Column("expires_at_ns", BigInteger),
    Column("revoked_at_ns", BigInteger),
    Column("last_used_ns", BigInteger),
)

password = Table(
    "password",
    METADATA,
    Column("operator_id", ForeignKey("operator.operator_id"), primary_key=True),
    Column("hash", Text, nullable=False),  # Argon2id with its salt and cost, as the dashboard makes it
    Column("set_at_ns", BigInteger, nullable=False),
)

setting = Table(
    "setting",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

owed = Table(
    "owed",
    METADATA,
    Column("owed_id", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(32), nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("operator_id", Text, nullable=False),
    Column("since_ns", BigInteger, nullable=False),
    Column("due_ns", BigInteger, nullable=False),
    Column("given_at_ns", BigInteger),
    Column("given_by", Text),
    Column("text", Words),
)

audit_record = Table(
    "audit_record",
    METADATA,
    # What the body says is nowhere repeated in a column: a column could be changed unnoticed.
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("body", Body, nullable=False),  # canonical JSON, exactly the bytes that are hashed
    Column("leaf", String(64), nullable=False),
    CheckConstraint("seq > 0", name="audit_record_counts_from_1"),
)

audit_checkpoint = Table(
    "audit_checkpoint",
    METADATA,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", String(64), nullable=False),
    Column("note", Text, nullable=False),
    Column("at_ns", BigInteger, nullable=False),
)

audit_late_file = Table(
    "audit_late_file",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
)

threshold = Table(
    "threshold",
    METADATA,
    Column("version_number", Integer, primary_key=True, autoincrement=False),
    Column("document_json", Text, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("request_number", Integer),
)

review = Table(
    "review",
    METADATA,
    Column("review_id", Integer, primary_key=True, autoincrement=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("step", String(32), nullable=False),
    Column("verdict", String(32), nullable=False),
    Column("moment", String(16), nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("request_number", Integer),
    Column("evidence_digest", String(128)),
)
Index("review_by_revision", review.c.revision)
Index("review_by_step", review.c.step)
Index("review_by_evidence", review.c.evidence_digest)

bad_output = Table(
    "bad_output",
    METADATA,
    Column("report_id", Integer, primary_key=True, autoincrement=False),
    Column("job_id", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("reason", Words, nullable=False),
    Column("reported_by", Text, nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("withdrawn_at_ns", BigInteger),
    Column("withdrawn_by", Text),
    Column("withdrawn_because", Words),
)
Index("bad_output_by_revision", bad_output.c.revision)

statement = Table(
    "statement",
    METADATA,
    Column("statement_id", Integer, primary_key=True, autoincrement=False),
    Column("item", Text, nullable=False),
    Column("text", Words, nullable=False),
    Column("link", Words, nullable=False),
    Column("author", Text, nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("expires_ns", BigInteger),
    Column("withdrawn_at_ns", BigInteger),
    Column("withdrawn_by", Text),
    Column("withdrawn_because", Words),
)

drill = Table(
    "drill",
    METADATA,
    Column("drill_id", Integer, primary_key=True, autoincrement=False),
    Column("request_number", ForeignKey("request.number"), nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("base_revision", BigInteger, nullable=False),
    Column("began_at_ns", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("kill_revision", BigInteger),
    Column("killed_at_ns", BigInteger),
    Column("confirmed_at_ns", BigInteger),
    Column("restored_revision", BigInteger),
    Column("ended_at_ns", BigInteger),
    Column("words", Words, nullable=False),
)

request_comment = Table(
    "request_comment",
    METADATA,
    Column("request_number", ForeignKey("request.number"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("author", Text, nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("text", Words, nullable=False),
)

keyed_call = Table(
    "keyed_call",
    METADATA,
    Column("operator_id", Text, primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("request_digest", String(64), nullable=False),
    Column("begun_at_ns", BigInteger, nullable=False),
    Column("status", Integer),
    Column("body_json", Text),
)

APPEND_ONLY = (
    revision, approval, evidence, audit_record, audit_checkpoint, threshold, review, request_comment,
    task_event, task_artifact,
)  # fmt: skip
"""Tables whose rows never change and never go."""
