"""Verify a chain as a stream, and name the first record that is not what was written. Pure."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

import rfc8785

from gates.store.audit.chain import FIRST_PREV
from gates.store.audit.merkle import MerkleRoot
from gates.store.rows import AuditRecord

# For texts, whole numbers, booleans and null in lists and objects this is RFC 8785 at the speed of C;
# where its answer differs from the record, the slower library decides.
_PLAIN = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False
)


class Fault(StrEnum):
    """What was done to the chain, as far as it shows."""

    EDITED = "edited"
    DELETED = "deleted"
    INSERTED = "inserted"
    SWAPPED = "swapped"
    TRUNCATED = "truncated"
    REWRITTEN = "rewritten"


@dataclass(frozen=True, slots=True)
class TreeHead:
    """What a checkpoint claims: the RFC 6962 root, in hex, of the first `size` records."""

    size: int
    root: str


@dataclass(frozen=True, slots=True)
class Intact:
    """Every record is what was written. `root` is the RFC 6962 root in hex, `heads` how many were met."""

    records: int
    last_leaf: str
    root: str
    heads: int


@dataclass(frozen=True, slots=True)
class Broken:
    """Record `seq` is the first that is not what was written; `words` say how that shows."""

    seq: int
    fault: Fault
    words: str


Verification = Intact | Broken


def verify(records: Iterable[AuditRecord], heads: Iterable[TreeHead] = ()) -> Verification:
    """Check each record, its link to the one before, and the tree heads of trusted checkpoints.

    Whoever can rewrite the whole chain can make it consistent: only a head that was kept elsewhere
    shows that, and shows a cut tail.
    """
    due = sorted(heads, key=lambda head: head.size)
    met, tree, upcoming = 0, MerkleRoot(), iter(records)
    before, prev, position = "", FIRST_PREV, 0
    while True:
        while met < len(due) and due[met].size == position:
            if due[met].root != tree.root().hex():
                return _rewritten(due[met], due[met - 1].size if met else 0)
            met += 1
        record = next(upcoming, None)
        if record is None:
            break
        position += 1
        if record.seq != position:
            return _misnumbered(record.seq, position)
        if sha256(b"\x00" + record.body).hexdigest() != record.leaf:
            return Broken(position, Fault.EDITED, f"record {position} does not have the hash it was given")
        value = _parsed(record.body)
        if value is None:
            return Broken(position, Fault.EDITED, f"record {position} is no record in canonical form")
        if value.get("prev") != prev or value.get("seq") != position:
            return _misplaced(record, value, before, prev, upcoming)
        tree.add(bytes.fromhex(record.leaf))
        before, prev = prev, record.leaf
    if met < len(due):
        return Broken(
            position + 1,
            Fault.TRUNCATED,
            f"record {position + 1} is missing: a checkpoint counted {due[met].size}, the chain ends before",
        )
    return Intact(position, prev, tree.root().hex(), met)


def _parsed(body: bytes) -> dict[str, Any] | None:
    try:
        text = body.decode()
        value = json.loads(text)
        if not isinstance(value, dict):
            return None
        return value if _PLAIN.encode(value) == text or rfc8785.dumps(value) == body else None
    except (ValueError, RecursionError):
        return None


def _rewritten(head: TreeHead, known_good: int) -> Broken:
    first = known_good + 1
    where = f"record {first}" if first == head.size else f"one of the records {first} to {head.size}"
    return Broken(
        first,
        Fault.REWRITTEN,
        f"{where} was rewritten, with all after it: the checkpoint at {head.size} differs",
    )


def _misnumbered(seq: int, position: int) -> Broken:
    if seq > position:
        return Broken(position, Fault.DELETED, f"record {position} is missing: record {seq} follows instead")
    return Broken(position, Fault.INSERTED, f"a record numbered {seq} stands where {position} should")


def _misplaced(
    record: AuditRecord, value: dict[str, Any], before: str, prev: str, upcoming: Iterator[AuditRecord]
) -> Broken:
    """Record and neighbours are each sound, and do not fit: the next record tells which one to believe."""
    position, claims = record.seq, value.get("seq")
    following = next(upcoming, None)
    following_value = (_parsed(following.body) if following else None) or {}
    vouched = following_value.get("prev") == record.leaf
    if claims == position:
        if following_value.get("seq") == position:
            return Broken(position, Fault.INSERTED, f"record {position} was put in: another one follows")
        if position > 1 and (vouched or following is None):
            return Broken(
                position - 1,
                Fault.EDITED,
                f"record {position - 1} is not the one that {position} was chained to",
            )
        return Broken(position, Fault.EDITED, f"record {position} is not chained to {position - 1}")
    if not isinstance(claims, int) or isinstance(claims, bool):
        return Broken(position, Fault.EDITED, f"record {position} does not say its number")
    if claims > position:
        if following_value.get("seq") in (position, position + 1):
            return Broken(position, Fault.SWAPPED, f"record {claims} stands in the place of {position}")
        return Broken(position, Fault.DELETED, f"record {position} is missing: {claims} stands in its place")
    if 0 < claims < position and record.leaf != prev and (vouched or value.get("prev") == before):
        return Broken(claims, Fault.INSERTED, f"record {claims} was put in: the one it displaced follows")
    return Broken(position, Fault.INSERTED, f"record {position} was put in: it says it is {claims}")
