"""`slotgate ingest follow`: go on reading files until told to stop."""

import os
import signal
import threading
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from dashboard.cli.home import home_for
from dashboard.cli.output import complain, say, say_json
from dashboard.cli.places import place, spelled

if TYPE_CHECKING:
    from dashboard.cli.follow_trouble import Trouble
    from dashboard.cli.follow_words import Teller
    from gates.home import Home
    from ingest.errors import IngestError
    from ingest.follow.follower import Follower
    from ingest.store import TelemetryStore

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
    from dashboard.cli.follow_trouble import Spoken, Trouble
    from dashboard.cli.follow_words import Teller
    from dashboard.telemetry.private_files import private_files
    from ingest.errors import UnreadableSource
    from ingest.follow.follower import Follower
    from ingest.history.history_file import HistoryFile
    from ingest.loading.load import Surroundings

    if "-" in arguments.paths:
        raise UnreadableSource(
            "standard input cannot be followed; give it to `slotgate ingest load -`, which reads as it comes"
        )
    home = home_for(arguments.home, os.environ, Path.cwd())
    teller = Teller(Spoken(say), Spoken(say_json) if arguments.json else None)
    trouble = Trouble(time.monotonic)
    around = Surroundings(None, time.time_ns, home.spool, home.specs, home.runs)
    with _told_to_stop() as stop, private_files():  # DuckDB makes its log anew again and again
        store = _opened(home)
        teller.begun(arguments.paths)
        follower = Follower(store, arguments.paths, around, HistoryFile(home.history).read)
        try:
            _follow(home, store, follower, teller, trouble, stop)
            while (again := _opened_again(home, trouble, stop)) is not None:
                follower.go_on_in(again)
                _follow(home, again, follower, teller, trouble, stop)
        finally:
            follower.close()
    teller.ended()
    return trouble.ended()


def _follow(
    home: "Home",
    store: "TelemetryStore",
    follower: "Follower",
    teller: "Teller",
    trouble: "Trouble",
    stop: threading.Event,
) -> None:
    """Follow until told to stop, or until the store has to be opened anew. It is closed.

    What a pass could not store is left to the next one: its files keep it, and the follower them.
    """
    from ingest.errors import IngestError, StoreError
    from ingest.follow.pacing import pause_s

    is_whole = True
    try:
        with _answering(home, store):
            while is_whole and not stop.is_set():
                began = time.monotonic()
                try:
                    followed = follower.poll()
                except IngestError as error:
                    trouble.because(error)
                    is_whole = _goes_on(store, error)
                    stop.wait(_AFTER_FAILURE_S)
                    continue
                trouble.over()
                teller.passed(followed)
                stop.wait(pause_s(followed, time.monotonic() - began))
    finally:
        try:
            store.close()
        except StoreError as error:  # what was committed is in its log
            trouble.because(error)


def _goes_on(store: "TelemetryStore", error: "IngestError") -> bool:
    """Whether another pass may succeed in this store: not in a damaged one, or one without its place."""
    from ingest.errors import StoreDamaged, StoreError

    try:
        store.require_its_place()
    except StoreError:
        return False
    return not isinstance(error, StoreDamaged)


def _answering(home: "Home", store: "TelemetryStore") -> AbstractContextManager[None]:
    """Commands ask this process while it owns the file; without a web server installed they wait for it."""
    try:
        from dashboard.server.answering import answering
        from dashboard.telemetry.over_store import StoreTelemetry
        from dashboard.telemetry.spool import PassWhenFree
    except ModuleNotFoundError:
        return nullcontext()
    return answering(home, StoreTelemetry(home, store, PassWhenFree(home, store)))


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


def _opened_again(home: "Home", trouble: "Trouble", stop: threading.Event) -> "TelemetryStore | None":
    """The store, as soon as it can be opened; null when told to stop before."""
    from ingest.errors import StoreError

    while not stop.is_set():
        try:
            return _opened(home)
        except StoreError as error:
            trouble.because(error)
        stop.wait(_AFTER_FAILURE_S)
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
