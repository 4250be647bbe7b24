"""The demo's home: made once, continued afterwards, never anybody else's folder."""

import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from dashboard.demo.archive import write_archive
from dashboard.demo.past import Told, back_fill
from dashboard.errors import NotADemoHome
from gates.controls.publish import Publisher
from gates.errors import HomeError
from gates.home import Home

MARKER = "demo.json"
OWN_REVISION = "demo-revision"
PRIVATE = 0o700
SEED = "slotgate"
NOTICE = (
    "DEMO: the days before the start are synthetic, the jobs now are real runs against a stub server on this "
    "machine. No model is called and no key is used."
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A home with its history. `jobs` ran to make it, none when it was there already."""

    home: Home
    jobs: int


def prepare(root: Path, told: Told) -> Prepared:
    """Make the demo's home at `root`, or continue the one that is there.

    A home whose history was not finished is made anew. Raises `NotADemoHome` for a folder that the
    demo did not make, and `HomeError` when it cannot be written.
    """
    home = Home(root)
    try:
        state = _state(root)
        if state == "finished":
            return Prepared(home, 0)
        if state == "unfinished":
            shutil.rmtree(root)
        root.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        root.chmod(PRIVATE)
        home.spool.mkdir(mode=PRIVATE)
        _mark(root, finished=False)
        now_ns = time.time_ns()
        write_archive(home.spool / "before-slotgate.stderr.log", SEED, now_ns - 30 * 86_400 * 10**9)
        jobs = back_fill(home, SEED, now_ns, told)
        _mark(root, finished=True)
        published = Publisher(home, time.time_ns).in_force().document
        note_own_revision(home, int(published["revision"]) if published else 0)
    except OSError as error:
        raise HomeError(
            f"the demo cannot make `{root}`: {error.strerror}; make its folder writable or use --home"
        ) from error
    return Prepared(home, jobs)


def own_revision(home: Home) -> int | None:
    """The last revision that the demo itself published; another one in force is somebody's change."""
    try:
        return int((home.root / OWN_REVISION).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def note_own_revision(home: Home, revision: int) -> None:
    """Remember what the demo published last, also for its next start."""
    draft = home.root / f".{OWN_REVISION}"
    draft.write_text(f"{revision}\n", encoding="ascii")
    draft.replace(home.root / OWN_REVISION)


def _state(root: Path) -> str:
    if not root.exists() or (root.is_dir() and not any(root.iterdir())):
        return "absent"
    try:
        marker = json.loads((root / MARKER).read_bytes())
        return "finished" if marker["finished"] else "unfinished"
    except (OSError, ValueError, KeyError, TypeError):
        raise NotADemoHome(
            f"`{root}` is there and is no home of the demo; name another folder with --home, or remove it"
        ) from None


def _mark(root: Path, *, finished: bool) -> None:
    draft = root / f".{MARKER}"
    draft.write_text(json.dumps({"demo": True, "finished": finished}) + "\n", encoding="ascii")
    draft.replace(root / MARKER)
