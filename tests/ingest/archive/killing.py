"""Kill passes that archive: `python -m tests.ingest.archive.killing FOLDER KILLS`.

An interpreter of its own, that has opened no store, forks them: it costs a tenth of starting each. It ends
with 1 where a row was lost or came twice: tables and archive together hold every jobId once after each kill.
"""

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from ingest.archive.keeping import ArchiveKeeping
from ingest.archive.looking import Depth, look
from ingest.archive.part import Kind
from ingest.archive.reading import BOTH, table_and_archive
from ingest.loading.load import load
from ingest.report.report import Selection, report
from ingest.retention.run import Order, retain
from ingest.store import TelemetryStore
from tests.ingest.archive.worlds import MONTHS, NOW_NS
from tests.ingest.stored import record

ROWS = 6_000
AT_ONCE = 250
LONGEST_S = 0.25


def _clock() -> int:
    return NOW_NS


def _fill(folder: Path) -> None:
    log = folder / "a.log"
    old = (f"{MONTHS[n % 2]}-{1 + n % 28:02}T{n % 24:02}:00:00Z" for n in range(1, ROWS))
    lines = (f"{at} stderr F {record(n)}\n" for n, at in enumerate(["2026-11-20T00:00:00Z", *old]))
    log.write_text("".join(lines))
    with TelemetryStore.open(folder / "telemetry.duckdb") as store:
        load(store, [log], None)


def _archive(folder: Path) -> None:
    with TelemetryStore.open(folder / "telemetry.duckdb") as store:
        order = Order(days=30, trusts_clock=True)
        retain(store, order, _clock, ArchiveKeeping(folder / "archive", _clock, AT_ONCE))


def _check(folder: Path) -> None:
    archive = folder / "archive"
    with TelemetryStore.open(folder / "telemetry.duckdb") as store, store.cursor() as cursor:
        with table_and_archive(cursor, archive, None):
            held = f"SELECT count(*), count(DISTINCT job_id) FROM {BOTH.lines}"
            assert cursor.execute(held).fetchall() == [(ROWS, ROWS)]
        assert report(cursor, Selection(), archive)["totals"]["lines"] == ROWS
        assert look(cursor, archive, Depth.EVERY_BYTE).missing == ()


def _check_the_end(folder: Path) -> None:
    _check(folder)
    archive = folder / "archive"
    with TelemetryStore.open(folder / "telemetry.duckdb") as store, store.cursor() as cursor:
        assert cursor.execute("SELECT job_id FROM telemetry").fetchall() == [("job-0",)]
        found = look(cursor, archive, Depth.EVERY_BYTE)
    assert sum(one.part.rows for one in found.parts if one.part.kind is Kind.TELEMETRY) == ROWS - 1
    assert {path.name for path in archive.iterdir()} == {one.part.name for one in found.parts}


def _forked(deed: Callable[[Path], None], folder: Path) -> int:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            deed(folder)
            code = 0
        finally:
            os._exit(code)
    return child


def _done(deed: Callable[[Path], None], folder: Path) -> bool:
    _, status = os.waitpid(_forked(deed, folder), 0)
    return os.waitstatus_to_exitcode(status) == 0


def main(folder: Path, kills: int) -> int:
    """See the module."""
    chance = random.Random(7)
    landed = round_ = 0
    while landed < kills:
        place = folder / str(round_)
        place.mkdir()
        round_ += 1
        if not _done(_fill, place):
            return 1
        is_over = False
        while not is_over and landed < kills:
            child = _forked(_archive, place)
            time.sleep(chance.random() * LONGEST_S)
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            is_over = os.waitstatus_to_exitcode(status) == 0
            landed += not is_over
            if not _done(_check, place):
                print(f"after {landed} kills", file=sys.stderr)
                return 1
        if not (_done(_archive, place) and _done(_check_the_end, place)):
            print(f"at the end, after {landed} kills", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
