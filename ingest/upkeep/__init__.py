"""Upkeep of the telemetry file: find damage, set a damaged file aside, begin a fresh one."""
