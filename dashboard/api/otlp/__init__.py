"""`POST /v1/logs`: telemetry that a collector or a log shipper hands in by OTLP/HTTP.

What arrives is written to the spool as lines that `ingest.transports.otlp` reads, and is durable before it is
acknowledged; from there on it is a source like any other. https://opentelemetry.io/docs/specs/otlp/#otlphttp
"""
