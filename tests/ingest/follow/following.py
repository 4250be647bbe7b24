"""A follower over a store of its own, with a clock that tests wind."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.errors import IngestError
from ingest.follow.follower import Followed, Follower
from ingest.loading.load import Surroundings
from ingest.store import TelemetryStore
from tests.ingest.store_from_template import open_store
from tests.ingest.stored import stored_jobs


class Following:
    """Follows `paths`; `seconds` is what its monotonic clock says, `seconds_a_look` how fast it goes.

    `history_error` is what reading the control history raises, if it does.
    """

    def __init__(self, store: TelemetryStore, *paths: Path, spool: Path | None = None) -> None:
        self.seconds = self.seconds_a_look = 0.0
        self.store = store
        around = Surroundings(None, time.time_ns, spool)
        self.history_error: IngestError | None = None
        self._follower = Follower(store, [*map(str, paths)], around, self._history, self._monotonic)

    def _history(self) -> None:
        if self.history_error is not None:
            raise self.history_error

    def _monotonic(self) -> float:
        self.seconds += self.seconds_a_look
        return self.seconds

    def poll(self) -> Followed:
        """One pass."""
        return self._follower.poll()

    def jobs(self, waiting_s: float = 0.0) -> list[str]:
        """The jobIds that are stored after a pass, `waiting_s` later."""
        self.seconds += waiting_s
        self.poll()
        return stored_jobs(self.store)

    def go_on_in(self, store: TelemetryStore) -> None:
        """In another store from now on."""
        self.store = store
        self._follower.go_on_in(store)

    def close(self) -> None:
        """Let go of the files."""
        self._follower.close()


@contextmanager
def following(folder: Path, *paths: Path, spool: Path | None = None) -> Iterator[Following]:
    """A follower of `paths` over the store of `folder`, from its start to its end."""
    with open_store(folder / "home" / "telemetry.duckdb") as store:
        follower = Following(store, *paths, spool=spool)
        try:
            yield follower
        finally:
            follower.close()


def jobs(*numbers: int) -> list[str]:
    """What `stored_jobs` says of these."""
    return sorted(f"job-{number}" for number in numbers)


def append(path: Path, data: bytes) -> None:
    """As a program writes to its log."""
    with path.open("ab") as file:
        file.write(data)
