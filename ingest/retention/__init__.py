"""Retention: rows of telemetry go after some days; what they counted stays in the rollups."""
