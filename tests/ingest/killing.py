"""Loads that are killed at any moment, and what must hold afterwards."""

import gzip
import random
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from ingest.store import TelemetryStore
from tests.ingest.rollups.content import kept, recounted
from tests.ingest.stored import CRI, cri, record
from tests.warm.commands import Command, start

SMALL_FILES = 60
"""Which a load stores together."""


def small(number: int) -> range:
    """The jobs of a small file."""
    return range(2 * 10**7 + 50 * number, 2 * 10**7 + 50 * number + 50)


def survives_kills(folder: Path, kills: int, lines: int, seed: int) -> None:
    """Load files that grow, killing `kills` loads with SIGKILL; assert that each record is held once."""
    draw = random.Random(seed)
    logs = folder / "logs"
    logs.mkdir()
    growing = logs / "growing.log"
    written, rest = grown(growing, draw, "", 0, lines // 2)
    (logs / "still.log.gz").write_bytes(gzip.compress(cri(*range(10**7, 10**7 + lines // 2)), 1))
    for number in range(SMALL_FILES):
        (logs / f"small-{number}.log").write_bytes(cri(*small(number)))
    landed = 0
    while landed < kills:
        landed += killed(folder, draw.expovariate(2.5))
        if draw.random() < 0.7:
            written, rest = grown(growing, draw, rest, written, draw.randint(1, lines // 20))
    with growing.open("a") as file:
        file.write(rest)
    assert finished(folder) == 0
    in_small = [job for number in range(SMALL_FILES) for job in small(number)]
    expected = [*range(written), *range(10**7, 10**7 + lines // 2), *in_small]
    with (
        TelemetryStore.open_for_reading(folder / "home" / "telemetry.duckdb") as store,
        store.cursor() as cursor,
    ):
        held = cursor.execute("SELECT job_id[5:]::INTEGER AS n FROM telemetry ORDER BY n").fetchall()
        sources = cursor.execute("SELECT count(*) FROM source").fetchall()
        assert kept(store, "rollup_hour") == recounted(store, minutes=60)
    assert [number for (number,) in held] == expected
    assert sources == [(2 + SMALL_FILES,)]


def grown(path: Path, draw: random.Random, rest: str, begin: int, count: int) -> tuple[int, str]:
    """Append `rest` and records, some in pieces; how many there are now, and what the last still lacks."""
    lines = [rest]
    for number in range(begin, begin + count):
        text = record(number)
        if draw.random() < 0.01:
            cut = draw.randrange(1, len(text))
            lines += (CRI % ("P", text[:cut]), CRI % ("F", text[cut:]))
        else:
            lines.append(CRI % ("F", text))
    whole = "".join(lines)
    lacking = draw.choice((0, 0, draw.randrange(100)))
    with path.open("a") as file:
        file.write(whole[: len(whole) - lacking])
    return begin + count, whole[len(whole) - lacking :]


def started(folder: Path) -> Command:
    return start(folder, "ingest", "load", "logs", "--home", "home", "--json")


def killed(folder: Path, seconds: float) -> bool:
    """Kill a load after `seconds`; whether it was still running."""
    process = started(folder)
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    process.kill()
    _, said = process.communicate()
    assert process.returncode in (0, -signal.SIGKILL), said
    return process.returncode != 0


def finished(folder: Path) -> int:
    process = started(folder)
    _, said = process.communicate()
    assert process.returncode == 0, said
    return process.returncode
