"""Kill processes that compact a telemetry file.

`python -m tests.ingest.upkeep.killing_compaction FOLDER KILLS`: an interpreter of its own forks them, as in
`killing`. It ends with 1 where the file that stood afterwards did not open or lacked a row, or where
something was left beside it once another process had compacted.
"""

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from ingest.store import TelemetryStore
from ingest.store.events import record_event
from ingest.upkeep.compacting import compact
from tests.ingest.upkeep.damaging import make_store

ROWS = 40_000
LONGEST_S = 0.6


def _make(path: Path) -> None:
    make_store(path, ROWS)
    with TelemetryStore.open(path) as store, store.transaction() as cursor:
        cursor.execute("DELETE FROM noise_sample WHERE line_offset % 2 = 0")


def _compact(path: Path, said: Path, first: int) -> None:
    """Store a row that stands only in the log, say so, compact; and again."""
    with TelemetryStore.open(path) as store, said.open("a") as saying:
        for number in (first, first + 1):
            with store.transaction() as cursor:
                record_event(cursor, number, "test", None, str(number))
            saying.write(f"{number}\n")
            saying.flush()
            compact(store, 0)


def _check(path: Path, said: Path) -> None:
    expected = {int(line) for line in said.read_text().splitlines()}
    with TelemetryStore.open(path) as store, store.cursor() as cursor:
        samples = cursor.execute("SELECT count(*) FROM noise_sample").fetchall()[0][0]
        events = cursor.execute("SELECT at_ns FROM ingest_event WHERE kind = 'test'").fetchall()
    found = [row[0] for row in events]
    assert samples == ROWS // 2, samples
    assert len(found) == len(set(found)), found
    assert expected <= set(found), expected - set(found)


def _forked(work: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        except AssertionError as error:
            print(f"not there: {error}", file=sys.stderr)
        finally:
            os._exit(code)
    return child


def _ended(child: int) -> bool:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def main(folder: Path, kills: int) -> int:
    """See the module."""
    chance = random.Random(kills)
    path, said = folder / "telemetry.duckdb", folder / "said"
    said.touch()
    if not _ended(_forked(partial(_make, path))):
        return 1
    for number in range(kills):
        killed = _forked(partial(_compact, path, said, 2 * number))
        time.sleep(chance.random() * LONGEST_S)
        os.kill(killed, signal.SIGKILL)
        os.waitpid(killed, 0)
        if not _ended(_forked(partial(_check, path, said))):
            return 1
    if not _ended(_forked(partial(_compact, path, said, 2 * kills))):
        return 1
    return 0 if sorted(one.name for one in folder.iterdir()) == ["said", "telemetry.duckdb"] else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
