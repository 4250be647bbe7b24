"""Shared by all tests."""

from hypothesis import settings

# Machines differ: nothing here is judged by how long it took.
settings.register_profile("slotgate", deadline=None)
settings.load_profile("slotgate")
