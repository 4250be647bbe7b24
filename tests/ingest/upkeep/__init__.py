"""Upkeep of the telemetry file."""
