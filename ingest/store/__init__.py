"""The telemetry store: a DuckDB file that one process owns."""

from ingest.store.connection import TelemetryStore

__all__ = ["TelemetryStore"]
