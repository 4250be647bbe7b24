"""What must hold of a home whatever was killed beside it, and of one that was made of a backup."""

import re
from collections.abc import Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from dashboard.backup.checking import broken_chain
from dashboard.telemetry.opened import Opened
from dashboard.telemetry.port import LoadRequest
from gates.controls.reader import ControlFile
from gates.home import Home
from gates.store.store import Store
from ingest.store import TelemetryStore
from tests.ingest.stored import cri, stored_jobs

_WHOLE_LINE = re.compile(rb'"jobId": ?"([^"]+)".*\n')
_AFTERWARDS = 10**9


def assert_whole(home: Home) -> None:
    """The store is sound and its chain holds; the telemetry, which nobody serves, holds no job twice."""
    with closing(Store.open(home.store)) as store:
        assert store.damage() == ()
        assert broken_chain(store)[0] is None
    jobs = held_jobs(home)
    assert len(jobs) == len(set(jobs)), "a line is held twice"


def assert_goes_on(home: Home) -> None:
    """Whole and stopped, as a restored home begins; loaded, with a new line, it has its spool once."""
    assert ControlFile(home.control_file).current().killed
    assert_whole(home)
    with (home.spool / "afterwards.log").open("ab") as file:
        file.write(cri(_AFTERWARDS))
    load(home, [home.spool])
    spooled = spooled_jobs(home)
    held = held_jobs(home)
    assert len(held) == len(set(held)), "a line is held twice"
    assert spooled <= set(held), sorted(spooled - set(held))


def load(home: Home, paths: Sequence[Path]) -> None:
    """All that is in them."""
    done = Opened(home).load(LoadRequest(paths=tuple(str(path) for path in paths)))
    assert done.summary.failed == (), done.summary.failed


def held_jobs(home: Home) -> list[str]:
    """The jobs of all lines that are stored, in order."""
    with TelemetryStore.open(home.telemetry) as store:
        return stored_jobs(store)


def spooled_jobs(home: Home) -> set[str]:
    """The jobs of all whole lines in the spool."""
    return {job.decode() for path in home.spool.iterdir() for job in _WHOLE_LINE.findall(path.read_bytes())}


def digests(folder: Path) -> dict[str, str]:
    """Of all files below a folder."""
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
