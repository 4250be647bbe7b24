"""A follow at full speed that is killed over and over, and what must hold afterwards."""

import gzip
import json
import os
import random
import shutil
import signal
import threading
from pathlib import Path

from ingest.store import TelemetryStore
from tests.ingest.stored import cri
from tests.warm.commands import start

LINES_A_WRITE = 250
WRITES_A_SECOND = 20


class Writer:
    """Writes numbered lines, 5,000 a second, and rotates its file, until told to stop."""

    def __init__(self, log: Path, seed: int, lines_a_write: int = LINES_A_WRITE, first: int = 0) -> None:
        self.written = first
        self._log = log
        self._lines_a_write = lines_a_write
        self._draw = random.Random(seed)
        self._old: list[Path] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write)
        self._thread.start()

    def stop(self) -> int:
        """The number of the next line."""
        self._stop.set()
        self._thread.join()
        return self.written

    def _write(self) -> None:
        while not self._stop.wait(1 / WRITES_A_SECOND):
            self._append()
            if self._draw.random() < 0.05:
                self._rotate()

    def _append(self) -> None:
        numbers = range(self.written, self.written + self._lines_a_write)
        data = cri(*numbers)
        cut = self._draw.randrange(len(data))
        with self._log.open("ab") as file:
            file.write(data[:cut])
            file.flush()
            file.write(data[cut:])
        self.written = numbers.stop

    def _rotate(self) -> None:
        old = self._log.with_name(f"{self._log.name}.{len(self._old) + 1}")
        if self._draw.random() < 0.3:
            shutil.copyfile(self._log, old)
            os.truncate(self._log, 0)
        else:
            self._log.rename(old)
        self._old.append(old)
        plain = [one for one in self._old if one.suffix != ".gz"]
        if len(plain) > 2:
            packed = plain[0].with_name(f"{plain[0].name}.gz")
            packed.write_bytes(gzip.compress(plain[0].read_bytes(), 1))
            plain[0].unlink()
            self._old[self._old.index(plain[0])] = packed


def survives_kills(folder: Path, kills: int, seed: int) -> int:
    """Follow what a writer writes and rotates, killed `kills` times; assert that each line is held once."""
    draw = random.Random(seed)
    (folder / "logs").mkdir()
    log = folder / "logs" / "app.log"
    words = ("ingest", "follow", log, "--home", "home", "--json")
    writer = Writer(log, seed)
    try:
        for _ in range(kills):
            with start(folder, *words) as process:
                for _ in range(draw.randrange(1, 4)):
                    assert process.stdout.readline()
                # Anywhere in the passes that follow: the next document may or may not come.
                threading.Event().wait(draw.expovariate(8.0))
                process.send_signal(signal.SIGKILL)
                process.wait()
    finally:
        written = writer.stop()
    stored = len(held(folder))
    with start(folder, *words) as process:
        while stored < written:
            stored += json.loads(process.stdout.readline())["added"]["accepted"]
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 0
    assert held(folder) == list(range(written))
    return written


def held(folder: Path) -> list[int]:
    """The numbers of all lines that are stored, in order."""
    store = TelemetryStore.open(folder / "home" / "telemetry.duckdb")
    with store, store.cursor() as cursor:
        rows = cursor.execute("SELECT job_id[5:]::INTEGER AS n FROM telemetry ORDER BY n").fetchall()
    return [number for (number,) in rows]
