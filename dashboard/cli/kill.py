"""Stop every AI call of this home, now. No login, no approval, no prompt, no reason needed.

Works with the server down, the store locked, corrupt or gone, and the disk full. What is printed was
read back from the control file. A reason not given is owed within 24 h: `slotgate kill --reason …`
again gives it.

exit codes: 0 stopped, or stopped before · 2 wrong usage · 4 NOT stopped
"""

import json
import os
import pwd
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from gates.controls.source import FileMode, locate
from gates.home import Home
from gates.kill import Stopped, stop

NOT_STOPPED = 4


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--reason", help="why; can be given later")
    parser.add_argument("--home", metavar="DIR", help="default: SLOTGATE_HOME, else ./.slotgate")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def execute(arguments: Namespace) -> int:
    """Stop, say so, then write it down."""
    if arguments.home == "":
        # As a path it is the folder that one is in: whoever reads STOPPED would believe it of another home.
        return _nothing_to_stop(arguments, "`` names no home (is a variable not set?): NOTHING WAS STOPPED")
    home = _home(None if arguments.home is None else Path(arguments.home))
    if home is None:
        return _nothing_to_stop(arguments, "there is no home here to stop")
    if _is_absent(home.root):
        # Executors of a home that is gone deny; but who mistyped one must not read that all is stopped.
        return _nothing_to_stop(arguments, f"there is no home `{home.root}`: NOTHING WAS STOPPED")
    by = _user()
    stopped = stop(home)
    if not arguments.json:
        _print(_sentence(stopped, by))
    # Only now: the record needs the store, the stop does not.
    from dashboard.cli.store import place_of
    from gates.changes.killing import record_kill

    late = record_kill(home, stopped, by=by, reason=arguments.reason, place=place_of(home))
    if arguments.json:
        _print(json.dumps(_record(stopped, late), ensure_ascii=False))
    elif late is not None:
        _complain(f"recorded late: {late}")
    elif arguments.reason is None and not stopped.already:
        _complain("say why within 24 h: `slotgate kill --reason …`")
    return 0 if stopped.killed else NOT_STOPPED


def _home(named: Path | None) -> Home | None:
    """The home whose control file the executors started here would read."""
    try:
        mode = locate(os.environ, Path.cwd(), home=named)
    except Exception:  # noqa: BLE001  a folder that is gone must not keep a named home from being stopped
        variable = os.environ.get("SLOTGATE_HOME")
        return Home(Path(variable)) if variable else None
    if not isinstance(mode, FileMode):
        return None
    folder = mode.path.absolute().parent
    standard = Home(folder.parent)
    return standard if standard.control_file == folder / mode.path.name else mode.home


def _is_absent(root: Path) -> bool:
    """Whether there is surely nothing of that name; a doubt must not keep the stop from being tried."""
    try:
        root.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _nothing_to_stop(arguments: Namespace, what: str) -> int:
    words = (
        f"{what}; name the home with --home. Executors without a home obey their environment: "
        "set SLOTGEN_AI_KILL=true for them"
    )
    if arguments.json:
        record = {"killed": False, "by": None, "revision": None, "took_ms": 0.0, "read_back": words}
        _print(json.dumps(record))
    _complain(words)
    return NOT_STOPPED


def _sentence(stopped: Stopped, by: str) -> str:
    if not stopped.killed:
        return (
            f"STOP FAILED: {stopped.read_back} ({stopped.unrecorded}). "
            "Set SLOTGEN_AI_KILL=true for the executors, or end them"
        )
    revision = "" if stopped.revision is None else f", revision {stopped.revision}"
    before = "STOPPED BEFORE" if stopped.already else f"STOPPED by {by}"
    return f"{before}{revision}, by {stopped.by} in {stopped.took_ms:.1f} ms; read back: {stopped.read_back}"


def _record(stopped: Stopped, late: str | None) -> dict[str, object]:
    return {
        "killed": stopped.killed,
        "by": stopped.by,
        "revision": stopped.revision,
        "took_ms": round(stopped.took_ms, 3),
        "read_back": stopped.read_back,
        "already": stopped.already,
        "recorded": late is None,
        "late": late,
        "unrecorded_in_history": stopped.unrecorded,
    }


def _user() -> str:
    try:
        return f"os|{pwd.getpwuid(os.geteuid()).pw_name}"
    except (KeyError, OSError):
        return f"os|{os.geteuid()}"


def _print(line: str) -> None:
    try:
        print(line, flush=True)  # noqa: T201  the stop waits for no reader
    except OSError:
        return  # nobody reads it; the stop and its record go on


def _complain(line: str) -> None:
    try:
        print(f"slotgate: {line}", file=sys.stderr, flush=True)  # noqa: T201  likewise
    except OSError:
        return
