"""Run any command under the controls, unmodified.

    slotgate exec [--home DIR] [--source NAME] [--watch[=SIGNAL|restart]] -- CMD…

CMD starts with FEATURE_SLOTGEN_AI, SLOTGEN_AI_KILL, SLOTGEN_AI_ROLLOUT_PERCENT and SLOTGEN_ALLOWLIST_PATH
as the controls of the home are at that moment; when these cannot be read, with the kill switch on. Stdin,
stdout, signals and the exit code are its own. Stderr passes through and is captured into the spool; a job
spec that is seen on stdin, and whether stdout keeps the result contract, are recorded (docs/executor.md).

exit codes: those of CMD, and it ends by the signal that ended CMD; 1 the result could not be written to
stdout; 2 wrong usage; 126 CMD cannot be run; 127 there is no CMD of that name.
"""

import os
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gates.executor.exec.prepared import Place
from gates.executor.exec.task import RESTART, Task

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SOURCE = "exec"
_SOURCE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NOWHERE = "/dev/null"


class Options:
    """The words of one call."""

    def __init__(self) -> None:
        self.home: str | None = None
        self.source = SOURCE
        self.watch: str | None = None
        self.command: list[str] = []


def plain_arguments(words: Sequence[str]) -> Options | None:
    """The options, when every word before the command is well-formed; else argparse has to look."""
    found = Options()
    rest = list(words)
    while rest:
        word, *rest = rest
        name, has_value, value = word.partition("=")
        if word == "--" or not word.startswith("-"):
            found.command = rest if word == "--" else [word, *rest]
            return found if found.command else None
        if name == "--watch":
            watch = value if has_value else RESTART
            if not _is_watch(watch):
                return None
            found.watch = watch
            continue
        if name not in ("--home", "--source") or not (has_value or rest):
            return None
        if not has_value:
            value, *rest = rest
        if not value or (name == "--source" and not _SOURCE_NAME.fullmatch(value)):
            return None
        setattr(found, name[2:], value)
    return None


def configure(parser: "ArgumentParser") -> None:
    """The options of `slotgate exec`."""
    parser.add_argument("--home", help="the home whose controls decide (default: SLOTGATE_HOME)")
    parser.add_argument(
        "--source",
        type=source_name,
        default=SOURCE,
        metavar="NAME",
        help="names the files of the spool (exec)",
    )
    parser.add_argument(
        "--watch",
        type=_watch,
        nargs="?",
        const=RESTART,
        metavar="SIGNAL|restart",
        help="CMD runs on: when the controls change, start it again, or send it this signal",
    )
    parser.add_argument("command", nargs="+", metavar="CMD", help="the command and its arguments, after `--`")


def execute(arguments: "Namespace | Options") -> int:
    """Run the command; returns only when it could not be started."""
    from gates.executor.exec.supervisor import run

    environ = dict(os.environ)
    try:
        cwd = os.getcwd()  # noqa: PTH109  pathlib is a fifth of such a start
    except OSError:  # gone: what is named by an absolute path is still there
        cwd = _NOWHERE
    place = Place(environ, cwd, arguments.home)
    return run(Task(list(arguments.command), arguments.source, arguments.watch), place, environ)


def _is_watch(text: str) -> bool:
    import signal

    return text == RESTART or text in signal.Signals.__members__


def source_name(text: str) -> str:
    """A name for `--source`. Raises `ArgumentTypeError`."""
    from argparse import ArgumentTypeError

    if not _SOURCE_NAME.fullmatch(text):
        raise ArgumentTypeError(
            f"`{text}` is no source name; give letters, digits, `.`, `_`, `-`, at most 64"
        )
    return text


def _watch(text: str) -> str:
    from argparse import ArgumentTypeError

    if not _is_watch(text):
        raise ArgumentTypeError(f"`{text}` is neither `restart` nor a signal such as SIGHUP")
    return text
