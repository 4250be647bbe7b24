"""The chain: its vectors, and that every change to it is found and named."""

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.store.audit.chain import canonical, leaf_of, linked
from gates.store.audit.merkle import MerkleRoot
from gates.store.audit.verify import Broken, Fault, Intact, TreeHead, verify
from gates.store.rows import AuditEntry, AuditRecord
from tests.gates.store.builders import NOW, entry

VECTORS = json.loads(Path("tests/data/vectors/audit-chain.json").read_text(encoding="utf-8"))["records"]
# The roots of RFC 6962 over the first n of these leaves, as the certificate transparency tests have them.
CT_LEAVES = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def chain(count: int, label: str = "") -> list[AuditRecord]:
    records: list[AuditRecord] = []
    for number in range(count):
        records.append(
            linked(entry(reason=f"{label}{number}", time_ns=NOW + number), records[-1] if records else None)
        )
    return records


def head(records: list[AuditRecord]) -> TreeHead:
    found = verify(records)
    assert isinstance(found, Intact)
    return TreeHead(found.records, found.root)


def changed(record: AuditRecord, **changes: Any) -> AuditRecord:
    """The record with other content and its hash made to fit."""
    body = canonical({**json.loads(record.body), **changes})
    return AuditRecord(record.seq, body, leaf_of(body))


def renumbered(records: list[AuditRecord]) -> list[AuditRecord]:
    """As after renumbering the rows; what the records say of themselves stays."""
    return [replace(record, seq=seq) for seq, record in enumerate(records, 1)]


@pytest.mark.parametrize("vector", VECTORS)
def test_the_vectors_hash_as_they_should(vector: dict[str, Any]) -> None:
    assert leaf_of(canonical(vector["record"])) == vector["leaf"]


def test_the_vectors_are_a_chain() -> None:
    records = [
        AuditRecord(vector["record"]["seq"], canonical(vector["record"]), vector["leaf"])
        for vector in VECTORS
    ]
    assert verify(records) == Intact(len(records), VECTORS[-1]["leaf"], head(records).root, 0)


@pytest.mark.parametrize("size", range(len(CT_ROOTS)))
def test_the_root_is_that_of_rfc_6962(size: int) -> None:
    tree = MerkleRoot()
    for leaf in CT_LEAVES[:size]:
        tree.add(sha256(b"\x00" + bytes.fromhex(leaf)).digest())
    assert tree.root().hex() == CT_ROOTS[size]


def test_a_record_holds_what_it_must() -> None:
    record = json.loads(linked(entry(late=True, recorded_at_ns=NOW + 1, reason_codes=("E_ROLE",)), None).body)
    assert record == {
        "v": 1,
        "seq": 1,
        "prev": "0" * 64,
        "time": "2026-01-01T00:00:00.000000000Z",
        "actor": "local|alice",
        "roles": ["oncall"],
        "action": "kill.engage",
        "target": "controls",
        "before": {"kill": False},
        "after": {"kill": True},
        "reason": "errors spiking é €",
        "request_id": "01JGFJJZ00",
        "outcome": "ALLOWED",
        "mode": "enforce",
        "reason_codes": ["E_ROLE"],
        "environment": "production",
        "late": True,
        "recorded_at": "2026-01-01T00:00:00.000000001Z",
    }


def test_an_empty_chain_is_intact() -> None:
    assert verify([]) == Intact(0, "0" * 64, CT_ROOTS[0], 0)


