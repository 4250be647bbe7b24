"""Verifying a stored chain against plain SHA-256 over the same bytes, and appending against a bare commit.

The peer of verifying reads nothing, parses nothing and compares nothing: it is the floor that no
verifier of SHA-256 can go below in this process. The peer of appending is the same database with
the same durability, writing the same bytes with no chain.
"""

import resource
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from sqlalchemy import insert

from gates.store.audit.chain import linked
from gates.store.audit.verify import Intact, TreeHead, verify
from gates.store.sqlite import Sqlite
from gates.store.store import Store
from gates.store.tables import audit_record
from tests.gates.store.builders import NOW, entry

RECORDS, ROUNDS, COMMITS = 100_000, 3, 100


def best(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    times = []
    for _ in range(ROUNDS):
        begin = clock()
        work()
        times.append(clock() - begin)
    return min(times)


def filled(path: Path) -> Store:
    """A store with a long chain, put there in bulk: only reading it is measured."""
    store = Store.create(path)
    rows, tail = [], None
    for number in range(RECORDS):
        tail = linked(
            entry(
                time_ns=NOW + number,
                request_id=str(number),
                before={"revision": number, "percent": 10, "kill": False},
                after={"revision": number + 1, "percent": 25, "kill": False},
            ),
            tail,
        )
        rows.append({"seq": tail.seq, "body": tail.body, "leaf": tail.leaf})
    with Sqlite(path, 5).writing() as connection:
        connection.execute(insert(audit_record), rows)
    return store


def hashed(bodies: list[bytes]) -> list[str]:
    return [sha256(b"\x00" + body).hexdigest() for body in bodies]


def test_verify_rate(tmp_path: Path) -> None:
    with closing(filled(tmp_path / "gate.db")) as store:
        with store.read() as tx:
            bodies = [record.body for record in tx.audit.iterate()]
        # Both are bound by the processor: its time compares them, whatever else runs here.
        plain = best(lambda: hashed(bodies), time.process_time)
        total = sum(map(len, bodies))
        bodies.clear()

        def verified() -> Intact:
            with store.read() as tx:
                found = verify(tx.audit.iterate())
            assert isinstance(found, Intact)
            return found

        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        took, waited = best(verified, time.process_time), best(verified)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        head = TreeHead(RECORDS, verified().root)
        with store.read() as tx:
            found = verify(tx.audit.iterate(), [head])
        assert isinstance(found, Intact)
        assert found.heads == 1
    print(
        f"\naudit verify: {RECORDS} records of {total / RECORDS:.0f} bytes: {RECORDS / took:,.0f}/s of CPU "
        f"time ({took:.2f} s; {waited:.2f} s by the clock); {took / plain:.1f} x plain SHA-256 of the same "
        f"bytes ({plain:.2f} s); peak memory grew by {grown // 1024} MiB while streaming"
    )


def test_append_cost(tmp_path: Path) -> None:
    with closing(Store.create(tmp_path / "gate.db")) as store:

        def chained() -> None:
            for _ in range(COMMITS):
                with store.begin() as tx:
                    tx.audit.append(entry())

        ours = best(chained)
    body = linked(entry(), None).body
    with closing(sqlite3.connect(tmp_path / "bare.db", isolation_level=None)) as bare:
        bare.execute("PRAGMA journal_mode = WAL")
        bare.execute("PRAGMA synchronous = FULL")
        bare.execute("CREATE TABLE record (seq INTEGER PRIMARY KEY, body BLOB, leaf TEXT)")

        def written() -> None:
            for _ in range(COMMITS):
                bare.execute("BEGIN IMMEDIATE")
                bare.execute("INSERT INTO record (body, leaf) VALUES (?, ?)", (body, "0" * 64))
                bare.execute("COMMIT")

        peer = best(written)
    print(
        f"\naudit append: {ours / COMMITS * 1000:.2f} ms a durable record; "
        f"{ours / peer:.1f} x a bare commit on a connection kept open ({peer / COMMITS * 1000:.2f} ms)"
    )
