"""What the modes said is counted once, however often it is asked for."""

import json
from collections import Counter
from pathlib import Path

from gates.changes.divergence import Counted
from gates.policy.intent import Mode
from gates.store.store import Store
from tests.gates.changes.world import ALICE, CAROL, TERMS, World
from tests.gates.store.builders import entry


def test_only_what_is_new_is_read(tmp_path: Path) -> None:
    world = World(tmp_path, Mode.SHADOW)
    world.verified()
    number = world.service.propose(ALICE, {"feature": True}, TERMS).request
    assert number is not None
    world.service.apply(ALICE, number)
    first = world.service.divergence()
    assert (first.shadow.judged, first.shadow.stopped) == (2, 1)
    assert first.shadow.by_reason == (("E_APPROVAL_MISSING", 1),)
    world.service.narrow(CAROL, {"feature": False})
    again = world.service.divergence()
    assert (again.shadow.judged, again.shadow.stopped) == (3, 1)
    with world.store.read() as tx:
        assert Counted().up_to_now(tx).divergence() == again


def test_it_is_what_reading_the_whole_chain_says() -> None:
    store = Store.in_memory()
    outcomes = [("ALLOWED", "shadow"), ("WOULD_BLOCK", "shadow"), (None, "shadow"), ("BLOCKED", "enforce")]
    with store.begin() as tx:
        for outcome, mode in outcomes * 3:
            tx.audit.append(entry(outcome=outcome, mode=mode, reason='said "outcome":null'))
        tx.audit.append(entry(outcome="WOULD_BLOCK", mode="shadow", late=True, recorded_at_ns=1))
        counted = Counted().up_to_now(tx)
        slow = Counter(
            (body["mode"], body["outcome"])
            for body in (json.loads(record.body) for record in tx.audit.iterate())
            if body["outcome"] is not None and not body["late"]
        )
    assert Counter({said[:2]: count for said, count in counted.said.items()}) == slow


def test_of_another_chain_it_begins_anew() -> None:
    one, other = Store.in_memory(), Store.in_memory()
    with one.begin() as tx:
        for _ in range(3):
            tx.audit.append(entry(mode="enforce", outcome="BLOCKED"))
        counted = Counted().up_to_now(tx)
    with other.begin() as tx:
        tx.audit.append(entry(mode="enforce", outcome="BLOCKED"))
        assert counted.up_to_now(tx).divergence().enforce.stopped == 1
