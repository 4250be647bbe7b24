"""One suite over both chains: the one in memory that other tests use, and the store's."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from dashboard.notify.chain import Chain, StoreChain
from dashboard.notify.events import EventType
from gates.errors import StoreError
from gates.store.rows import AuditEntry
from gates.store.store import Store
from tests.dashboard.notify.chains import MemoryChain

Add = Callable[[str], object]


def in_memory(_: Path) -> tuple[Chain, Add]:
    chain = MemoryChain()
    return chain, chain.add


def in_a_store(folder: Path) -> tuple[Chain, Add]:
    path = folder / "gate.db"
    Store.create(path).close()

    def add(action: str) -> None:
        store = Store.open(path)
        with store.begin() as tx:
            tx.audit.append(AuditEntry(time_ns=0, actor="local|alice", roles=(), action=action, target="x"))
        store.close()

    return StoreChain(partial(Store.open, path)), add


@pytest.fixture(params=[in_memory, in_a_store])
def chain(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Chain, Add]:
    made: Callable[[Path], tuple[Chain, Add]] = request.param
    return made(tmp_path)


def test_an_empty_chain(chain: tuple[Chain, Add]) -> None:
    assert chain[0].tail() is None
    assert chain[0].since(0, 10) == ()
    assert chain[0].since(7, 10) == ()


def test_records_by_number(chain: tuple[Chain, Add]) -> None:
    found, add = chain
    for action in ("kill", "narrow", "comment"):
        add(action)
    assert [link.seq for link in found.since(0, 10)] == [1, 2, 3]
    assert [link.seq for link in found.since(2, 10)] == [2, 3]
    assert [link.seq for link in found.since(2, 1)] == [2]
    assert found.since(4, 10) == ()
    [first, *_] = found.since(1, 10)
    assert (first.event.type, first.event.seq, first.event.actor) == (
        EventType.KILL_ENGAGED,
        1,
        "local|alice",
    )
    assert found.tail() == found.since(3, 1)[0]
    assert len({link.leaf for link in found.since(0, 10)}) == 3
    assert found.since(1, 1) == found.since(1, 1)


def test_a_store_that_is_not_there(tmp_path: Path) -> None:
    chain = StoreChain(partial(Store.open, tmp_path / "gate.db"))
    for ask in (chain.tail, lambda: chain.since(1, 1)):
        with pytest.raises(StoreError):
            ask()