N = 9
RECORDS = chain(N)
FORGED = linked(entry(reason="forged"), RECORDS[3])
CASES: dict[str, tuple[list[AuditRecord], tuple[int, Fault]]] = {
    "body edited": (
        [*RECORDS[:4], replace(RECORDS[4], body=RECORDS[4].body + b" "), *RECORDS[5:]],
        (5, Fault.EDITED),
    ),
    "leaf edited": ([*RECORDS[:4], replace(RECORDS[4], leaf="f" * 64), *RECORDS[5:]], (5, Fault.EDITED)),
    "leaf of no hash": ([*RECORDS[:4], replace(RECORDS[4], leaf="?"), *RECORDS[5:]], (5, Fault.EDITED)),
    "edited and hashed anew": (
        [*RECORDS[:4], changed(RECORDS[4], reason="x"), *RECORDS[5:]],
        (5, Fault.EDITED),
    ),
    "first edited and hashed anew": ([changed(RECORDS[0], reason="x"), *RECORDS[1:]], (1, Fault.EDITED)),
    "last but one edited and hashed anew": (
        [*RECORDS[:-2], changed(RECORDS[-2], reason="x"), RECORDS[-1]],
        (N - 1, Fault.EDITED),
    ),
    "link of the last edited and hashed anew": (
        [*RECORDS[:-1], changed(RECORDS[-1], prev="0" * 64)],
        (N - 1, Fault.EDITED),
    ),
    "link edited and hashed anew": (
        [*RECORDS[:4], changed(RECORDS[4], prev="0" * 64), *RECORDS[5:]],
        (5, Fault.EDITED),
    ),
    "not canonical": (
        [
            *RECORDS[:4],
            AuditRecord(5, RECORDS[4].body + b" ", leaf_of(RECORDS[4].body + b" ")),
            *RECORDS[5:],
        ],
        (5, Fault.EDITED),
    ),
    "a key twice": (
        [
            AuditRecord(1, b'{"seq":1,' + RECORDS[0].body[1:], leaf_of(b'{"seq":1,' + RECORDS[0].body[1:])),
            *RECORDS[1:],
        ],
        (1, Fault.EDITED),
    ),
    "no JSON": ([AuditRecord(1, b"\xff", leaf_of(b"\xff")), *RECORDS[1:]], (1, Fault.EDITED)),
    "no object": ([AuditRecord(1, b"[]", leaf_of(b"[]")), *RECORDS[1:]], (1, Fault.EDITED)),
    "number is text": ([changed(RECORDS[0], seq="1"), *RECORDS[1:]], (1, Fault.EDITED)),
    "deep nesting": (
        [AuditRecord(1, b"[" * 200_000, leaf_of(b"[" * 200_000)), *RECORDS[1:]],
        (1, Fault.EDITED),
    ),
    "deleted": ([*RECORDS[:4], *RECORDS[5:]], (5, Fault.DELETED)),
    "first deleted": (RECORDS[1:], (1, Fault.DELETED)),
    "two deleted": ([*RECORDS[:4], *RECORDS[6:]], (5, Fault.DELETED)),
    "deleted and renumbered": (renumbered([*RECORDS[:4], *RECORDS[5:]]), (5, Fault.DELETED)),
    "last but one deleted and renumbered": (renumbered([*RECORDS[:-2], RECORDS[-1]]), (N - 1, Fault.DELETED)),
    "inserted": (renumbered([*RECORDS[:4], FORGED, *RECORDS[4:]]), (5, Fault.INSERTED)),
    "inserted before the last": (
        renumbered([*RECORDS[:-1], linked(entry(reason="forged"), RECORDS[-2]), RECORDS[-1]]),
        (N, Fault.INSERTED),
    ),
    "two inserted": (
        renumbered([*RECORDS[:4], FORGED, linked(entry(reason="more"), FORGED), *RECORDS[4:]]),
        (5, Fault.INSERTED),
    ),
    "inserted without its link": (
        renumbered([*RECORDS[:4], changed(FORGED, prev="0" * 64), *RECORDS[4:]]),
        (5, Fault.INSERTED),
    ),
    "a copy inserted": (renumbered([*RECORDS[:5], RECORDS[4], *RECORDS[5:]]), (6, Fault.INSERTED)),
    "inserted below 1": ([replace(RECORDS[0], seq=0), *RECORDS], (1, Fault.INSERTED)),
    "swapped": (
        renumbered([*RECORDS[:4], RECORDS[5], RECORDS[4], *RECORDS[6:]]),
        (5, Fault.SWAPPED),
    ),
    "swapped far apart": (
        renumbered([*RECORDS[:2], RECORDS[6], *RECORDS[3:6], RECORDS[2], *RECORDS[7:]]),
        (3, Fault.SWAPPED),
    ),
    "last two swapped": (renumbered([*RECORDS[:-2], RECORDS[-1], RECORDS[-2]]), (N - 1, Fault.SWAPPED)),
}


@pytest.mark.parametrize("name", CASES)
def test_the_first_bad_record_is_named(name: str) -> None:
    records, expected = CASES[name]
    found = verify(records)
    assert isinstance(found, Broken)
    assert (found.seq, found.fault) == expected
    assert str(found.seq) in found.words


