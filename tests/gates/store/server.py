"""A real PostgreSQL server in a temporary folder, reached by a Unix socket there. Debian's package has it."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from gates.store.store import Store

OWNER = "owner"
# Nothing here outlives the tests: no write has to reach a disk.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "16MB",
    "max_connections": "50",
    "autovacuum": "off",
}


@dataclass
class Server:
    """A running server. Its databases go with it."""

    folder: Path
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    template: str | None = None

    def url(self, database: str, user: str = OWNER) -> str:
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"store{next(self.numbers)}"
        self.run("postgres", f"CREATE DATABASE {name}")
        return self.url(name)

    def new_store(self) -> str:
        """The URL of a new, empty store: a copy, since to make its tables costs three times as much."""
        if self.template is None:
            self.template = "template_of_stores"
            self.run("postgres", f"CREATE DATABASE {self.template}")
            Store.create(self.url(self.template)).close()
        name = f"store{next(self.numbers)}"
        self.run("postgres", f"CREATE DATABASE {name} TEMPLATE {self.template} STRATEGY file_copy")
        return self.url(name)

    def run(self, database: str, *statements: str) -> None:
        """What somebody with the server's shell can do."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())


@contextmanager
def running() -> Iterator[Server]:
    """A server of one's own, gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        # The server refuses to run as root.
        identity: dict[str, Any] = {}
        if os.geteuid() == 0:
            identity = {"user": "postgres", "group": "postgres", "extra_groups": []}
            shutil.chown(folder, "postgres", "postgres")
        with _started(folder, identity):
            yield Server(folder)
    finally:
        shutil.rmtree(folder)


@contextmanager
def _started(folder: Path, identity: dict[str, Any]) -> Iterator[None]:
    programs, data, log = _programs(), folder / "data", folder / "log"
    options = ["-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N", "--no-instructions"]
    subprocess.run(
        [programs / "initdb", "-D", data, *options],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=folder,
        **identity,
    )
    settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
    with log.open("wb") as out:
        # The kernel ends it with us, should we be killed.
        server = subprocess.Popen(
            ["setpriv", "--pdeathsig", "QUIT", programs / "postgres", "-D", data, "-k", folder, *settings],
            stdout=out,
            stderr=out,
            cwd=folder,
            **identity,
        )
    try:
        _await(server, folder, log)
        yield
    finally:
        server.send_signal(signal.SIGQUIT)  # at once: nothing is to be kept
        server.wait(30)


def _programs() -> Path:
    newest = max(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: int(path.parent.parent.name),
        default=None,
    )
    assert newest is not None, "there is no PostgreSQL server; run scripts/bootstrap dev"
    return newest.parent


def _await(server: subprocess.Popen[bytes], folder: Path, log: Path) -> None:
    for _ in range(1200):
        try:
            psycopg.connect(Server(folder).url("postgres")).close()
        except psycopg.OperationalError:
            assert server.poll() is None, log.read_text()
            time.sleep(0.05)
        else:
            return
    raise AssertionError(log.read_text())
