"""Homes with a record in them, made by the real publisher and the real ingest."""

import json
import os
import shutil
import time
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from dashboard.server.opening import open_seat
from dashboard.server.seat import Seat
from gates.controls.publish import Publisher
from gates.home import Home
from ingest.history.controls import read_history
from ingest.loading.load import load
from schemas.stages import Step
from tests.dashboard.rungs import Rung, controls
from tests.ingest.store_from_template import open_store, put_empty
from tests.made_once import kept_folder

DATA = Path(__file__).parents[1] / "data"
SECOND_NS = 10**9
HOUR_NS = 3_600 * SECOND_NS
LIVE = Rung(Step.CANARY_5, percent=5)


def empty_home(folder: Path) -> Home:
    """A home with nothing in it."""
    home = Home(folder / "home")
    home.spool.mkdir(parents=True)
    return home


def publish(home: Home, rung: Rung, revision: int = 1, at_ns: int | None = None) -> None:
    """Put `rung` in force, by default now."""
    at = time.time_ns() if at_ns is None else at_ns
    Publisher(home, lambda: at).publish(controls(rung, revision, at))


def line(
    job: str,
    path: str = "stub",
    status: str = "STUB",
    code: str | None = "NOT_ALLOWLISTED",
    latency: float = 5,
) -> bytes:
    """A telemetry line."""
    return json.dumps(
        {
            "version": "v1",
            "executorVersion": "openai.v1",
            "jobId": job,
            "path": path,
            "status": status,
            "latencyMs": latency,
            "errorCode": code,
        }
    ).encode()


def spool(home: Home, lines: Iterable[tuple[int, bytes]], name: str = "worker.log") -> None:
    """Append CRI lines of the given times to a file of the spool."""
    with (home.spool / name).open("ab") as file:
        for at_ns, text in lines:
            seconds, rest = divmod(at_ns, SECOND_NS)
            stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
            file.write(f"{stamp}.{rest:09d}Z stderr F ".encode() + text + b"\n")


def opened_seat(home: Home, notice: str | None = None) -> Seat:
    """The open seat of `home`; its telemetry, where there is none, is a copy of an empty one."""
    put_empty(home.telemetry)
    return open_seat(home, notice)


def seated(home: Home, notice: str | None = None) -> Seat:
    """The open seat of `home` after one pass over its spool."""
    seat = opened_seat(home, notice)
    seat.loader.pass_once()
    return seat


def sample_seat(folder: Path) -> Seat:
    """The captured sample, as a container runtime wrote it, with its control history."""
    home = empty_home(folder)
    shutil.copyfile(_sample(), home.telemetry)
    return seated(home)


@cache
def _sample() -> Path:
    """Its telemetry, loaded once."""
    folder = kept_folder("sample")
    with open_store(folder / "telemetry.duckdb") as store:
        load(store, [DATA / "executor-a.cri.log"], read_history(DATA / "executor-a.controls.jsonl"))
    return folder / "telemetry.duckdb"


def expected() -> dict[str, int]:
    """How often each outcome stands in the sample, as `path/status/errorCode`."""
    counts: dict[str, int] = json.loads((DATA / "executor-a.expected.json").read_bytes())["by_outcome"]
    return counts


def environ(**more: str) -> dict[str, str]:
    """The environment of this process without anything of slotgate's."""
    ours = ("SLOTGATE_", "SLOTGEN_", "FEATURE_", "OPENAI_", "STREAMLIT_")
    return {**{name: value for name, value in os.environ.items() if not name.startswith(ours)}, **more}
