"""The event of a test. Pure."""

from dashboard.notify.events import Event, EventType


def trial_event(environment: str, at: str) -> Event:
    """A test of the environment, at an RFC 3339 time; it is no record, and begins and ends nothing."""
    return Event(
        seq=0,
        type=EventType.TEST,
        at=at,
        environment=environment or "unnamed",
        action="test",
        target="receiver",
        actor="",
        reason="",
        words="",
        request="",
        revision=None,
        outcome="",
        codes=(),
        late=False,
        triggers=None,
        resolves=(),
    )
