"""The state machine of retention, for minutes instead of seconds."""

from hypothesis import settings

from tests.ingest.retention.test_machine import Kept


class LongKept(Kept):
    """The same machine, searched for longer."""


TestLongKept = LongKept.TestCase
TestLongKept.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)
