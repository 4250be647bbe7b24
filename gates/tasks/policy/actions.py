"""The enumerated routes, what each does, and how far that reaches (CONTRACTS section 10, action tiers)."""

from enum import StrEnum
from typing import assert_never


class Tier(StrEnum):
    """How far an action reaches. What is not known is C."""

    READ = "A"
    INTERNAL = "B"
    """Changes the state of this home and nothing else: its route has to be on the mutation allowlist."""
    OUTSIDE = "C"
    """Could reach a model: the gate has to let it, too."""


class Action(StrEnum):
    """What a call asks for."""

    LOOK = "look"
    CREATE = "create"
    CLAIM = "claim"
    HEARTBEAT = "heartbeat"
    RELEASE = "release"
    ARTIFACT = "artifact"
    COMPLETE = "complete"
    FAIL = "fail"
    CANCEL = "cancel"
    UNKNOWN = "unknown"
    """No route of ours: there is nothing that it could do."""


MUTATIONS = {
    "/api/tasks/create": Action.CREATE,
    "/api/tasks/complete": Action.COMPLETE,
    "/api/tasks/fail": Action.FAIL,
    "/api/tasks/cancel": Action.CANCEL,
    "/api/tasks-mutations/claim": Action.CLAIM,
    "/api/tasks-mutations/heartbeat": Action.HEARTBEAT,
    "/api/tasks-mutations/release": Action.RELEASE,
    "/api/artifacts": Action.ARTIFACT,
}
"""Every route that changes a task, by its path; each takes POST. Nothing else changes one."""

OF_A_RUN = frozenset({Action.HEARTBEAT, Action.RELEASE, Action.ARTIFACT, Action.COMPLETE, Action.FAIL})
"""What only whoever holds the task may do, and only while the lease lasts."""

OF_A_TASK = OF_A_RUN | {Action.CANCEL}
"""What is about one task that is there."""


def action_of(method: str, path: str) -> Action:
    """What a call that is not only read asks for."""
    return MUTATIONS.get(path, Action.UNKNOWN) if method == "POST" else Action.UNKNOWN


def tier_of(action: Action) -> Tier:
    """How far it reaches."""
    match action:
        case Action.LOOK:
            return Tier.READ
        case (
            Action.CREATE
            | Action.CLAIM
            | Action.HEARTBEAT
            | Action.RELEASE
            | Action.ARTIFACT
            | Action.COMPLETE
            | Action.FAIL
            | Action.CANCEL
        ):
            return Tier.INTERNAL
        case Action.UNKNOWN:
            return Tier.OUTSIDE
        case _:
            assert_never(action)
