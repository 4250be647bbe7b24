"""Which revision a review is about."""

from gates.changes.looking import Looking
from gates.errors import UnknownEntry


def revision_meant(service: Looking, step: str | None, revision: int | None) -> int | None:
    """`revision`, else the newest stay on `step`, else null: the one in force. Raises `UnknownEntry`."""
    if revision is not None or step is None:
        return revision
    found = [row.revision for row in service.revisions() if row.step == step]
    if not found:
        raise UnknownEntry(f"the rollout never stood at {step}; `slotgate controls history` tells")
    return found[-1]
