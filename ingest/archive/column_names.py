"""The columns of archive files by the tables that they come from. docs/file-formats.md lists them."""

from ingest.archive.part import Kind

FORMAT = "archive.v1"

TABLES = {Kind.TELEMETRY: "telemetry", Kind.QUARANTINE: "quarantine", Kind.FINDINGS: "gate_finding"}
"""The table that the rows of a kind come from."""

OF_TELEMETRY = (
    "source_id",
    "line_offset",
    "record_index",
    "native_id",
    "line_time_ns",
    "time_quality",
    "stream",
    "container",
    "executor_version",
    "job_id",
    "bucket",
    "path",
    "status",
    "error_code",
    "latency_ms",
    "contradiction",
    "decided_from_ns",
    "interval_no",
    "revision",
    "revision_at_line",
    "stage",
    "step",
)
OF_CLAIMS = (
    "emitted_ns",
    "controls_revision",
    "gate",
    "rule_id",
    "bucket",
    "attempt",
    "model",
    "input_tokens",
    "output_tokens",
    "total_tokens",
    "request_id",
    "contradiction",
)
"""The columns of `line_claim`, `claimed_` before their names in a file; all null in a v1 line."""
OF_QUARANTINE = (
    "source_id",
    "line_offset",
    "record_index",
    "native_id",
    "line_time_ns",
    "cause",
    "detail",
    "raw",
    "claims_openai",
)
OF_FINDINGS = (
    "source_id",
    "line_offset",
    "record_index",
    "code",
    "severity",
    "history_id",
    "interval_no",
    "revision",
    "step",
    "explained_by",
    "job_id",
    "executor_version",
    "line_time_ns",
    "decided_from_ns",
)
