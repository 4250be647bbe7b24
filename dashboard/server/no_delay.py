"""Answers leave at once: no packet waits until the other side has acknowledged the one before.

asyncio sees to that for sockets that say their protocol. Streamlit's listening socket does not, and an answer
is two packets, head and body: on a connection that is kept the second one waited 40 ms, also that of a stop.
Connections take the option from the socket that accepts them, so it is set there, once.
"""

import os
import socket
import stat
from contextlib import suppress
from pathlib import Path

_OPEN = Path("/proc/self/fd")


def send_at_once(port: int) -> int:
    """Set it on every socket of this process that listens at `port`; how many those were.

    Without `/proc` there are none, and answers are as late as before.
    """
    found = 0
    with suppress(OSError):
        for descriptor in _OPEN.iterdir():
            with suppress(OSError):  # closed meanwhile
                found += _set_where_it_listens(int(descriptor.name), port)
    return found


def _set_where_it_listens(descriptor: int, port: int) -> bool:
    """Raises `OSError` for what is not open."""
    # A copy of a file's descriptor does harm either way: closing it ends the locks that this process has on
    # the file, DuckDB's as well, and a pipe of which it stays open never ends.
    if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
        return False
    with socket.socket(fileno=os.dup(descriptor)) as one:
        if one.family not in (socket.AF_INET, socket.AF_INET6) or one.type is not socket.SOCK_STREAM:
            return False
        if not one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) or one.getsockname()[1] != port:
            return False
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return True
