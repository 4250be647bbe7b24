"""The demo's executor in another language: a Node script, where there is a Node to run it."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("node_executor.mjs")
OLDEST = 18
"""The first version that brings `fetch`."""
PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class Node:
    """A Node that can run the script; `version` as it says it, such as `v20.20.2`."""

    program: str
    version: str


def node_in(environ: Mapping[str, str]) -> Node | None:
    """The Node on the PATH of `environ`; None where there is none, or none that is new enough or answers."""
    program = shutil.which("node", path=environ.get("PATH", os.defpath))
    if program is None:
        return None
    try:
        said = subprocess.run(  # noqa: S603 - the reader's own Node, no shell
            [program, "--version"], capture_output=True, check=False, timeout=PATIENCE_S
        ).stdout.decode(errors="replace")
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.fullmatch(r"(v([0-9]+)\.[0-9.]+)\n", said)
    return Node(program, found[1]) if found and int(found[2]) >= OLDEST else None


def in_words(node: Node | None) -> str:
    """Which executors run the demo's jobs."""
    if node is None:
        return f"`slotgate run` (with Node {OLDEST} on PATH, also by a Node script under `slotgate exec`)"
    return f"`slotgate run`, and by a Node script ({node.version}) under `slotgate exec`"
