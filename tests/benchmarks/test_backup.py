"""A backup and its restore against a plain copy with digests, and how long a kill takes meanwhile."""

import shutil
import threading
import time
from collections.abc import Callable
from hashlib import file_digest
from pathlib import Path

from dashboard.backup.checking import check_backup
from dashboard.backup.making import make_backup
from dashboard.telemetry.over_store import StoreTelemetry
from gates.changes.killing import kill
from gates.home import Home
from ingest.progress import silent
from tests.benchmarks.month_of_lines import month_of
from tests.dashboard.backup.homes import full_home, restored_from

LINES, SPOOL_BYTES = 2_000_000, 384 << 20
_LINE = (
    b'2026-11-21T02:22:53.390Z stderr F {"version":"v1","jobId":"job-%09d","path":"stub","status":"STUB"}\n'
)
_MB = 1_000_000


class Killer:
    """Kills over and over; `times` are how long each took."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.times: list[float] = []

    def __enter__(self) -> "Killer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(0.05):
            begin = time.perf_counter()
            assert kill(self._home, by="os|carol", reason="once more").stopped.killed
            self.times.append(time.perf_counter() - begin)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the wall, and of CPU."""
    begin, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begin, time.process_time() - cpu


def copied_with_digests(root: Path, target: Path) -> None:
    shutil.copytree(root, target)
    for path in target.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                file_digest(file, "sha256")


def test_a_home_of_two_million_lines(tmp_path: Path) -> None:
    home = full_home(tmp_path)
    home.telemetry.unlink()
    numbers = range(SPOOL_BYTES // len(_LINE % 0))
    with (home.spool / "exec-node-000.log").open("wb") as file:
        file.writelines(_LINE % number for number in numbers)
    with month_of(LINES, tmp_path) as store:
        telemetry = StoreTelemetry(home, store, lambda _skew: None)
        home.telemetry.hardlink_to(store.path)
        size = sum(path.stat().st_size for path in home.root.rglob("*") if path.is_file()) / _MB
        plain = timed(lambda: copied_with_digests(home.root, tmp_path / "plain"))
        with Killer(home) as alone:
            time.sleep(1)
        with Killer(home) as beside:
            folder = timed(
                lambda: make_backup(home, tmp_path / "folder", home.store, telemetry, time.time_ns, silent)
            )
        archive = tmp_path / "packed.tar.zst"
        packed = timed(lambda: make_backup(home, archive, home.store, telemetry, time.time_ns, silent))
    verified = timed(lambda: check_backup(archive, silent))
    restored = timed(lambda: restored_from(archive, tmp_path / "restored"))
    print(
        f"\na home of {size:,.0f} MB: copied with digests {plain[0]:.1f} s ({plain[1]:.1f} s of CPU); "
        f"a backup {folder[0]:.1f} s, {folder[0] / plain[0]:.1f} times ({folder[1]:.1f} s of CPU); packed "
        f"{packed[0]:.1f} s, {archive.stat().st_size / _MB:,.0f} MB; verified {verified[0]:.1f} s; restored "
        f"{restored[0]:.1f} s; a kill took {max(beside.times) * 1_000:.0f} ms at most meanwhile, "
        f"{max(alone.times) * 1_000:.0f} ms with nothing beside it"
    )
