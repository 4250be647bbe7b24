"""docs/integrations.md as a reader follows it: section by section, in a shell.

The part before `SERVED` stands alone: each section has a folder of its own. What comes after goes on
from the home that is served there: its sections share that folder, that server and what the shell
knows (variables and functions), and rely on nothing of each other. `sh` blocks are run together, with
`-euo pipefail`. The lines of a `text` block are looked for in what was printed, in order; `…` in them
stands for anything. Ports 8500 to 8599 are replaced by free ones, `slotgate` is forked warm, and its
`serve … &` is started here, with the same words, so that it ends with the tests.
"""

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

from tests.dashboard.server.processes import free_port, started
from tests.warm.commands import environment, on_path

PAGE = Path(__file__).parents[2] / "docs" / "integrations.md"
SERVED = "A home that is served"
PATIENCE_S = 60.0
_BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SERVE = re.compile(r"^slotgate (serve .*?)--port (\d+)( > \S+ 2>&1)? &\n", re.MULTILINE)
_PORT = re.compile(r"\b85\d\d\b")
_STATE = "state.sh"
_KEEP = f"\n{{ declare -f; export -p; }} > {_STATE}"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, its commands in order, and the lines that they print."""

    title: str
    script: str
    printed: tuple[str, ...]


def sections(text: str) -> list[Section]:
    """Those of a page that have commands."""
    found = []
    for part in text.split("\n## ")[1:]:
        blocks = _BLOCK.findall(part)
        printed = "".join(block for kind, block in blocks if kind == "text").splitlines()
        script = "".join(block for kind, block in blocks if kind == "sh")
        if script:
            found.append(Section(part.partition("\n")[0], script, tuple(printed)))
    return found


def missing(section: Section, said: str) -> str | None:
    """The first line of the section that was not printed after those before it."""
    at = 0
    for line in section.printed:
        pattern = ".*?".join(re.escape(piece) for piece in line.split("…"))
        found = re.compile(pattern).search(said, at)
        if found is None:
            return line
        at = found.end()
    return None


def shell(script: str, folder: Path) -> str:
    """What a script prints, run in `folder`; what it leaves running is ended. Fails where it fails."""
    with TemporaryFile() as said:
        process = subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=folder,
            env=environment(PATH=f"{on_path()}:{Path(sys.executable).parent}:{os.environ['PATH']}"),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code: int | str = process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            code = f"no end after {PATIENCE_S:.0f} s"
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        said.seek(0)
        text = said.read().decode()
    assert code == 0, f"{script}\n\nended with {code}:\n{text}"
    return text


def run_alone(section: Section, folder: Path) -> str:
    """A section that needs no server."""
    return shell(section.script, folder)


class Shell:
    """The reader's shell beside the served home."""

    def __init__(self, folder: Path, ports: dict[str, str], said: str) -> None:
        self.folder = folder
        self.said = said
        self._ports = ports

    def run(self, section: Section) -> str:
        """What a section prints."""
        return shell(f". ./{_STATE}\n{_ported(section.script, self._ports)}", self.folder)


@contextmanager
def served(section: Section, folder: Path) -> Iterator[Shell]:
    """Follow the section up to its `slotgate serve … &`, serve with those words, and follow the rest."""
    ports: dict[str, str] = {}
    script = _ported(section.script, ports)
    serve = _SERVE.search(script)
    assert serve is not None, f"`{section.title}` starts no server in the background"
    said = shell(script[: serve.start()] + _KEEP, folder)
    words = shlex.split(serve[1])
    if "--home" not in words:  # it stands in a variable of that shell
        words += ["--home", shell(f". ./{_STATE}\necho $SLOTGATE_HOME", folder).strip()]
    with started(folder, *words, port=int(serve[2])):
        rest = f". ./{_STATE}\n{script[serve.end() :]}{_KEEP}"
        said += shell(rest, folder)
        yield Shell(folder, ports, said)


def _ported(script: str, ports: dict[str, str]) -> str:
    """The script with free ports, each the same wherever `ports` knows it already."""

    def free(found: re.Match[str]) -> str:
        return ports.setdefault(found[0], str(free_port()))

    return _PORT.sub(free, script)
