"""The demo's home: made once, continued afterwards, never anybody else's folder."""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dashboard.demo.archive import write_archive
from dashboard.demo.past import Make, Told, back_fill
from dashboard.demo.private import write_private
from dashboard.errors import DemoIsRunning, NotADemoHome
from gates.errors import HomeError
from gates.home import Home

MARKER = "demo.json"
_OF_A_START = {f".{MARKER}"}
MADE_AS = 2
"""The way in which homes are made; what an earlier slotgate made as 1 is made anew."""
TOKENS = "tokens"
PRIVATE = 0o700
SEED = "slotgate"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A home with its history. `jobs` ran to make it, none when it was there already."""

    home: Home
    jobs: int


@contextmanager
def held(root: Path) -> Iterator[None]:
    """Keep other demos out of `root` until the block ends; the lock ends with the process, however that ends.

    Raises `NotADemoHome` for a folder that the demo did not make, `DemoIsRunning` where another demo
    runs, and `HomeError` when it cannot be made.
    """
    _state(root)
    with _in_words(root):
        root.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with _in_words(root):
            _lock(descriptor, root)
        yield
    finally:
        os.close(descriptor)


def prepare(root: Path, told: Told, say: Say, make: Make = back_fill) -> Prepared:
    """The demo's home at `root`, made or continued. Whoever calls this holds it.

    A home whose history was not finished, or that an earlier slotgate made, is made anew. Raises
    `NotADemoHome` for a folder that the demo did not make, and `HomeError` when it cannot be written.
    """
    home, state = Home(root), _state(root)
    if state == "finished":
        return Prepared(home, 0)
    if state == "outdated":
        say(f"`{root}` is a demo of an earlier slotgate; making it anew")
    with _in_words(root):
        _empty(root)
        root.chmod(PRIVATE)
        _mark(root, finished=False)
        now_ns = time.time_ns()
        jobs, tokens = make(home, SEED, now_ns, told)
        (root / TOKENS).mkdir(mode=PRIVATE)
        for name, token in tokens.items():
            write_private(root / TOKENS / name, f"{token}\n")
        write_archive(home.spool / "before-slotgate.stderr.log", SEED, now_ns - 30 * 86_400 * 10**9)
        _mark(root, finished=True)
    return Prepared(home, jobs)


def _state(root: Path) -> str:
    if not root.exists() or (root.is_dir() and {entry.name for entry in root.iterdir()} <= _OF_A_START):
        return "absent"
    try:
        marker = json.loads((root / MARKER).read_bytes())
        if not marker["finished"]:
            return "unfinished"
        return "finished" if marker.get("made_as") == MADE_AS else "outdated"
    except (OSError, ValueError, KeyError, TypeError):
        raise NotADemoHome(
            f"`{root}` is there and is no home of the demo; name another folder with --home, or remove it"
        ) from None


def _lock(descriptor: int, root: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise DemoIsRunning(f"a demo runs on `{root}` already; stop it, or name another --home") from None


@contextmanager
def _in_words(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise HomeError(
            f"the demo cannot make `{root}`: {error.strerror}; make its folder writable or use --home"
        ) from error


def _empty(root: Path) -> None:
    """Take everything away but the marker, which says until the end whose folder it is."""
    for entry in sorted(root.iterdir()):
        if entry.name == MARKER:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _mark(root: Path, *, finished: bool) -> None:
    write_private(root / MARKER, json.dumps({"demo": True, "made_as": MADE_AS, "finished": finished}) + "\n")
