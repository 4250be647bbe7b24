"""SIGKILL in the middle of transactions: what was committed stands, nothing is half there."""

import os
import signal
import time
from contextlib import closing
from pathlib import Path

from gates.store.audit.verify import Intact, verify
from gates.store.store import Store
from tests.gates.store.builders import entry, revision

ROUNDS = 12


def write_for_ever(path: Path, told: int) -> None:
    """One revision after the other; what was committed is told to the pipe `told`."""
    store = Store.open(path)
    while True:
        with store.begin() as tx:
            newest = tx.revisions.newest()
            number = 1 if newest is None else newest.revision + 1
            tx.audit.append(entry(action="apply", target=str(number)))
            tx.revisions.append(revision(number))
            tx.audit.append(entry(action="applied", target=str(number)))
        os.write(told, f"{number}\n".encode())


def writer(path: Path) -> tuple[int, int]:
    """A forked process that writes until it is killed, and the pipe that it tells."""
    reading, telling = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            write_for_ever(path, telling)
        finally:
            os._exit(1)
    os.close(telling)
    return pid, reading


def test_the_chain_verifies_after_every_kill(tmp_path: Path) -> None:
    path = tmp_path / "gate.db"
    Store.create(path).close()
    told = 0
    for round_number in range(ROUNDS):
        pid, reading = writer(path)
        with open(reading, "rb") as pipe:
            first = pipe.readline()  # it is at work now
            time.sleep(0.003 * round_number)
            os.kill(pid, signal.SIGKILL)
            lines = [first, *pipe.readlines()]
        os.waitpid(pid, 0)
        told = max([told, *(int(line) for line in lines if line.endswith(b"\n"))])
        with closing(Store.open(path)) as store, store.read() as tx:
            found = verify(tx.audit.iterate())
            revisions = [row.revision for row in tx.revisions.all()]
        assert isinstance(found, Intact)
        assert revisions == list(range(1, len(revisions) + 1))
        assert len(revisions) >= told, "a revision that was reported is gone"
        assert found.records == 2 * len(revisions)
    assert told >= ROUNDS
