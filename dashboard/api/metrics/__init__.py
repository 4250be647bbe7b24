"""`GET /metrics` for Prometheus: the controls, the record, the telemetry and the verdict as numbers.

docs/metrics.md lists them. Names and labels are stable: they are added to, never renamed.
"""
