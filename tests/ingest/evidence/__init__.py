"""Evidence from telemetry."""
