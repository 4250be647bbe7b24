"""Attacks on the served dashboard: each refused, or rendered inert."""
