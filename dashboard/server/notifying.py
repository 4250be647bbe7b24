"""Notifications while a home is served: one thread for each receiver of `notify.json`, and one that reads it.

Nothing that changes the controls knows of them, and they know of nothing but the audit chain.
"""

import fcntl
import os
import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from dashboard.cli.store import store_of
from dashboard.notify.backlog_file import FOLDER, BacklogFile
from dashboard.notify.chain import StoreChain
from dashboard.notify.delivering import Delivering, Means
from dashboard.notify.errors import ReceiversMisconfigured
from dashboard.notify.receivers import NAME, Receiver, read_receivers
from dashboard.notify.sending import HttpSender
from dashboard.server.own_log import say
from dashboard.server.repeating import Repeating
from gates.controls.durable import PRIVATE_FILE, make_folder
from gates.home import Home

LOOK_S, STEP_S = 2.0, 1.0
_PATIENCE_S = 2.0


class Telling:
    """The thread of one receiver."""

    def __init__(self, receiver: Receiver, delivering: Delivering, say: Callable[[str], None]) -> None:
        self.receiver = receiver
        self._delivering = delivering
        self._say = say
        self._stop = threading.Event()
        # A daemon: what a receiver keeps us waiting for is sent again after the next start.
        self._thread = threading.Thread(target=self._run, name=f"notify-{receiver.name}", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Begin no further delivery; does not wait."""
        self._stop.set()

    def ended(self, patience_s: float) -> bool:
        """Whether it ended within so many seconds."""
        self._thread.join(patience_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.is_set():
            more = False
            try:
                more = self._delivering.step()
            except Exception as error:  # noqa: BLE001 - whatever it was, the log says it and it is tried again
                said = str(error) or type(error).__name__
                self._say(f"notifications of `{self.receiver.name}` failed: {said}")
            if not more:
                self._stop.wait(STEP_S)


class Notifying:
    """Everyone who is told. `start` and `stop` may be called once; `stop` waits for nobody for long."""

    def __init__(self, home: Home, means: Means) -> None:
        self._path = home.root / NAME
        self._folder = home.root / FOLDER
        self._means = means
        self._told: dict[str, Telling] = {}
        self._leaving: list[Telling] = []
        self._trouble: str | None = None
        self._lock = -1
        self._thread = Repeating("notify", self.look, LOOK_S)

    def start(self) -> None:
        """Start the threads."""
        self._thread.start()

    def stop(self) -> None:
        """Begin no further delivery, and end. Idempotent."""
        self._thread.stop()
        self._leave(self._told)
        until = time.monotonic() + _PATIENCE_S
        self._leaving = [one for one in self._leaving if not one.ended(max(0.0, until - time.monotonic()))]
        if self._lock >= 0 and not self._leaving:
            os.close(self._lock)
            self._lock = -1

    def look(self) -> None:
        """Have a thread for each receiver that there is now, and for no other.

        In the caller's thread; not while the own one runs.
        """
        try:
            wanted = {one.name: one for one in read_receivers(self._path).receivers}
            if wanted and not self._is_ours():
                self._say_once(f"another process sends the notifications of `{self._path}`")
                return
        except (ReceiversMisconfigured, OSError) as error:
            self._say_once(f"notifications go on as before: {error}")
            return
        self._trouble = None
        gone = {name: one for name, one in self._told.items() if wanted.get(name) != one.receiver}
        self._leave(gone)
        self._leaving = [one for one in self._leaving if not one.ended(0.0)]
        busy = {one.receiver.name for one in self._leaving}
        for name, receiver in wanted.items():
            if name not in self._told and name not in busy:
                delivering = Delivering(receiver, BacklogFile(self._folder, name), self._means)
                self._told[name] = Telling(receiver, delivering, self._means.say)

    def _leave(self, some: dict[str, Telling]) -> None:
        for name, one in list(some.items()):
            one.end()
            self._leaving.append(one)
            del self._told[name]

    def _is_ours(self) -> bool:
        """Whether this process may send: two would tell everything twice. Raises `OSError`."""
        if self._lock >= 0:
            return True
        make_folder(self._folder)
        descriptor = os.open(_lock_file(self._folder), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._lock = descriptor
            return True
        os.close(descriptor)
        return False

    def _say_once(self, words: str) -> None:
        if words != self._trouble:
            self._means.say(words)
        self._trouble = words


def notifying_of(home: Home, public_url: str | None) -> Notifying:
    """The notifications of a home, with this machine's clock and network."""
    chain = StoreChain(partial(store_of, home))
    chance = random.random  # spreads attempts; nobody gains by guessing it
    return Notifying(home, Means(chain, HttpSender(), time.time_ns, chance, say, public_url))


def _lock_file(folder: Path) -> Path:
    return folder / ".sending"
