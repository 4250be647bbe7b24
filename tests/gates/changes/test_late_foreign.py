"""Lines among the late records that no record can be made of: set aside, named, and in nobody's way."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from gates.changes.late import SET_ASIDE, LateFile, LateRecord
from gates.store.port import Transaction
from gates.store.rows import AuditEntry
from tests.gates.changes.world import CAROL, START, World

ENTRY: dict[str, Any] = {
    "time_ns": START,
    "actor": "os|x",
    "roles": ["oncall"],
    "action": "kill",
    "target": "controls",
    "reason_codes": [],
}


def line(**changes: Any) -> bytes:
    return json.dumps({"entry": ENTRY | changes, "document": None}).encode() + b"\n"


FOREIGN = {
    "no JSON": b'{"entry": {"time_ns": 12\n',
    "no UTF-8": b"\xff\xfe\n",
    "no entry": b"{}\n",
    "a list": b"[]\n",
    "an entry that is none": b'{"entry": 7, "document": null}\n',
    "nested beyond measure": b"[" * 100_000 + b"\n",
    "not a number": line(after={"percent": float("nan")}),
    "beyond 2^53": line(after=2**60),
    "half a character": line(after="\ud800"),
    "half a character as the actor": line(actor="os|\ud800"),
    "a time in words": line(time_ns="now"),
    "a time that is true": line(time_ns=True),
    "a time before all": line(time_ns=-(10**30)),
    "a time beyond all": line(time_ns=10**20),
    "an actor that is none": line(actor=None),
    "a role that is a number": line(roles=[1]),
    "a reason that is a list": line(reason=["a"]),
    "a field of another version": line(colour="red"),
}


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.home.late.mkdir(mode=0o700)
    return made


def chained(world: World) -> list[dict[str, Any]]:
    with world.store.read() as tx:
        return [json.loads(record.body) for record in tx.audit.iterate()]


@pytest.mark.parametrize("foreign", FOREIGN.values(), ids=FOREIGN)
def test_it_is_set_aside_and_named(world: World, foreign: bytes) -> None:
    path = world.home.late / "late.jsonl"
    path.write_bytes(foreign)
    world.desk.late.spool(LateRecord(AuditEntry(**ENTRY), None))
    assert [finding.code for finding in world.service.reconcile()] == ["LATE_SET_ASIDE"]
    assert world.service.reconcile() == ()
    named, kept = chained(world)
    assert (named["action"], kept["action"]) == ("late record set aside", "kill")
    assert named["after"] == {"digest": f"sha256:{sha256(foreign).hexdigest()}", "bytes": len(foreign)}
    assert (world.home.late / SET_ASIDE).read_bytes() == foreign
    assert path.read_bytes().startswith(foreign)
    assert world.service.narrow(CAROL, {"validUntil": "2100-01-01T00:00:00Z"}).revision == 2


def test_a_merge_that_was_undone_sets_aside_once(world: World) -> None:
    late = LateFile(world.home.late)
    (world.home.late / "late.jsonl").write_bytes(b"{}\n[]\n")

    def interrupted(tx: Transaction) -> None:
        late.merge(tx, START)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), world.store.begin() as tx:
        interrupted(tx)
    with world.store.begin() as tx:
        assert late.merge(tx, START).set_aside == 2
    assert (world.home.late / SET_ASIDE).read_bytes().split() == [b"{}", b"[]"]


def test_where_it_cannot_be_copied_it_stays_and_is_named(world: World) -> None:
    (world.home.late / SET_ASIDE).mkdir()
    (world.home.late / "late.jsonl").write_bytes(b"{}\n")
    assert [finding.code for finding in world.service.reconcile()] == ["LATE_SET_ASIDE"]
    assert [record["action"] for record in chained(world)] == ["late record set aside"]
