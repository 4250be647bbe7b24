"""The demo's Node executor: which Node will do, and what its runs leave in the home."""

import os
import shutil
from pathlib import Path

import pytest

from dashboard.demo.executors import Executors
from dashboard.demo.jobs import Jobs
from dashboard.demo.node import Node, node_in
from dashboard.demo.notice import notice
from dashboard.demo.openai_stub import StubServer
from dashboard.demo.rehearsal import WORKERS
from dashboard.demo.story import Trouble
from gates.home import Home
from tests.gates.executor.builders import controls, home_with
from tests.gates.executor.exec.commands import runs, spooled, until

NODE = len(WORKERS)


@pytest.mark.parametrize(
    ("script", "version"),
    [
        ("echo v20.20.2", "v20.20.2"),
        ("echo v18.0.0", "v18.0.0"),
        ("echo v16.20.2", None),
        ("echo Usage: node; exit 1", None),
        ("printf 'v20.1.0 \\033[2J\\n'", None),
        ("exit 0", None),
        ("printf '\\377\\n'", None),
    ],
)
def test_only_a_node_that_brings_fetch(tmp_path: Path, script: str, version: str | None) -> None:
    program = tmp_path / "node"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    found = node_in({"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert found == (None if version is None else Node(str(program), version))
    assert ("Node 18 on PATH" if found is None else f"Node script ({version})") in notice(found)


def test_no_node_on_the_path_and_one_that_cannot_run(tmp_path: Path) -> None:
    assert node_in({"PATH": str(tmp_path)}) is None
    (tmp_path / "node").write_bytes(b"\x7fELF is no program")
    (tmp_path / "node").chmod(0o755)
    assert node_in({"PATH": str(tmp_path)}) is None


def test_its_jobs_run_under_exec_in_its_place(tmp_path: Path) -> None:
    home, said = Home(home_with(tmp_path / "home", controls(kill=True))), list[str]()
    home.spool.mkdir()
    node = node_in(os.environ)
    assert node is not None, f"`node` is not on PATH, or too old: {shutil.which('node')}"
    spec = Jobs("test").spec(0)
    with StubServer() as server:
        executors = Executors(home, os.environ, server.base_url, node, said.append)
        assert executors.places == NODE + 1
        executors.run(spec, NODE, Trouble.NONE)
        until(lambda: (home.root / "runs").exists() and bool(runs(home.root)))
        home.control_file.unlink()
        executors.run(spec, NODE, Trouble.NONE)
        until(lambda: len(runs(home.root)) == 2)
        executors.stop()
    first, second = runs(home.root)
    assert (first["source"], first["result"]["state"], first["result"]["status"]) == ("node", "valid", "STUB")
    assert (first["revision"], second["revision"]) == (7, None)
    assert spooled(home.root).count(b'"errorCode":"KILL_SWITCH"') == 2
    assert server.received == []
    [words] = said
    assert words.startswith("slotgate exec: ")


def test_without_node_there_is_no_place_for_it(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.spool.mkdir()
    executors = Executors(home, os.environ, "http://127.0.0.1:9", None, print)
    assert executors.places == NODE
    executors.stop()
