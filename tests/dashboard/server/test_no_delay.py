"""Connections send at once where the socket that accepts them was told to; others are left alone."""

import fcntl
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.server.no_delay import send_at_once


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """As Streamlit makes it: without a protocol."""
    with socket.socket(socket.AF_INET) as one:
        one.bind(("127.0.0.1", 0))
        one.listen()
        yield one


def sends_at_once(listening: socket.socket) -> bool:
    with socket.create_connection(listening.getsockname()), listening.accept()[0] as accepted:
        return bool(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))


def test_it_is_set_for_all_connections_to_come(listening: socket.socket) -> None:
    assert not sends_at_once(listening)
    assert send_at_once(listening.getsockname()[1]) == 1
    assert sends_at_once(listening)
    assert sends_at_once(listening)


def test_what_is_no_socket_is_not_kept_open(listening: socket.socket) -> None:
    reading, writing = os.pipe()
    assert send_at_once(listening.getsockname()[1]) == 1
    os.close(writing)
    assert os.read(reading, 1) == b"", "the pipe has not ended"
    os.close(reading)


def test_locks_on_files_outlive_it(listening: socket.socket, tmp_path: Path) -> None:
    """The lock of a file ends with any descriptor that its process closes: see fcntl(2)."""
    attempt = "import fcntl, sys; fcntl.lockf(open(sys.argv[1], 'r+b'), fcntl.LOCK_EX | fcntl.LOCK_NB)"
    with (tmp_path / "held").open("w+b") as held:
        fcntl.lockf(held, fcntl.LOCK_EX)
        assert send_at_once(listening.getsockname()[1]) == 1
        other = subprocess.run([sys.executable, "-c", attempt, held.name], capture_output=True, check=False)
        assert b"BlockingIOError" in other.stderr


def test_other_sockets_are_left_alone(listening: socket.socket) -> None:
    port = listening.getsockname()[1]
    with socket.create_connection(("127.0.0.1", port)) as connection:
        assert send_at_once(connection.getsockname()[1]) == 0
    assert send_at_once(port + 1) == 0
    assert not sends_at_once(listening)
