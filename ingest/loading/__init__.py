"""Bring sources into the telemetry store, each line once."""
