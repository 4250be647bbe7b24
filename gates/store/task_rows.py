"""What the store keeps of tasks beside events and views. Frozen; times are epoch nanoseconds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactRow:
    """The result of a run, byte for byte; `digest` is `sha256:` and the hex digits of its SHA-256."""

    task_id: str
    run: int
    digest: str
    data: bytes
    actor_id: str
    at_ns: int


@dataclass(frozen=True, slots=True)
class Violation:
    """A task that breaks an invariant of the projection."""

    invariant: str
    task_id: str
