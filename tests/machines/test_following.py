"""Whatever happens to files and to the follower, in any order: each line that could be read is there once."""

import gzip
import os
import random
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import zstandard
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from ingest.store import TelemetryStore
from tests.ingest.follow.worker import DONE, FAILED, KILLED, Worker
from tests.ingest.store_from_template import open_store
from tests.machines.rotated_logs import STREAMS, Files, Log

GARBAGE = (
    b"starting executor\n",
    b"\x00\xff\xfe\n",
    b'{"executorVersion":"x","jobId":\n',
    b"\n\n",
    b"not \x1f\x8b\n",
    b"x" * 70_000 + b"\n",
)


class Following(RuleBasedStateMachine):
    """Files that change, and a follower that is stopped, killed and starved, in any order."""

    @initialize()
    def begin(self) -> None:
        memory = Path("/dev/shm")
        self.held = TemporaryDirectory(dir=memory if memory.is_dir() else None)
        self.folder = Path(self.held.name)
        self.store = self.folder / "home" / "telemetry.duckdb"
        open_store(self.store).close()
        self.files = Files(self.folder)
        self.clock_s = 0.0
        self.worker = Worker(self.store, self.files.paths)

    @rule(stream=st.sampled_from(STREAMS), count=st.integers(1, 5))
    def write(self, stream: str, count: int) -> None:
        self.files.write(self.files.writing(stream), count)

    @rule(stream=st.sampled_from(STREAMS))
    def begin_line(self, stream: str) -> None:
        self.files.begin_line(self.files.writing(stream))

    @rule(stream=st.sampled_from(STREAMS), garbage=st.sampled_from(GARBAGE))
    def add_garbage(self, stream: str, garbage: bytes) -> None:
        self.files.add(self.files.writing(stream), garbage)

    @rule(stream=st.sampled_from(STREAMS))
    def rename(self, stream: str) -> None:
        log = self.files.current[stream]
        if log is not None:
            log.path = log.path.rename(self.files.next_name(log.path))
            self.files.rotated[stream].append(log)
            self.files.current[stream] = None

    @rule(
        stream=st.sampled_from(STREAMS), between=st.sampled_from(["", "poll", "write", "half", "half, poll"])
    )
    def copytruncate(self, stream: str, between: str) -> None:
        log = self.files.current[stream]
        if log is None:
            return
        content, place = log.path.read_bytes(), self.files.next_name(log.path)
        if "half" in between:
            place.write_bytes(content[: len(content) // 2])
            if "poll" in between:
                self.poll()
        with place.open("r+b" if place.exists() else "wb") as file:
            file.write(content)
        self.files.rotated[stream].append(Log(place, list(log.whole)))
        if between == "poll":
            self.poll()
        if between == "write":
            self.files.write(log, 1)
        self.cut(stream)

    @rule(stream=st.sampled_from(STREAMS))
    def cut(self, stream: str) -> None:
        log = self.files.current[stream]
        if log is not None:
            self.files.went(log)
            os.truncate(log.path, 0)
            log.whole, log.half = [], None

    @rule(
        stream=st.sampled_from(STREAMS),
        choice=st.randoms(use_true_random=False),
        gz=st.booleans(),
        half=st.booleans(),
    )
    def compress(self, stream: str, choice: random.Random, gz: bool, half: bool) -> None:
        plain = [log for log in self.files.rotated[stream] if log.path.suffix not in (".gz", ".zst")]
        if not plain:
            return
        log = choice.choice(plain)
        content = log.path.read_bytes()
        packed = gzip.compress(content) if gz else zstandard.compress(content)
        place = log.path.with_name(log.path.name + (".gz" if gz else ".zst"))
        if half:
            place.write_bytes(packed[: len(packed) // 2])
            self.settle()
        place.write_bytes(packed)
        log.path.unlink()
        log.path, log.half, log.is_known = place, None, False

    @rule(
        stream=st.sampled_from([*STREAMS, "left"]),
        choice=st.randoms(use_true_random=False),
        count=st.integers(0, 3),
    )
    def append_late(self, stream: str, choice: random.Random, count: int) -> None:
        logs = self.files.left if stream == "left" else self.files.rotated[stream]
        plain = [log for log in logs if log.path.suffix not in (".gz", ".zst")]
        if plain:
            log = choice.choice(plain)
            self.files.write(log, count)
            if log in self.files.left and not log.is_known:
                self.files.excused |= set(log.whole)

    @rule(stream=st.sampled_from(STREAMS), choice=st.randoms(use_true_random=False))
    def delete(self, stream: str, choice: random.Random) -> None:
        current = self.files.current[stream]
        logs = [*self.files.rotated[stream], *([] if current is None else [current])]
        if not logs:
            return
        log = choice.choice(logs)
        log.path.unlink()
        self.files.went(log)
        if log is current:
            self.files.current[stream] = None
        else:
            self.files.rotated[stream].remove(log)

    @rule(stream=st.sampled_from(STREAMS), count=st.integers(0, 3), polled=st.booleans())
    def replace(self, stream: str, count: int, polled: bool) -> None:
        """Another file takes the name of the current one at once, as editors and atomic writers do."""
        log = self.files.writing(stream)
        fresh = Log(self.folder / "draft")
        self.files.write(fresh, count)
        if polled:
            self.poll()
        self.files.went(log)
        fresh.path = fresh.path.rename(log.path)
        self.files.current[stream] = fresh

    @rule()
    def swap(self) -> None:
        self.files.swap()

    @rule()
    def poll(self) -> None:
        assert self.worker.poll(clock_s=self.clock_s) == DONE
        self.files.passed(compressed=False)

    @rule()
    def settle(self) -> None:
        for _ in range(3):
            assert self.worker.poll(2.0, self.clock_s) == DONE
        self.files.passed(compressed=True)

    @rule(step=st.integers(1, 400))
    def crash(self, step: int) -> None:
        if self.worker.poll_and_die(step) == KILLED:
            self.worker = Worker(self.store, self.files.paths)

    @rule()
    def restart(self) -> None:
        self.worker.kill()
        self.worker = Worker(self.store, self.files.paths)

    @rule(free=st.integers(0, 3_000), seconds=st.sampled_from([0.0, 2.0, 40.0, 700.0]))
    def fill_the_disk(self, free: int, seconds: float) -> None:
        """The follower goes on with what it holds; or, by the next rule, anew."""
        assert self.worker.poll_on_full_disk(free, seconds) in (DONE, FAILED)

    @rule(seconds=st.sampled_from([-90_000.0, -5.0, 0.0, 3.0, 90_000.0]))
    def set_the_clock(self, seconds: float) -> None:
        self.clock_s = seconds

    def teardown(self) -> None:
        if not hasattr(self, "worker"):
            return
        try:
            self.settle()
            self.worker.end()
            with TelemetryStore.open_for_reading(self.store) as store, store.cursor() as cursor:
                rows = cursor.execute("SELECT job_id[5:]::INTEGER AS n FROM telemetry ORDER BY n").fetchall()
            held = [number for (number,) in rows]
            assert held == sorted(set(held)), "a line is held twice"
            missing = self.files.written - self.files.excused - set(held)
            assert not missing, f"lost: {sorted(missing)}"
            assert set(held) <= self.files.written
        finally:
            with suppress(OSError):
                self.worker.end()
            self.held.cleanup()


Following.TestCase.settings = settings(
    max_examples=8,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestFollowing = Following.TestCase
