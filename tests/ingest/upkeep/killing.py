"""Kill processes that set a damaged telemetry file aside: `python -m tests.ingest.upkeep.killing FOLDER`.

An interpreter of its own, that has opened no store, forks them: it costs a tenth of starting each. It ends
with 1 where the damaged file was not kept as it was, or the next start did not have a sound one.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

from ingest.upkeep.aside import set_aside_beside
from ingest.upkeep.renewing import open_renewed

KILLS = 8
LONGEST_S = 0.1
DAMAGED = b"nothing like a database" * 400


def _renew(path: Path) -> bool:
    renewed = open_renewed(path, time.time_ns)
    renewed.store.close()
    return renewed.aside is None


def _forked(path: Path) -> int:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            _renew(path)
            code = 0 if _renew(path) else 1
        finally:
            os._exit(code)
    return child


def main(folder: Path) -> int:
    """See the module."""
    chance = random.Random(4)
    for number in range(KILLS):
        path = folder / str(number) / "telemetry.duckdb"
        path.parent.mkdir()
        path.write_bytes(DAMAGED)
        killed = _forked(path)
        time.sleep(chance.random() * LONGEST_S)
        os.kill(killed, signal.SIGKILL)
        os.waitpid(killed, 0)
        _, status = os.waitpid(_forked(path), 0)
        kept = [one.path.read_bytes() for one in set_aside_beside(path)]
        if os.waitstatus_to_exitcode(status) or kept != [DAMAGED]:
            print(f"{number}: {status=}, {len(kept)} kept", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
