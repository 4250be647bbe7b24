"""Check records that were picked out of a chain: each by its hash, neighbours by their link. Pure.

Whether others were left out, or follow, no selection can show; only the whole chain does.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from gates.store.audit.chain import leaf_of
from gates.store.audit.verify import Broken, Fault
from gates.store.rows import AuditRecord


@dataclass(frozen=True, slots=True)
class Sound:
    """Every record has the hash it was given. `gaps`: how often numbers are missing in between."""

    records: int
    gaps: int


def verify_selection(records: Iterable[AuditRecord]) -> Sound | Broken:
    """Check the lines of an export, oldest first; `Broken.seq` is the number of the line."""
    count = gaps = last = 0
    leaf = ""
    for record in records:
        count += 1
        value = _value(record)
        if value is None or leaf_of(record.body) != record.leaf:
            return Broken(count, Fault.EDITED, f"line {count} does not have the hash it was given")
        seq = value.get("seq")
        if not isinstance(seq, int) or seq <= last:
            return Broken(count, Fault.SWAPPED, f"line {count} does not come after the one before")
        if seq == last + 1 and count > 1 and value.get("prev") != leaf:
            return Broken(count, Fault.EDITED, f"line {count}, record {seq}, is not chained to {last}")
        gaps += seq != last + 1 and count > 1
        last, leaf = seq, record.leaf
    return Sound(count, gaps)


def _value(record: AuditRecord) -> dict[str, object] | None:
    try:
        value = json.loads(record.body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