@pytest.mark.parametrize("kept", range(N))
def test_a_cut_tail_shows_against_a_checkpoint_only(kept: int) -> None:
    assert isinstance(verify(RECORDS[:kept]), Intact)
    found = verify(RECORDS[:kept], [head(RECORDS)])
    assert isinstance(found, Broken)
    assert (found.seq, found.fault) == (kept + 1, Fault.TRUNCATED)


def test_a_rewritten_chain_shows_against_a_checkpoint_only() -> None:
    forged = [*RECORDS[:5], *chain(N, "other ")[5:]]
    for index in range(5, N):
        forged[index] = linked(entry(reason="other"), forged[index - 1])
    assert isinstance(verify(forged), Intact)
    heads = [head(RECORDS[:size]) for size in (3, 5, 7, 9)]
    found = verify(forged, heads)
    assert isinstance(found, Broken)
    assert (found.seq, found.fault) == (6, Fault.REWRITTEN)
    last = verify([*RECORDS[:-1], changed(RECORDS[-1], reason="x")], [heads[3], head(RECORDS[:8])])
    assert isinstance(last, Broken)
    assert (last.seq, last.fault) == (N, Fault.REWRITTEN)


def test_a_chain_that_grew_meets_its_checkpoints() -> None:
    heads = [head(RECORDS[:size]) for size in (0, 4, 4, 9)]
    found = verify(RECORDS, reversed(heads))
    assert isinstance(found, Intact)
    assert found.heads == 4


TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-(2**53) + 1, 2**53 - 1)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
ENTRIES = st.builds(
    AuditEntry,
    time_ns=st.integers(0, 4_000_000_000_000_000_000),
    actor=TEXTS,
    roles=st.lists(TEXTS, max_size=2).map(tuple),
    action=TEXTS,
    target=TEXTS,
    before=VALUES,
    after=VALUES,
    reason=st.none() | TEXTS,
    late=st.booleans(),
)


def chained(entries: list[AuditEntry]) -> list[AuditRecord]:
    records: list[AuditRecord] = []
    for one in entries:
        records.append(linked(one, records[-1] if records else None))
    return records


@given(st.lists(ENTRIES, max_size=6))
@settings(deadline=None)
def test_whatever_is_recorded_verifies(entries: list[AuditEntry]) -> None:
    records = chained(entries)
    assert isinstance(verify(records), Intact)
    for record in records:
        assert rfc8785.dumps(json.loads(record.body)) == record.body


@given(st.lists(ENTRIES, min_size=1, max_size=6), st.data())
def test_any_changed_byte_is_found_and_its_record_named(
    entries: list[AuditEntry], data: st.DataObject
) -> None:
    records = chained(entries)
    index = data.draw(st.integers(0, len(records) - 1))
    body = bytearray(records[index].body)
    body[data.draw(st.integers(0, len(body) - 1))] ^= data.draw(st.integers(1, 255))
    rehash = data.draw(st.booleans())
    forged = AuditRecord(index + 1, bytes(body), leaf_of(bytes(body)) if rehash else records[index].leaf)
    found = verify([*records[:index], forged, *records[index + 1 :]], [head(records)])
    assert isinstance(found, Broken)
    if found.seq != index + 1:
        # Hashed anew at the very end: nothing vouches for the last record. Only the checkpoint of all
        # shows it, and that cannot say where; or its link is false, and then its neighbour is named,
        # from which on nothing is sure.
        assert index == len(records) - 1
        assert found.fault is Fault.REWRITTEN or found.seq == index


@given(st.lists(ENTRIES, min_size=2, max_size=7), st.data())
@settings(deadline=None)
def test_any_other_order_or_selection_is_found(entries: list[AuditEntry], data: st.DataObject) -> None:
    records = chained(entries)
    chosen = data.draw(st.lists(st.sampled_from(records), max_size=9).filter(lambda some: some != records))
    stored = renumbered(chosen) if data.draw(st.booleans()) else chosen
    found = verify(stored, [head(records)])
    assert isinstance(found, Broken)
    same = next((n for n, (a, b) in enumerate(zip(chosen, records, strict=False)) if a != b), None)
    first = min(len(chosen), len(records)) if same is None else same
    assert found.seq <= first + 1
