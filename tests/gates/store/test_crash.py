"""SIGKILL in the middle of transactions: what was committed stands, nothing is half there."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from gates.store.audit.verify import Intact, verify
from gates.store.store import Store

ROUNDS = 12
WRITER = """
import sys
from pathlib import Path
from gates.store.store import Store
from tests.gates.store.builders import entry, revision

store = Store.open(Path(sys.argv[1]))
while True:
    with store.begin() as tx:
        newest = tx.revisions.newest()
        number = 1 if newest is None else newest.revision + 1
        tx.audit.append(entry(action="apply", target=str(number)))
        tx.revisions.append(revision(number))
        tx.audit.append(entry(action="applied", target=str(number)))
    print(number, flush=True)
"""


def test_the_chain_verifies_after_every_kill(tmp_path: Path) -> None:
    path = tmp_path / "gate.db"
    Store.create(path).close()
    told = 0
    for round_number in range(ROUNDS):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            first = writer.stdout.readline()  # it is at work now
            time.sleep(0.003 * round_number)
            os.kill(writer.pid, signal.SIGKILL)
            lines = [first, *writer.stdout.readlines()]
        told = max([told, *(int(line) for line in lines if line.endswith(b"\n"))])
        with closing(Store.open(path)) as store, store.read() as tx:
            found = verify(tx.audit.iterate())
            revisions = [row.revision for row in tx.revisions.all()]
        assert isinstance(found, Intact)
        assert revisions == list(range(1, len(revisions) + 1))
        assert len(revisions) >= told, "a revision that was reported is gone"
        assert found.records == 2 * len(revisions)
    assert told >= ROUNDS
