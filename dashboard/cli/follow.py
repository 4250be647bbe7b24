"""`slotgate ingest follow`: go on reading files until told to stop."""

import os
import signal
import threading
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from dashboard.cli.home import home_for
from dashboard.cli.output import complain, say, say_json
from dashboard.cli.places import place, spelled

if TYPE_CHECKING:
    from gates.home import Home
    from ingest.follow.follower import Followed
    from ingest.store import TelemetryStore

SHORTEST_S, LONGEST_S = 0.2, 0.7
_SHARE = 10
"""While nothing changes, looking takes at most a tenth of the time, up to thousands of files."""

_AFTER_FAILURE_S = 1.0


def configure(parser: ArgumentParser) -> None:
    """The options of `slotgate ingest follow`."""
    parser.add_argument(
        "paths", nargs="+", type=spelled, metavar="PATH", help="a file, a folder or a pattern"
    )
    parser.add_argument("--home", type=place, help="the home (default: SLOTGATE_HOME, else .slotgate)")
    parser.add_argument("--json", action="store_true", help="a JSON object for each pass that read something")


def execute(arguments: Namespace) -> int:
    """Follow until SIGINT or SIGTERM."""
    from dashboard.cli.follow_words import Teller
    from dashboard.telemetry.private_files import private_files
    from ingest.errors import UnreadableSource

    if "-" in arguments.paths:
        raise UnreadableSource(
            "standard input cannot be followed; give it to `slotgate ingest load -`, which reads as it comes"
        )
    home = home_for(arguments.home, os.environ, Path.cwd())
    teller = Teller(say, say_json if arguments.json else None)
    with _told_to_stop() as stop, private_files():  # DuckDB makes its log anew again and again
        store: TelemetryStore | None = _opened(home)
        teller.begun(arguments.paths)
        while store is not None:
            failure = _follow(home, store, arguments.paths, teller.passed, stop)
            # The files keep what was not stored; a store that failed is opened anew.
            store = None if failure is None else _opened_again(home, failure, stop)
    if not arguments.json:
        teller.ended()
    return 0


def _follow(
    home: "Home",
    store: "TelemetryStore",
    paths: Sequence[str],
    passed: "Callable[[Followed], None]",
    stop: threading.Event,
) -> str | None:
    """Follow until told to stop, or until something fails: what, in words. The store is closed."""
    from ingest.errors import IngestError, StoreError
    from ingest.follow.follower import Follower
    from ingest.history.history_file import HistoryFile
    from ingest.loading.load import Surroundings

    around = Surroundings(None, time.time_ns, home.spool, home.specs, home.runs)
    follower = Follower(store, paths, around, HistoryFile(home.history).read)
    try:
        with _answering(home, store):
            while not stop.is_set():
                began = time.monotonic()
                followed = follower.poll()
                passed(followed)
                stop.wait(0 if followed.is_behind else _pause(followed, time.monotonic() - began))
        store.close()
    except IngestError as error:
        with suppress(StoreError):  # it failed; that it does not close says no more
            store.close()
        return str(error)
    finally:
        follower.close()
    return None


def _answering(home: "Home", store: "TelemetryStore") -> AbstractContextManager[None]:
    """Commands ask this process while it owns the file; without a web server installed they wait for it."""
    try:
        from dashboard.server.answering import answering
        from dashboard.telemetry.over_store import StoreTelemetry
        from dashboard.telemetry.spool import PassWhenFree
    except ModuleNotFoundError:
        return nullcontext()
    return answering(home, StoreTelemetry(home, store, PassWhenFree(home, store)))


def _pause(followed: "Followed", took: float) -> float:
    return SHORTEST_S if followed.summary.sources else min(LONGEST_S, max(SHORTEST_S, _SHARE * took))


def _opened(home: "Home") -> "TelemetryStore":
    """The store of the home. Raises `StoreInUse` and other `StoreError`s."""
    from dashboard.telemetry.serving import announced
    from ingest.errors import StoreInUse
    from ingest.upkeep.aside import in_words
    from ingest.upkeep.renewing import open_renewed

    try:
        renewed = open_renewed(home.telemetry, time.time_ns)
    except StoreInUse as error:
        if announced(home) is None:
            raise
        raise StoreInUse(
            f"`slotgate serve` or another `ingest follow` owns the telemetry of `{home.root}`; let it follow "
            "(`slotgate serve --follow PATH`), or stop it first"
        ) from error
    if renewed.aside is not None:
        complain(in_words(renewed.aside))
    return renewed.store


def _opened_again(home: "Home", failure: str, stop: threading.Event) -> "TelemetryStore | None":
    """The store, as soon as it can be opened; null when told to stop before."""
    from ingest.errors import StoreError

    said: str | None = None
    while not stop.is_set():
        if failure != said:
            said = failure
            complain(f"{failure}; nothing is lost, trying again")
        stop.wait(_AFTER_FAILURE_S)
        try:
            return _opened(home)
        except StoreError as error:
            failure = str(error)
    return None


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set: the pass under way comes to its end."""
    stop = threading.Event()

    def told(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, told) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
