"""The audit chain as JSON: its records, what verifying it found, a checkpoint."""

from typing import Any

from gates.store.audit.export import said
from gates.store.audit.note import VerifierKey
from gates.store.audit.verify import Broken, Verification
from gates.store.rows import AuditRecord, CheckpointRow


def record(found: AuditRecord) -> dict[str, Any]:
    """All that a record says, and its leaf hash."""
    return {**said(found), "leaf": found.leaf}


def verification(found: Verification, heads: int) -> dict[str, Any]:
    """Whether the chain is intact; `heads` counts the checkpoints that were given besides those kept."""
    broken = isinstance(found, Broken)
    return {
        "intact": not broken,
        "records": None if isinstance(found, Broken) else found.records,
        "lastLeaf": None if isinstance(found, Broken) else found.last_leaf,
        "root": None if isinstance(found, Broken) else found.root,
        "checkpoints": heads,
        "badRecord": found.seq if isinstance(found, Broken) else None,
        "fault": found.fault.value if isinstance(found, Broken) else None,
        "words": found.words if isinstance(found, Broken) else None,
    }


def checkpoint(row: CheckpointRow, key: VerifierKey) -> dict[str, Any]:
    """A signed checkpoint, and the public key that checks it."""
    return {"size": row.size, "root": row.root, "note": row.note, "key": str(key)}
